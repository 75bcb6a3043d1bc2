// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/error.hpp>

#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// A picture as networks want it: planes of rows, [channels, height, width], red first. It keeps the memory of larger
    /// pictures that it was before, so whoever changes one picture after another in the same object allocates nothing.
    template <class T>
    class image
    {
    public:
        using value_type = T;

        /// No pixels.
        image() = default;

        /// Zeros.
        image(std::size_t channels, std::size_t height, std::size_t width) { become(channels, height, width); }

        /// A copy of an xtensor of rank 3, [channels, height, width].
        template <class Tensor>
            requires requires(const Tensor& from) {
                from.dimension();
                from.shape();
            }
        explicit image(const Tensor& from)
        {
            if (from.dimension() != 3)
                throw shape_error("image: the tensor must be [channels, height, width], but has " +
                                  std::to_string(from.dimension()) + " axes");
            become(from.shape()[0], from.shape()[1], from.shape()[2]);
            std::copy(from.template begin<xt::layout_type::row_major>(), from.template end<xt::layout_type::row_major>(),
                      values_.begin());
        }

        std::size_t channels() const { return channels_; }
        std::size_t height() const { return height_; }
        std::size_t width() const { return width_; }
        /// The number of values: channels x height x width.
        std::size_t size() const { return values_.size(); }

        T* data() { return values_.data(); }
        const T* data() const { return values_.data(); }
        std::span<T> values() { return values_; }
        std::span<const T> values() const { return values_; }

        /// The start of a row.
        T* row(std::size_t channel, std::size_t y) { return data() + (channel * height_ + y) * width_; }
        const T* row(std::size_t channel, std::size_t y) const { return data() + (channel * height_ + y) * width_; }

        T& operator()(std::size_t channel, std::size_t y, std::size_t x) { return row(channel, y)[x]; }
        const T& operator()(std::size_t channel, std::size_t y, std::size_t x) const { return row(channel, y)[x]; }

        /// The pixels as an xtensor adaptor; nothing is copied.
        auto tensor() { return xt::adapt(data(), size(), xt::no_ownership(), std::array{channels_, height_, width_}); }
        auto tensor() const { return xt::adapt(data(), size(), xt::no_ownership(), std::array{channels_, height_, width_}); }

        /// The pixels as a batch of one, [1, channels, height, width].
        auto batch() const
        {
            return xt::adapt(data(), size(), xt::no_ownership(), std::array{std::size_t{1}, channels_, height_, width_});
        }

        /// "3x224x224".
        std::string shape_text() const
        {
            return std::to_string(channels_) + "x" + std::to_string(height_) + "x" + std::to_string(width_);
        }

        /// Takes another shape; what the pixels are then is unspecified.
        void become(std::size_t channels, std::size_t height, std::size_t width)
        {
            values_.resize(channels * height * width);
            channels_ = channels;
            height_ = height;
            width_ = width;
        }

        /// Takes another shape, computed from what it was: `fill(old, fresh)` gets the pixels before and those to write.
        template <class Fill>
        void replace(std::size_t channels, std::size_t height, std::size_t width, Fill fill)
        {
            spare_.resize(channels * height * width);
            fill(std::as_const(values_).data(), spare_.data());
            values_.swap(spare_);
            channels_ = channels;
            height_ = height;
            width_ = width;
        }

    private:
        std::vector<T> values_, spare_;
        std::size_t channels_ = 0, height_ = 0, width_ = 0;
    };

    /// How a picture is read.
    struct image_options
    {
        /// 3 for red, green and blue, or 1 for grey, 0.299 R + 0.587 G + 0.114 B. Transparency is dropped.
        std::size_t channels = 3;
        /// The most pixels a picture may claim to have, before memory is taken for them.
        std::uint64_t largest = std::uint64_t{1} << 26;
        /// Whether a JPEG that notes how the camera was held is turned accordingly, as viewers and PIL's exif_transpose do.
        bool upright = true;
    };

    namespace detail
    {
        using byte_image = image<std::uint8_t>;

        // Refuses before memory is taken, then takes it.
        inline void begin_image(byte_image& to, std::uint64_t width, std::uint64_t height, const image_options& options,
                                const std::string& who)
        {
            if (options.channels != 1 && options.channels != 3)
                throw shape_error("read_image: a picture has 1 or 3 channels, not " + std::to_string(options.channels));
            if (width == 0 || height == 0)
                throw file_error(who + "has no pixels");
            if (width > options.largest / height)
                throw file_error(who + "claims " + std::to_string(width) + " x " + std::to_string(height) +
                                 " pixels, more than the allowed " + std::to_string(options.largest) +
                                 " of image_options::largest");
            to.become(options.channels, static_cast<std::size_t>(height), static_cast<std::size_t>(width));
        }

        // A row of interleaved red, green and blue into planes, or into grey with PIL's integers.
        inline void put_row(byte_image& to, std::size_t y, const std::uint8_t* from)
        {
            const std::size_t width = to.width();
            if (to.channels() == 1)
            {
                std::uint8_t* grey = to.row(0, y);
                for (std::size_t x = 0; x < width; ++x)
                    grey[x] = static_cast<std::uint8_t>(
                        (from[3 * x] * 19595u + from[3 * x + 1] * 38470u + from[3 * x + 2] * 7471u + 0x8000u) >> 16);
                return;
            }
            std::uint8_t *red = to.row(0, y), *green = to.row(1, y), *blue = to.row(2, y);
            for (std::size_t x = 0; x < width; ++x)
            {
                red[x] = from[3 * x];
                green[x] = from[3 * x + 1];
                blue[x] = from[3 * x + 2];
            }
        }

        // Planes into a row of interleaved values.
        inline void get_row(const byte_image& from, std::size_t y, std::uint8_t* to)
        {
            for (std::size_t c = 0; c < from.channels(); ++c)
                for (std::size_t x = 0; x < from.width(); ++x)
                    to[x * from.channels() + c] = from(c, y, x);
        }
    }
}
