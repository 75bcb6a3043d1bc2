// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// What can be interpolated: bytes and floats.
    template <class T>
    concept pixel = std::same_as<T, std::uint8_t> || std::floating_point<T>;

    namespace detail
    {
        // Along one axis: value i is the sum of weights[i * most + k] times what lies at first[i] + k, k < count[i].
        template <class Weight>
        struct taps
        {
            std::size_t most = 0;
            std::vector<std::size_t> first, count;
            std::vector<Weight> weights;
        };

        // PIL has 22 bits behind the point for bytes, and so have we, to the bit; floats have floats.
        template <class T>
        using tap_weight = std::conditional_t<std::integral<T>, std::int32_t, float>;

        // A triangle as wide as a pixel of the smaller picture: Pillow's precompute_coeffs.
        template <class T>
        taps<tap_weight<T>> triangles(std::size_t from, std::size_t to)
        {
            const double scale = static_cast<double>(from) / static_cast<double>(to), width = std::max(scale, 1.);
            taps<tap_weight<T>> result;
            result.most = static_cast<std::size_t>(std::ceil(width)) * 2 + 1;
            result.first.resize(to);
            result.count.resize(to);
            result.weights.resize(to * result.most);
            std::vector<double> exact(result.most);
            for (std::size_t i = 0; i < to; ++i)
            {
                const double centre = (static_cast<double>(i) + 0.5) * scale;
                const auto begin = static_cast<std::size_t>(std::max(centre - width + 0.5, 0.));
                const auto end = std::min(static_cast<std::size_t>(centre + width + 0.5), from);
                double sum = 0;
                for (std::size_t k = begin; k < end; ++k)
                    sum += exact[k - begin] = std::max(0., 1 - std::abs((static_cast<double>(k) - centre + 0.5) / width));
                for (std::size_t k = begin; k < end; ++k)
                {
                    const double weight = sum != 0 ? exact[k - begin] / sum : 0;
                    if constexpr (std::integral<T>)
                        result.weights[i * result.most + k - begin] = static_cast<std::int32_t>(0.5 + weight * (1 << 22));
                    else
                        result.weights[i * result.most + k - begin] = static_cast<float>(weight);
                }
                result.first[i] = begin;
                result.count[i] = end - begin;
            }
            return result;
        }

        template <class T, class Sum>
        T finished(Sum sum)
        {
            if constexpr (std::integral<T>)
                return static_cast<T>(std::clamp(sum >> 22, 0, 255));
            else
                return sum;
        }
        template <class T>
        inline constexpr tap_weight<T> half = std::integral<T> ? tap_weight<T>(1 << 21) : tap_weight<T>(0);

        template <class T>
        void resize_rows(io::image<T>& picture, std::size_t width)
        {
            const auto along = triangles<T>(picture.width(), width);
            const std::size_t rows = picture.channels() * picture.height(), old_width = picture.width();
            picture.replace(picture.channels(), picture.height(), width,
                            [&](const T* old, T* fresh)
                            {
                                for (std::size_t row = 0; row < rows; ++row, old += old_width, fresh += width)
                                    for (std::size_t x = 0; x < width; ++x)
                                    {
                                        auto sum = half<T>;
                                        const T* from = old + along.first[x];
                                        const auto* weight = along.weights.data() + x * along.most;
                                        for (std::size_t k = 0; k < along.count[x]; ++k)
                                            sum += weight[k] * from[k];
                                        fresh[x] = finished<T>(sum);
                                    }
                            });
        }

        template <class T>
        void resize_columns(io::image<T>& picture, std::size_t height)
        {
            const auto along = triangles<T>(picture.height(), height);
            const std::size_t channels = picture.channels(), old_height = picture.height(), width = picture.width();
            std::vector<tap_weight<T>> sum(width);
            picture.replace(channels, height, width,
                            [&](const T* old, T* fresh)
                            {
                                for (std::size_t c = 0; c < channels; ++c, old += old_height * width)
                                    for (std::size_t y = 0; y < height; ++y, fresh += width)
                                    {
                                        std::ranges::fill(sum, half<T>);
                                        for (std::size_t k = 0; k < along.count[y]; ++k)
                                        {
                                            const auto weight = along.weights[y * along.most + k];
                                            const T* from = old + (along.first[y] + k) * width;
                                            for (std::size_t x = 0; x < width; ++x)
                                                sum[x] += weight * from[x];
                                        }
                                        for (std::size_t x = 0; x < width; ++x)
                                            fresh[x] = finished<T>(sum[x]);
                                    }
                            });
        }

        template <class T>
        void require_pixels(const io::image<T>& picture, std::size_t height, std::size_t width)
        {
            if (picture.size() == 0 || height == 0 || width == 0)
                throw shape_error("resize: " + picture.shape_text() + " cannot become " + std::to_string(height) + "x" +
                                  std::to_string(width));
        }
    }

    /// Resizes by bilinear interpolation between the four nearest pixels, half-pixel centres: PyTorch's
    /// interpolate(mode="bilinear", align_corners=False). Bytes are rounded. What shrinks by more than half loses pixels:
    /// resize_antialiased does not.
    template <pixel T>
    void resize(io::image<T>& picture, std::size_t height, std::size_t width)
    {
        detail::require_pixels(picture, height, width);
        struct place
        {
            std::size_t low, high;
            float share; // of the higher one
        };
        const auto places = [](std::size_t from, std::size_t to)
        {
            std::vector<place> result(to);
            const double scale = static_cast<double>(from) / static_cast<double>(to);
            for (std::size_t i = 0; i < to; ++i)
            {
                const double at = std::max((static_cast<double>(i) + 0.5) * scale - 0.5, 0.);
                const std::size_t low = std::min(static_cast<std::size_t>(at), from - 1);
                result[i] = {low, std::min(low + 1, from - 1), static_cast<float>(at - static_cast<double>(low))};
            }
            return result;
        };
        const auto down = places(picture.height(), height), across = places(picture.width(), width);
        const std::size_t channels = picture.channels(), old_height = picture.height(), old_width = picture.width();
        picture.replace(channels, height, width,
                        [&](const T* old, T* fresh)
                        {
                            for (std::size_t c = 0; c < channels; ++c, old += old_height * old_width)
                                for (const place& y : down)
                                {
                                    const T *above = old + y.low * old_width, *below = old + y.high * old_width;
                                    for (const place& x : across)
                                    {
                                        const float upper = above[x.low] * (1 - x.share) + above[x.high] * x.share;
                                        const float lower = below[x.low] * (1 - x.share) + below[x.high] * x.share;
                                        const float value = upper * (1 - y.share) + lower * y.share;
                                        if constexpr (std::integral<T>)
                                            *fresh++ = static_cast<T>(value + 0.5f);
                                        else
                                            *fresh++ = value;
                                    }
                                }
                        });
    }

    /// Resizes with a triangle filter as wide as the smaller picture's pixels: PIL's resize(.., Image.BILINEAR), for bytes to
    /// the bit, and PyTorch's interpolate(.., antialias=True) for floats.
    template <pixel T>
    void resize_antialiased(io::image<T>& picture, std::size_t height, std::size_t width)
    {
        detail::require_pixels(picture, height, width);
        if (width != picture.width())
            detail::resize_rows(picture, width);
        if (height != picture.height())
            detail::resize_columns(picture, height);
    }

    /// Resizes, antialiased, so that the shorter side becomes `side`: torchvision's Resize(side).
    template <pixel T>
    void resize_shorter(io::image<T>& picture, std::size_t side)
    {
        detail::require_pixels(picture, side, side);
        const std::size_t shorter = std::min(picture.height(), picture.width());
        const std::size_t longer = side * std::max(picture.height(), picture.width()) / shorter;
        picture.height() < picture.width() ? resize_antialiased(picture, side, longer)
                                           : resize_antialiased(picture, longer, side);
    }
}
