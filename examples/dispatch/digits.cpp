// SPDX-License-Identifier: BSD-3-Clause
// Compiled once per architecture.
#include "digits.hpp"

#include <xgrad/kernel/dispatch.hpp>
#include <xgrad/xgrad.hpp>

namespace
{
    struct classifier
    {
        xg::linear<784, 32> hidden;
        xg::linear<32, 10> output;
        constexpr auto operator()(auto image) const { return argmax(output(relu(hidden(image)))); }
    };

    class compiled final : public digits
    {
    public:
        explicit compiled(std::uint64_t seed)
            : net_(xg::network<classifier>(seed)), predict_(xg::prediction<xg::input<float, 784>>(net_)) {}
        int operator()(std::span<const float, 784> image) override { return predict_(image)(); }
        std::string architecture() const override { return std::string(xg::architecture_name<xg::this_architecture>()); }

    private:
        decltype(xg::network<classifier>()) net_;
        decltype(xg::prediction<xg::input<float, 784>>(net_)) predict_;
    };
}

template <>
std::unique_ptr<digits> make_digits::operator()(xg::this_architecture, std::uint64_t seed) const
{
    return std::make_unique<compiled>(seed);
}
