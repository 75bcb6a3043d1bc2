// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/depthwise.hpp>
#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/joined_images.hpp>
#include <xgrad/kernel/patches.hpp>
#include <xgrad/kernel/picked_inputs.hpp>
#include <xgrad/kernel/winograd.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // Tensors are [batch, channels, d, h, v] and weights [out channels, in channels of a group, taps], contiguous, as
    // PyTorch has them. An image is a product of the weights and the matrix of what every tap sees: the panels that the
    // product packs anyway are gathered from a copy of the image with its padding, so the matrix is never written down.

    namespace detail
    {
        /// Outputs that are computed before the epilogue runs over them: 256 KB of the channels that are final together, so
        /// that it meets them in the second-level cache; whole panels.
        template <class T>
        constexpr std::ptrdiff_t convolution_columns(const convolution_extents& e)
        {
            constexpr std::ptrdiff_t panel = 3 * gemm_blocks::line<T>, bytes = 1 << 18;
            const std::ptrdiff_t all = e.out_size(), rows = std::min(e.all_out_channels(), gemm_blocks::rows);
            const std::ptrdiff_t most = std::max(bytes / std::ptrdiff_t(sizeof(T)) / rows, panel);
            const std::ptrdiff_t blocks = (all + most - 1) / most;
            return std::min(all, gemm_blocks::up((all + blocks - 1) / blocks, panel));
        }

        /// Whether outputs are one more than full registers and fit in one block, as 7x7 do: a tile would waste all but one of
        /// a register's lanes, so the last output of every channel is a product of a matrix and a vector.
        template <class T>
        constexpr bool has_lonely_output(const convolution_extents& e)
        {
            const std::ptrdiff_t all = e.out_size();
            return e.is_plain() && all % gemm_blocks::line<T> == 1 && all > 1 && e.depth() >= gemm_blocks::line<T> &&
                   convolution_columns<T>(e) >= all - 1;
        }

        /// Whether float convolutions go through minimal filtering; doubles, which are for precision, never do.
        template <class T>
        constexpr bool filters_minimally(const convolution_extents& e)
        {
            return sizeof(T) == 4 && winograd_extents::pays(e);
        }

        /// The outputs of one image that has a lonely one, some rows at a time, for both products read all weights (2048
        /// channels to 512, weights from memory: 1.12 to 0.84 ms).
        template <class T, class Arch>
        void lonely_product(const convolution_extents& e, const T* x, const T* w, T* y, T* room, auto&& done,
                            const channel_finish<T>* finish)
        {
            constexpr std::ptrdiff_t rows = 64;
            const std::ptrdiff_t k = e.depth(), all = e.out_size(), most = all - 1;
            for (std::ptrdiff_t p = 0; p < k; ++p)
                room[p] = x[p * all + most];
            for (std::ptrdiff_t first = 0; first < e.out_channels; first += rows)
            {
                const std::ptrdiff_t m = std::min(rows, e.out_channels - first);
                const matrix<T> left{w + first * k, k, false};
                T* const to = y + first * all;
                const channel_finish<T> own = finish ? finish->from(first) : channel_finish<T>{};
                nothing rows_done;
                run_product<T, Arch>({m, most, k}, left, {x, all, false}, to, all, false, room + whole_lines(k), rows_done,
                                     finish ? &own : nullptr);
                multiply_by_dots<T, Arch>(m, 1, k, left, {room, k, true}, to + most, all, false);
                if (finish)
                    own.template run<Arch>(0, to + most, all, m, 1);
                else
                    done(first * all, (first + m) * all);
            }
        }
    }

    /// Elements of workspace that `convolution` needs.
    template <class T>
    constexpr std::ptrdiff_t convolution_workspace(const convolution_extents& e)
    {
        if (detail::filters_minimally<T>(e))
            return detail::whole_lines(winograd_extents(e).weights_size()) + winograd_workspace(e);
        if (detail::joins_images<T>(e))
            return detail::joined_workspace<T>(e, {e.out_channels, e.batch * e.out_size(), e.depth()});
        const std::ptrdiff_t columns = detail::convolution_columns<T>(e);
        const detail::gemm_blocks blocks{e.out_channels, columns, e.depth()};
        const convolution_extents seen = detail::picked(e);
        if (seen.is_plain())
            return detail::picked_size<T>(e) + blocks.left_size<T>() + blocks.right_size<T>() +
                   (detail::has_lonely_output<T>(seen) ? detail::whole_lines(e.depth()) : 0);
        if (e.is_depthwise())
            return detail::whole_lines(detail::depthwise_workspace<T, default_arch>(e));
        const std::ptrdiff_t image = detail::whole_lines(padded_image<T>::size(e));
        return image + blocks.left_size<T>() + std::max(blocks.right_size<T>(), blocks.panels_size<T>());
    }

    /// y = x * w (cross-correlation, as everywhere in the field), finished if that is asked for. Else `done(first, last)` is
    /// called when outputs are final.
    template <class T, class Arch = default_arch>
    void convolution(const convolution_extents& e, const T* x, const T* w, T* y, T* workspace, auto&& done,
                     const channel_finish<T>* finish = nullptr)
    {
        const std::ptrdiff_t out_size = e.out_size(), in_size = e.in_size(), k = e.depth();
        const auto summed = [&](std::ptrdiff_t first, std::ptrdiff_t last)
        {
            if (finish)
                finish->template run<Arch>(y, first, last, e.groups * e.out_channels, out_size);
            else
                done(first, last);
        };
        if (!e.is_plain() && e.is_depthwise())
            return detail::depthwise<T, Arch>(e, x, w, y, workspace, summed);
        if (detail::filters_minimally<T>(e))
        {
            winograd_weights<T, Arch>(e, w, workspace);
            T* const room = workspace + detail::whole_lines(winograd_extents(e).weights_size());
            return winograd_convolution<T, Arch>(e, x, workspace, y, room, summed);
        }
        if (detail::joins_images<T>(e))
        {
            detail::joined_convolution<T, Arch>(e, x, w, y, workspace);
            summed(0, e.batch * e.out_channels * out_size);
            return;
        }
        const std::ptrdiff_t columns = detail::convolution_columns<T>(e);
        const convolution_extents seen = detail::picked(e);
        const bool is_plain = seen.is_plain();
        padded_image<T> image(e);
        if (!is_plain)
            image.use(workspace);
        T* const room = workspace + (is_plain ? detail::picked_size<T>(e) : detail::whole_lines(padded_image<T>::size(e)));
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            const T* from = x + i * e.in_channels * in_size;
            const T* const weights = w + i % e.groups * e.out_channels * k;
            const channel_finish<T> own = finish ? finish->from(i % e.groups * e.out_channels) : channel_finish<T>{};
            const channel_finish<T>* const of_group = finish ? &own : nullptr;
            if (!is_plain)
                image.fill(from);
            else if (!e.is_plain())
                from = detail::pick_inputs<T, Arch>(e, from, workspace);
            if (detail::has_lonely_output<T>(seen))
            {
                const std::ptrdiff_t at = i * e.out_channels * out_size;
                detail::lonely_product<T, Arch>(
                    seen, from, weights, y + at, room,
                    [&](std::ptrdiff_t first, std::ptrdiff_t last) { done(at + first, at + last); }, of_group);
                continue;
            }
            for (std::ptrdiff_t j = 0; j < out_size; j += columns)
            {
                const std::ptrdiff_t n = std::min(columns, out_size - j), at = i * e.out_channels * out_size + j;
                const detail::gemm_blocks blocks{e.out_channels, n, k};
                const matrix<T> left{weights, k, false};
                auto rows_done = [&](std::ptrdiff_t first, std::ptrdiff_t last)
                {
                    if (n == out_size)
                        return done(at + first * n, at + last * n);
                    for (std::ptrdiff_t row = first; row < last; ++row)
                        done(at + row * out_size, at + row * out_size + n);
                };
                if (is_plain)
                    detail::run_product<T, Arch>(blocks, left, matrix<T>{from + j, out_size, false}, y + at, out_size, false,
                                                 room, rows_done, of_group);
                else
                {
                    const patches<T> right{&image, false, 0, j};
                    const detail::product<T, Arch, patches<T>> product(blocks, left, right, y + at, out_size, false, room,
                                                                       of_group);
                    detail::run_blocks(blocks, product, rows_done);
                }
            }
        }
    }
}
