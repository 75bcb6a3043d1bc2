// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>
#include <xgrad/kernel/winograd_transforms.hpp>
#include <xgrad/kernel/workers.hpp>

// Convolutions with 3x3 taps and strides of 1 by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2015): 16
// outputs from 36 products where the sum takes 144. An image goes through tiles of 6x6 inputs that overlap by 2; in the
// transformed domain all tiles times all weights are 36 products of matrices. Channels are the lanes of every step, so the
// image is turned channel-last on the way in and back on the way out. Its rounding error is some 10 times that of the
// sums: at most 2e-5 of the largest output for 256 channels of random numbers (a test holds it to that).
// Transformed weights are four times the weights: where they are many and tiles are few, reading them takes longer than the
// products. F(2x2, 3x3), 4 outputs from 16 products, has less than half of them: 256 channels of 14x14 take 0.87 ms in
// place of 1.10 with weights from memory, and 0.79 in place of 0.74 with weights from a cache; 512 of 7x7 1.8 for 2.7.
namespace xgrad::inline XGRAD_ABI::kernel
{
    namespace detail
    {
        /// Of the products [tiles, in] times [in, out] of all points those from `first` to `last`.
        template <class T, class Arch>
        [[gnu::noinline]] void winograd_products(const winograd_extents& at, const T* inputs, const T* weights, T* to,
                                                 std::ptrdiff_t first, std::ptrdiff_t last)
        {
            inputs += first * at.inputs_step();
            weights += first * at.weights_step();
            to += first * at.outputs_step();
            using set = tiles<T, Arch>;
            constexpr std::ptrdiff_t width = set::width;
            const std::ptrdiff_t m = at.tiles(), n = at.out_channels, k = at.in_channels;
            // 28x28 outputs by 4 and 14x14 by 2 are 49 tiles: seven times seven, else half a tile of rows is for one of them (14 %)
            const bool sevens = set::rows == 8 && m % 7 == 0 && m % 8 == 1;
            const std::ptrdiff_t most = sevens ? 7 : set::rows;
            tile_task<T> task;
            task.add = false;
            task.k = k;
            task.bytes_a = sizeof(T);
            for (std::ptrdiff_t point = first; point < last;
                 ++point, inputs += at.inputs_step(), weights += at.weights_step(), to += at.outputs_step())
            {
                int vectors;
                for (std::ptrdiff_t j = 0; j < n; j += vectors * width)
                {
                    vectors = set::panel((n - j) / width);
                    task.last = (vectors - 1) * width;
                    task.b = weights + j * k; // a panel of registers side by side, as long as the channels
                    task.bytes_b = vectors * width * std::ptrdiff_t(sizeof(T));
                    for (std::ptrdiff_t i = 0; i < m; i += task.rows)
                    {
                        const std::ptrdiff_t height = sevens ? 7 : set::height(m - i);
                        task.set_rows(std::min(height, m - i), k, n);
                        task.a = inputs + i * k;
                        task.c = to + i * n + j;
                        task.bring_right(task.b + vectors * width * k, task.bytes_b, i / most, (m + most - 1) / most);
                        if (!sevens)
                            set::of(height, vectors)(task);
                        else if (vectors == 3)
                            multiply_tile<T, Arch, 7, 3>(task);
                        else
                            multiply_tile<T, Arch, 7, 2>(task);
                    }
                }
            }
        }
    }

    /// The weights of `winograd_convolution` from those of the convolution, [out, in, 3, 3]: a matrix [in, out] for every
    /// point, in panels of columns as wide as the tiles of the product.
    template <class T, class Arch = default_arch>
    void winograd_weights(const convolution_extents& e, const winograd_extents& at, const T* w, T* to)
    {
        using batch = xsimd::batch<T, Arch>;
        using set = detail::tiles<T, Arch>;
        constexpr std::ptrdiff_t width = set::width;
        const std::ptrdiff_t slab = at.weights_step();
        constexpr std::ptrdiff_t chunk = 16; // input channels that are turned at a time
        T turned[chunk * 9 * width];
        int vectors;
        for (std::ptrdiff_t first = 0; first < at.out_channels; first += vectors * width)
        {
            vectors = set::panel((at.out_channels - first) / width);
            for (std::ptrdiff_t o = first; o < first + vectors * width; o += width)
                for (std::ptrdiff_t begin = 0; begin < at.in_channels; begin += chunk)
                {
                    const std::ptrdiff_t lanes = std::clamp<std::ptrdiff_t>(e.out_channels - o, 0, width);
                    const std::ptrdiff_t count = std::clamp<std::ptrdiff_t>(e.in_channels - begin, 0, chunk);
                    if (lanes < width || count < chunk)
                        std::fill_n(turned, chunk * 9 * width, T(0));
                    detail::transpose<T, Arch>(w + (o * e.in_channels + begin) * 9, e.in_channels * 9, count * 9, lanes, turned,
                                               width);
                    for (std::ptrdiff_t c = begin; c < std::min(begin + chunk, at.in_channels); ++c)
                    {
                        const T* const taps = turned + (c - begin) * 9 * width;
                        T* const at_c = to + first * at.in_channels + c * vectors * width + o - first;
                        if (at.tile == 4)
                            detail::winograd_taps<4, batch>(taps, at_c, slab);
                        else
                            detail::winograd_taps<2, batch>(taps, at_c, slab);
                    }
                }
        }
    }

