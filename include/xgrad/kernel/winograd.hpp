// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_blocks.hpp>
#include <xgrad/kernel/gemm_tile.hpp>
#include <xgrad/kernel/window.hpp>
#include <xgrad/kernel/workers.hpp>

// Convolutions with 3x3 taps and strides of 1 by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2015): 16
// outputs from 36 products where the sum takes 144. An image goes through tiles of 6x6 inputs that overlap by 2; in the
// transformed domain all tiles times all weights are 36 products of matrices. Channels are the lanes of every step, so the
// image is turned channel-last on the way in and back on the way out. Its rounding error is some 10 times that of the
// sums: at most 2e-5 of the largest output for 256 channels of random numbers (a test holds it to that).
namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The places of a convolution's tiles and matrices.
    struct winograd_extents
    {
        static constexpr std::ptrdiff_t tile = 4, points = 36;
        std::ptrdiff_t in_channels, out_channels, tiles_h, tiles_v;

        /// Channels are padded with zeros to whole lines.
        constexpr explicit winograd_extents(const convolution_extents& e)
            : in_channels(padded(e.in_channels)), out_channels(padded(e.out_channels)),
              tiles_h((e.axis[1].out + tile - 1) / tile), tiles_v((e.axis[2].out + tile - 1) / tile)
        {
        }
        static constexpr std::ptrdiff_t padded(std::ptrdiff_t channels) { return (channels + 15) / 16 * 16; }

        constexpr std::ptrdiff_t tiles() const { return tiles_h * tiles_v; }
        /// From the matrix of one point to the next: a line more than it takes, for what is written to all 36 at a time must
        /// not share one cache set.
        static constexpr std::ptrdiff_t step(std::ptrdiff_t size) { return size + 16; }
        constexpr std::ptrdiff_t weights_step() const { return step(in_channels * out_channels); }
        constexpr std::ptrdiff_t inputs_step() const { return step(tiles() * in_channels); }
        constexpr std::ptrdiff_t outputs_step() const { return step(tiles() * out_channels); }
        constexpr std::ptrdiff_t weights_size() const { return points * weights_step(); }
        constexpr std::ptrdiff_t image_size() const { return (tiles_h * tile + 2) * (tiles_v * tile + 2) * in_channels; }
        constexpr std::ptrdiff_t inputs_size() const { return points * inputs_step(); }
        constexpr std::ptrdiff_t outputs_size() const { return points * outputs_step(); }
        constexpr std::ptrdiff_t rows_size() const { return tile * tiles_v * tile * out_channels; }

        /// Whether a convolution can be computed this way, and it is the faster one given transformed weights.
        static constexpr bool serves(const convolution_extents& e)
        {
            for (int k = 1; k < 3; ++k)
            {
                const window_axis& a = e.axis[static_cast<std::size_t>(k)];
                if (a.taps != 3 || a.stride != 1 || a.dilation != 1 || a.out < 6)
                    return false;
            }
            return e.axis[0].is_plain() && e.groups == 1 && e.in_channels >= 32 && e.out_channels >= 32;
        }
        /// Whether it still is if weights are transformed in every run, which takes as long as a few hundred outputs.
        static constexpr bool pays(const convolution_extents& e)
        {
            return serves(e) && e.batch * e.axis[1].out * e.axis[2].out >= 144 && e.in_channels * e.out_channels <= 1 << 17;
        }
    };

    namespace detail
    {
        /// to[i * step] = B^T from, for one row or column of a tile of inputs.
        template <class V>
        void winograd_input(const V* x, std::ptrdiff_t step, V* to)
        {
            const V a = x[4 * step] - 4 * x[2 * step], b = x[3 * step] - 4 * x[step];
            const V c = x[4 * step] - x[2 * step], d = 2 * (x[3 * step] - x[step]);
            to[0] = 4 * (x[0] - x[2 * step]) - x[2 * step] + x[4 * step];
            to[step] = a + b;
            to[2 * step] = a - b;
            to[3 * step] = c + d;
            to[4 * step] = c - d;
            to[5 * step] = 4 * (x[step] - x[3 * step]) - x[3 * step] + x[5 * step];
        }
        /// to = A^T from: 6 points to 4 outputs.
        template <class V>
        void winograd_output(const V* x, std::ptrdiff_t step, V* to, std::ptrdiff_t step_to)
        {
            const V a = x[step] + x[2 * step], b = x[step] - x[2 * step];
            const V c = x[3 * step] + x[4 * step], d = x[3 * step] - x[4 * step];
            to[0] = x[0] + a + c;
            to[step_to] = b + 2 * d;
            to[2 * step_to] = a + 4 * c;
            to[3 * step_to] = b + 8 * d + x[5 * step];
        }
        /// to = G from: 3 weights to 6 points.
        template <class V>
        void winograd_weight(const V& x, const V& y, const V& z, V* to, std::ptrdiff_t step)
        {
            const V a = (x + z) / V(-6), b = y / V(6), c = x / V(24) + z / V(6), d = y / V(12);
            to[0] = x / V(4);
            to[step] = a - b;
            to[2 * step] = a + b;
            to[3 * step] = c + d;
            to[4 * step] = c - d;
            to[5 * step] = z;
        }

        template <class T, class Arch>
        [[gnu::noinline]] void winograd_inputs(const winograd_extents& at, const T* image, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            const std::ptrdiff_t c_count = at.in_channels, row = (at.tiles_v * 4 + 2) * c_count;
            const std::ptrdiff_t slab = at.inputs_step();
            for (std::ptrdiff_t h = 0; h < at.tiles_h; ++h)
                for (std::ptrdiff_t v = 0; v < at.tiles_v; ++v, to += c_count)
                    for (std::ptrdiff_t c = 0; c < c_count; c += batch::size)
                    {
                        const T* const from = image + h * 4 * row + v * 4 * c_count + c;
                        batch x[36], y[36];
#pragma GCC unroll 6
                        for (std::ptrdiff_t j = 0; j < 6; ++j)
                        {
#pragma GCC unroll 6
                            for (std::ptrdiff_t i = 0; i < 6; ++i)
                                x[i * 6 + j] = batch::load_unaligned(from + i * row + j * c_count);
                            winograd_input(x + j, 6, y + j);
                        }
#pragma GCC unroll 6
                        for (std::ptrdiff_t i = 0; i < 6; ++i)
                        {
                            winograd_input(y + i * 6, 1, x + i * 6);
#pragma GCC unroll 6
                            for (std::ptrdiff_t j = 0; j < 6; ++j)
                                x[i * 6 + j].store_unaligned(to + (i * 6 + j) * slab + c);
                        }
                    }
        }

        /// Of the 36 products [tiles, in] times [in, out] those from `first` to `last`.
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
                        const bool few = m - i <= set::few_rows;
                        task.set_rows(std::min<std::ptrdiff_t>(few ? set::few_rows : set::rows, m - i), k, n);
                        task.a = inputs + i * k;
                        task.c = to + i * n + j;
                        task.bring_right(task.b + vectors * width * k, i / set::rows, (m + set::rows - 1) / set::rows);
                        set::of(few, vectors)(task);
                    }
                }
            }
        }

        /// The outputs of one row of tiles, channel last.
        template <class T, class Arch>
        [[gnu::noinline]] void winograd_outputs(const winograd_extents& at, const T* products, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            const std::ptrdiff_t o_count = at.out_channels, row = at.tiles_v * 4 * o_count, slab = at.outputs_step();
            for (std::ptrdiff_t v = 0; v < at.tiles_v; ++v, products += o_count, to += 4 * o_count)
                for (std::ptrdiff_t o = 0; o < o_count; o += batch::size)
                {
                    batch x[36], y[24], z[4];
#pragma GCC unroll 6
                    for (std::ptrdiff_t j = 0; j < 6; ++j)
                    {
#pragma GCC unroll 6
                        for (std::ptrdiff_t i = 0; i < 6; ++i)
                            x[i * 6 + j] = batch::load_unaligned(products + (i * 6 + j) * slab + o);
                        winograd_output(x + j, 6, y + j, 6);
                    }
#pragma GCC unroll 4
                    for (std::ptrdiff_t i = 0; i < 4; ++i)
                    {
                        winograd_output(y + i * 6, 1, z, 1);
#pragma GCC unroll 4
                        for (std::ptrdiff_t j = 0; j < 4; ++j)
                            z[j].store_unaligned(to + i * row + j * o_count + o);
                    }
                }
        }
    }

    /// The weights of `winograd_convolution` from those of the convolution, [out, in, 3, 3]: 36 matrices [in, out] in panels
    /// of columns as wide as the tiles of the product.
    template <class T, class Arch = default_arch>
    void winograd_weights(const convolution_extents& e, const T* w, T* to)
    {
        using batch = xsimd::batch<T, Arch>;
        using set = detail::tiles<T, Arch>;
        constexpr std::ptrdiff_t width = set::width;
        const winograd_extents at(e);
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
                        batch x[18], y[36];
                        for (std::ptrdiff_t j = 0; j < 3; ++j)
                        {
                            const T* const from = turned + ((c - begin) * 9 + j) * width;
                            detail::winograd_weight(batch::load_unaligned(from), batch::load_unaligned(from + 3 * width),
                                                    batch::load_unaligned(from + 6 * width), x + j, 3);
                        }
                        for (std::ptrdiff_t i = 0; i < 6; ++i)
                            detail::winograd_weight(x[i * 3], x[i * 3 + 1], x[i * 3 + 2], y + i * 6, 1);
                        T* const at_c = to + first * at.in_channels + c * vectors * width + o - first;
                        for (std::ptrdiff_t point = 0; point < at.points; ++point)
                            y[point].store_unaligned(at_c + point * slab);
                    }
                }
        }
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
        const std::ptrdiff_t out_size = e.out_size(), row = (at.tiles_v * 4 + 2) * at.in_channels;
        T* const image = workspace;
        T* const inputs = workspace + std::max(at.image_size(), at.rows_size());
        T* const products = inputs + at.inputs_size();
        for (std::ptrdiff_t n = 0; n < e.batch; ++n, x += e.in_channels * e.in_size())
        {
            std::fill_n(image, at.image_size(), T(0));
            const std::ptrdiff_t seen = std::min(v.in, at.tiles_v * 4 + 2 - v.padding);
            for (std::ptrdiff_t ih = 0; ih < std::min(h.in, at.tiles_h * 4 + 2 - h.padding); ++ih)
                detail::transpose<T, Arch>(x + ih * v.in, h.in * v.in, seen, e.in_channels,
                                           image + (ih + h.padding) * row + v.padding * at.in_channels, at.in_channels);
            detail::winograd_inputs<T, Arch>(at, image, inputs);
            const auto multiply = [&](int, std::ptrdiff_t from, std::ptrdiff_t to)
            { detail::winograd_products<T, Arch>(at, inputs, weights, products, from, to); };
            if (with_threads && threads && threads->count > 1)
                threads->split(at.points, threads->parts(at.points, 2), 1, multiply);
            else
                multiply(0, 0, at.points);
            const std::ptrdiff_t first = n * e.out_channels * out_size;
            const bool small = e.out_channels * out_size * std::ptrdiff_t(sizeof(T)) <= 1 << 18;
            for (std::ptrdiff_t tile = 0; tile < at.tiles_h; ++tile)
            {
                detail::winograd_outputs<T, Arch>(at, products + tile * at.tiles_v * at.out_channels, image);
                const std::ptrdiff_t rows = std::min<std::ptrdiff_t>(4, h.out - tile * 4);
                // four channels at a time: rows of all channels may share one cache set
                for (std::ptrdiff_t o = 0; o < e.out_channels; o += 4)
                    for (std::ptrdiff_t i = 0; i < rows; ++i)
                        detail::transpose<T, Arch>(image + i * at.tiles_v * 4 * at.out_channels + o, at.out_channels,
                                                   std::min<std::ptrdiff_t>(4, e.out_channels - o), v.out,
                                                   y + first + o * out_size + (tile * 4 + i) * v.out, out_size);
                for (std::ptrdiff_t o = 0; o < e.out_channels && !small; ++o)
                    done(first + o * out_size + tile * 4 * v.out, first + o * out_size + (tile * 4 + rows) * v.out);
            }
            if (small)
                done(first, first + e.out_channels * out_size);
        }
    }
}
