// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>
#include <xgrad/kernel/window.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // What minimal filtering (winograd.hpp) does to images, weights and products of tiles.

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

        /// Whether a convolution can be computed this way, and it is the faster one given transformed weights: below 6 outputs
        /// more than half of a tile is for nothing, below 32 channels the transforms take longer than the products they save.
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
        /// Whether it still is if weights are transformed in every run: that takes as long as some hundred outputs, and more
        /// where the transformed weights, 144 bytes for each, do not stay in a second-level cache.
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
}