    template <class T, class Arch = default_arch>
    void winograd_weights(const convolution_extents& e, const T* w, T* to)
    {
        winograd_weights<T, Arch>(e, winograd_extents(e), w, to);
    }

    /// Elements of workspace that `winograd_convolution` needs.
    constexpr std::ptrdiff_t winograd_workspace(const convolution_extents& e)
    {
        const winograd_extents at(e);
        return std::max(at.image_size(), at.rows_size()) + at.inputs_size() + at.outputs_size();
    }

    /// y = x * w, given winograd_weights of w, where winograd_extents::pays. done(first, last) is called when outputs are
    /// final. Threads, if there are any, share the products.
    template <class T, class Arch = default_arch>
    void winograd_convolution(const convolution_extents& e, const T* x, const T* weights, T* y, T* workspace, auto&& done,
                              [[maybe_unused]] const workers* threads = nullptr)
    {
        const winograd_extents at(e);
        const auto& [d, h, v] = e.axis;
        const std::ptrdiff_t out_size = e.out_size(), row = (at.tiles_v * at.tile + 2) * at.in_channels;
        T* const image = workspace;
        T* const inputs = workspace + std::max(at.image_size(), at.rows_size());
        T* const products = inputs + at.inputs_size();
        for (std::ptrdiff_t n = 0; n < e.batch; ++n, x += e.in_channels * e.in_size())
        {
            std::fill_n(image, at.image_size(), T(0));
            const std::ptrdiff_t seen = std::min(v.in, at.tiles_v * at.tile + 2 - v.padding);
            for (std::ptrdiff_t ih = 0; ih < std::min(h.in, at.tiles_h * at.tile + 2 - h.padding); ++ih)
                detail::transpose<T, Arch>(x + ih * v.in, h.in * v.in, seen, e.in_channels,
                                           image + (ih + h.padding) * row + v.padding * at.in_channels, at.in_channels);
            at.tile == 4 ? detail::winograd_inputs<T, Arch, 4>(at, image, inputs)
                         : detail::winograd_inputs<T, Arch, 2>(at, image, inputs);
            const auto multiply = [&](int, std::ptrdiff_t from, std::ptrdiff_t to)
            { detail::winograd_products<T, Arch>(at, inputs, weights, products, from, to); };
            if (with_threads && threads && threads->count > 1)
                threads->split(at.points(), threads->parts(at.points(), 2), 1, multiply);
            else
                multiply(0, 0, at.points());
            const std::ptrdiff_t first = n * e.out_channels * out_size;
            const bool small = e.out_channels * out_size * std::ptrdiff_t(sizeof(T)) <= 1 << 18;
            for (std::ptrdiff_t tile = 0; tile < at.tiles_h; ++tile)
            {
                const T* const row_of_tiles = products + tile * at.tiles_v * at.out_channels;
                at.tile == 4 ? detail::winograd_outputs<T, Arch, 4>(at, row_of_tiles, image)
                             : detail::winograd_outputs<T, Arch, 2>(at, row_of_tiles, image);
                const std::ptrdiff_t rows = std::min(at.tile, h.out - tile * at.tile);
                // four channels at a time: rows of all channels may share one cache set
                for (std::ptrdiff_t o = 0; o < e.out_channels; o += 4)
                    for (std::ptrdiff_t i = 0; i < rows; ++i)
                        detail::transpose<T, Arch>(image + i * at.tiles_v * at.tile * at.out_channels + o, at.out_channels,
                                                   std::min<std::ptrdiff_t>(4, e.out_channels - o), v.out,
                                                   y + first + o * out_size + (tile * at.tile + i) * v.out, out_size);
                for (std::ptrdiff_t o = 0; o < e.out_channels && !small; ++o)
                    done(first + o * out_size + tile * at.tile * v.out, first + o * out_size + (tile * at.tile + rows) * v.out);
            }
            if (small)
                done(first, first + e.out_channels * out_size);
        }
    }
}
