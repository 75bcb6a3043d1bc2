// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Turns a picture into a network's numbers: (x - mean) / deviation, for each channel, of x from 0 to 1 (bytes are divided
    /// by 255 first). Without arguments only that division. As a loader's stage it is the last.
    class normalise
    {
    public:
        /// x itself, from 0 to 1.
        normalise() = default;

        /// One mean and one standard deviation for each channel, or one for all.
        normalise(std::vector<float> mean, std::vector<float> deviation)
            : mean_{std::move(mean)}, deviation_{std::move(deviation)}
        {
            if (mean_.size() != deviation_.size() || mean_.empty())
                throw shape_error("normalise: there are " + std::to_string(mean_.size()) + " means, but " +
                                  std::to_string(deviation_.size()) + " deviations");
        }

        /// Those of ImageNet, which torchvision's models want.
        static normalise imagenet() { return {{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}}; }

        /// Into memory of the picture's size: planes, red first.
        template <class T, std::floating_point To>
        void operator()(const io::image<T>& picture, std::span<To> to) const
        {
            if (to.size() != picture.size() || (mean_.size() > 1 && mean_.size() != picture.channels()))
                throw shape_error("normalise: a picture of " + picture.shape_text() + " does not fit " +
                                  (to.size() != picture.size() ? std::to_string(to.size()) + " numbers"
                                                               : std::to_string(mean_.size()) + " means"));
            const std::size_t plane = picture.height() * picture.width();
            for (std::size_t c = 0; c < picture.channels(); ++c)
            {
                const std::size_t which = mean_.size() > 1 ? c : 0;
                const To mean = mean_.empty() ? 0 : mean_[which], deviation = deviation_.empty() ? 1 : deviation_[which];
                const To scale = 1 / ((std::integral<T> ? To(255) : To(1)) * deviation), shift = -mean / deviation;
                const T* from = picture.row(c, 0);
                for (std::size_t i = 0; i < plane; ++i)
                    to[c * plane + i] = static_cast<To>(from[i]) * scale + shift;
            }
        }

        /// As a stage of a loader.
        template <class T, class Random, std::floating_point To>
        void operator()(const io::image<T>& picture, Random&, std::span<To> to) const
        {
            (*this)(picture, to);
        }

        /// Into a picture of its own.
        template <class T>
        io::image<float> operator()(const io::image<T>& picture) const
        {
            io::image<float> result(picture.channels(), picture.height(), picture.width());
            (*this)(picture, result.values());
            return result;
        }

    private:
        std::vector<float> mean_, deviation_;
    };
}
