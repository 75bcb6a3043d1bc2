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
// Transformed weights are four times the weights: where they are many and tiles are few, reading them takes longer than the
// products. F(2x2, 3x3), 4 outputs from 16 products, has less than half of them: 256 channels of 14x14 take 0.87 ms in
// place of 1.10 with weights from memory, and 0.79 in place of 0.74 with weights from a cache; 512 of 7x7 1.8 for 2.7.
namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The places of a convolution's tiles and matrices.
    struct winograd_extents
    {
        std::ptrdiff_t tile, in_channels, out_channels, tiles_h, tiles_v;

        /// Channels are padded with zeros to whole lines.
        constexpr explicit winograd_extents(const convolution_extents& e) : winograd_extents(e, tile_of(e)) {}
        constexpr winograd_extents(const convolution_extents& e, std::ptrdiff_t outputs)
            : tile(outputs), in_channels(padded(e.in_channels)), out_channels(padded(e.out_channels)),
              tiles_h((e.axis[1].out + tile - 1) / tile), tiles_v((e.axis[2].out + tile - 1) / tile)
        {
        }
        /// The edge of a tile of outputs.
        static constexpr std::ptrdiff_t tile_of(const convolution_extents& e)
        {
            return e.axis[1].out <= 14 && e.axis[2].out <= 14 && e.in_channels >= 256 ? 2 : 4;
        }
        static constexpr std::ptrdiff_t padded(std::ptrdiff_t channels) { return (channels + 15) / 16 * 16; }

        constexpr std::ptrdiff_t points() const { return (tile + 2) * (tile + 2); }
        constexpr std::ptrdiff_t tiles() const { return tiles_h * tiles_v; }
        /// From the matrix of one point to the next: a line more than it takes, for what is written to all of them must
        /// not share one cache set.
        static constexpr std::ptrdiff_t step(std::ptrdiff_t size) { return size + 16; }
        constexpr std::ptrdiff_t weights_step() const { return step(in_channels * out_channels); }
        constexpr std::ptrdiff_t inputs_step() const { return step(tiles() * in_channels); }
        constexpr std::ptrdiff_t outputs_step() const { return step(tiles() * out_channels); }
        constexpr std::ptrdiff_t weights_size() const { return points() * weights_step(); }
        constexpr std::ptrdiff_t image_size() const { return (tiles_h * tile + 2) * (tiles_v * tile + 2) * in_channels; }
        constexpr std::ptrdiff_t inputs_size() const { return points() * inputs_step(); }
        constexpr std::ptrdiff_t outputs_size() const { return points() * outputs_step(); }
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
            return e.axis[0].is_plain() && e.groups == 1 && e.in_channels >= 32 && e.all_out_channels() >= 32;
        }
        /// Whether it still is if weights are transformed in every run, which takes as long as a few hundred outputs.
        static constexpr bool pays(const convolution_extents& e)
        {
            return serves(e) && e.all_images() * e.axis[1].out * e.axis[2].out >= 144 &&
                   e.in_channels * e.all_out_channels() <= 1 << 17;
        }
    };

    namespace detail
    {
        /// to[i * step] = B^T from, for one row or column of a tile of inputs.
        template <int Tile, class V>
        void winograd_input(const V* x, std::ptrdiff_t step, V* to)
        {
            if constexpr (Tile == 2)
            {
                to[0] = x[0] - x[2 * step];
                to[step] = x[step] + x[2 * step];
                to[2 * step] = x[2 * step] - x[step];
                to[3 * step] = x[step] - x[3 * step];
                return;
            }
            const V a = x[4 * step] - 4 * x[2 * step], b = x[3 * step] - 4 * x[step];
            const V c = x[4 * step] - x[2 * step], d = 2 * (x[3 * step] - x[step]);
            to[0] = 4 * (x[0] - x[2 * step]) - x[2 * step] + x[4 * step];
            to[step] = a + b;
            to[2 * step] = a - b;
            to[3 * step] = c + d;
            to[4 * step] = c - d;
            to[5 * step] = 4 * (x[step] - x[3 * step]) - x[3 * step] + x[5 * step];
        }
        /// to = A^T from: points to outputs, of which there are two less.
        template <int Tile, class V>
        void winograd_output(const V* x, std::ptrdiff_t step, V* to, std::ptrdiff_t step_to)
        {
            if constexpr (Tile == 2)
            {
                to[0] = x[0] + x[step] + x[2 * step];
                to[step_to] = x[step] - x[2 * step] - x[3 * step];
                return;
            }
            const V a = x[step] + x[2 * step], b = x[step] - x[2 * step];
            const V c = x[3 * step] + x[4 * step], d = x[3 * step] - x[4 * step];
            to[0] = x[0] + a + c;
            to[step_to] = b + 2 * d;
            to[2 * step_to] = a + 4 * c;
            to[3 * step_to] = b + 8 * d + x[5 * step];
        }
        /// to = G from: 3 weights to points.
        template <int Tile, class V>
        void winograd_weight(const V& x, const V& y, const V& z, V* to, std::ptrdiff_t step)
        {
            if constexpr (Tile == 2)
            {
                const V a = (x + z) / V(2), b = y / V(2);
                to[0] = x;
                to[step] = a + b;
                to[2 * step] = a - b;
                to[3 * step] = z;
                return;
            }
            const V a = (x + z) / V(-6), b = y / V(6), c = x / V(24) + z / V(6), d = y / V(12);
            to[0] = x / V(4);
            to[step] = a - b;
            to[2 * step] = a + b;
            to[3 * step] = c + d;
            to[4 * step] = c - d;
            to[5 * step] = z;
        }

        template <class T, class Arch, int Tile>
        [[gnu::noinline]] void winograd_inputs(const winograd_extents& at, const T* image, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t edge = Tile + 2;
            const std::ptrdiff_t c_count = at.in_channels, row = (at.tiles_v * Tile + 2) * c_count;
            const std::ptrdiff_t slab = at.inputs_step();
            for (std::ptrdiff_t h = 0; h < at.tiles_h; ++h)
                for (std::ptrdiff_t v = 0; v < at.tiles_v; ++v, to += c_count)
                    for (std::ptrdiff_t c = 0; c < c_count; c += batch::size)
                    {
                        const T* const from = image + h * Tile * row + v * Tile * c_count + c;
                        batch x[edge * edge], y[edge * edge];
#pragma GCC unroll 6
                        for (std::ptrdiff_t j = 0; j < edge; ++j)
                        {
#pragma GCC unroll 6
                            for (std::ptrdiff_t i = 0; i < edge; ++i)
                                x[i * edge + j] = batch::load_unaligned(from + i * row + j * c_count);
                            winograd_input<Tile>(x + j, edge, y + j);
                        }
#pragma GCC unroll 6
                        for (std::ptrdiff_t i = 0; i < edge; ++i)
                        {
                            winograd_input<Tile>(y + i * edge, 1, x + i * edge);
#pragma GCC unroll 6
                            for (std::ptrdiff_t j = 0; j < edge; ++j)
                                x[i * edge + j].store_unaligned(to + (i * edge + j) * slab + c);
                        }
                    }
        }

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
        template <class T, class Arch, int Tile>
        [[gnu::noinline]] void winograd_outputs(const winograd_extents& at, const T* products, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t edge = Tile + 2;
            const std::ptrdiff_t o_count = at.out_channels, row = at.tiles_v * Tile * o_count, slab = at.outputs_step();
            for (std::ptrdiff_t v = 0; v < at.tiles_v; ++v, products += o_count, to += Tile * o_count)
                for (std::ptrdiff_t o = 0; o < o_count; o += batch::size)
                {
                    batch x[edge * edge], y[Tile * edge], z[Tile];
#pragma GCC unroll 6
                    for (std::ptrdiff_t j = 0; j < edge; ++j)
                    {
#pragma GCC unroll 6
                        for (std::ptrdiff_t i = 0; i < edge; ++i)
                            x[i * edge + j] = batch::load_unaligned(products + (i * edge + j) * slab + o);
                        winograd_output<Tile>(x + j, edge, y + j, edge);
                    }
#pragma GCC unroll 4
                    for (std::ptrdiff_t i = 0; i < Tile; ++i)
                    {
                        winograd_output<Tile>(y + i * edge, 1, z, 1);
#pragma GCC unroll 4
                        for (std::ptrdiff_t j = 0; j < Tile; ++j)
                            z[j].store_unaligned(to + i * row + j * o_count + o);
                    }
                }
        }

        /// 9 registers of weights, the taps of as many channels as they have lanes, to registers `step` apart.
        template <int Tile, class Batch, class T>
        void winograd_taps(const T* taps, T* to, std::ptrdiff_t step)
        {
            constexpr std::ptrdiff_t edge = Tile + 2, width = Batch::size;
            Batch x[3 * edge], y[edge * edge];
            for (std::ptrdiff_t j = 0; j < 3; ++j)
            {
                const T* const from = taps + j * width;
                winograd_weight<Tile>(Batch::load_unaligned(from), Batch::load_unaligned(from + 3 * width),
                                      Batch::load_unaligned(from + 6 * width), x + j, 3);
            }
            for (std::ptrdiff_t i = 0; i < edge; ++i)
                winograd_weight<Tile>(x[i * 3], x[i * 3 + 1], x[i * 3 + 2], y + i * edge, 1);
            for (std::ptrdiff_t point = 0; point < edge * edge; ++point)
                y[point].store_unaligned(to + point * step);
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
