// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/network.hpp>

#include <xtensor/xtensor.hpp>

#include <cmath>
#include <cstdint>
#include <string>

/// The weights that reference/make_models.py gives PyTorch, made from the tensors' names.
namespace weights
{
    /// Numbers in [-1, 1) from a hash of the name and the place.
    class numbers
    {
    public:
        explicit numbers(const std::string& name)
        {
            for (const unsigned char byte : name)
                seed_ = (seed_ ^ byte) * 16777619u;
        }
        float operator()(std::uint32_t place) const
        {
            std::uint32_t x = (place + seed_) * 2654435761u;
            x = (x ^ x >> 15) * 2246822519u;
            x = (x ^ x >> 13) * 3266489917u;
            return static_cast<float>((x >> 8) / 8388608.0 - 1);
        }

    private:
        std::uint32_t seed_ = 2166136261u;
    };

    inline void fill(auto& net)
    {
        for (const auto& tensor : net.spans())
        {
            const numbers of(tensor.name);
            const auto& s = tensor.extents;
            const auto inputs = static_cast<double>(s.size()) / s[0];
            const bool matrix = s.rank > 1;
            const bool around_one = tensor.name.ends_with("running_var") || tensor.name.ends_with("weight");
            const auto scale = static_cast<float>(matrix ? std::sqrt(6 / inputs) : around_one ? 0.2 : 0.1);
            auto* const to = reinterpret_cast<decltype(net.data())>(tensor.data);
            for (std::ptrdiff_t i = 0; i < s.size(); ++i)
            {
                const float x = scale * of(static_cast<std::uint32_t>(i));
                to[i] = around_one && !matrix ? 1 + x : x;
            }
        }
    }

    inline xt::xtensor<float, 4> images()
    {
        xt::xtensor<float, 4> result({2, 3, 64, 64});
        const numbers of("images");
        for (std::uint32_t i = 0; i < result.size(); ++i)
            result.data()[i] = of(i);
        return result;
    }
}
