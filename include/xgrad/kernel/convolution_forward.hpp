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

        /// Whether a product's tiles read the image where it lies: rows of outputs are whole halves of registers, and there are
        /// so few channels that a panel would hardly be read more often than it is written.
        inline constexpr std::ptrdiff_t most_offsets = 1024;
        template <class T, class Arch>
        constexpr bool reads_image(const convolution_extents& e)
        {
            constexpr std::ptrdiff_t width = tiles<T, Arch>::width;
            if constexpr (!tiles<T, Arch>::sees_images)
                return false;
            else
                return e.all_out_channels() <= 16 && e.depth() <= most_offsets && e.out_size() >= width &&
                       e.axis[2].out % (width / 2) == 0;
        }

        /// How many outputs behind full registers are last columns of the product, if it is worth it: the one of 7x7, and, given
        /// packed weights, the four of 14x14.
        template <class T>
        constexpr std::ptrdiff_t last_outputs(const convolution_extents& e, bool packed)
        {
            const std::ptrdiff_t all = e.out_size(), line = gemm_blocks::line<T>, count = all % line;
            const gemm_blocks blocks{e.all_out_channels(), all - count, e.depth()};
            const bool few = count > 0 && count <= (packed ? last_columns<T>::most : 1);
            return few && all > line && convolution_columns<T>(e) == all && blocks.m >= 8 && !blocks.packs_left() ? count : 0;
        }
        /// Elements of memory for what those see.
        template <class T>
        constexpr std::ptrdiff_t last_size(const convolution_extents& e, bool packed)
        {
            return whole_lines(last_columns<T>::stride(last_outputs<T>(e, packed)) * e.depth());
        }

        /// Whether float convolutions go through minimal filtering; doubles, which are for precision, never do.
        template <class T>
        constexpr bool filters_minimally(const convolution_extents& e)
        {
            return sizeof(T) == 4 && winograd_extents::pays(e);
        }
    }

    /// Elements of workspace that `convolution` needs.
    template <class T>
    constexpr std::ptrdiff_t convolution_workspace(const convolution_extents& e)
    {
        if (detail::filters_minimally<T>(e))
            return detail::whole_lines(winograd_extents(e).weights_size()) + winograd_workspace(e);
        if (detail::joins_images<T>(e))
        {
            convolution_extents one = e; // which is by itself
            one.batch = 1;
            one.whole_batch = 0;
            return std::max(detail::joined_workspace<T>(e, {e.out_channels, e.batch * e.out_size(), e.depth()}),
                            convolution_workspace<T>(one));
        }
        const std::ptrdiff_t columns = detail::convolution_columns<T>(e);
        const detail::gemm_blocks blocks{e.out_channels, columns, e.depth()};
        const std::ptrdiff_t last = detail::last_size<T>(e, true);
        if (detail::picked(e).is_plain())
            return detail::picked_size<T>(e) + last + blocks.left_size<T>() + blocks.right_size<T>();
        if (e.is_depthwise())
            return detail::whole_lines(detail::depthwise_workspace<T, default_arch>(e));
        const std::ptrdiff_t image = detail::whole_lines(padded_image<T>::size(e));
        return image + last + blocks.left_size<T>() + std::max(blocks.right_size<T>(), blocks.panels_size<T>());
    }

    /// Whether weights that many convolutions read are worth being packed, that is copied to where a product's tiles read them
    /// from one end to the other: unless there are so few that the first-level cache holds them.
    template <class T>
    constexpr bool packs_weights(const convolution_extents& e)
    {
        return e.groups == 1 && e.all_out_channels() * e.depth() * std::ptrdiff_t(sizeof(T)) > 16384 &&
               !detail::gemm_blocks{e.all_out_channels(), 0, e.depth()}.template small<T>();
    }
    /// Elements of packed weights for so many channels: those of whole tiles.
    constexpr std::ptrdiff_t packed_channels(std::ptrdiff_t channels) { return detail::gemm_blocks::up(channels, 8); }
    template <class T, class Arch = default_arch>
    void pack_weights(std::ptrdiff_t channels, std::ptrdiff_t depth, const T* w, T* to)
    {
        detail::pack_tiles<T, Arch>(channels, depth, {w, depth, false}, to);
    }

    /// y = x * w (cross-correlation, as everywhere in the field), finished if that is asked for. Else `done(first, last)` is
    /// called when outputs are final. Weights are those of the program, or packed.
    template <class T, class Arch = default_arch>
    void convolution(const convolution_extents& e, const T* x, const T* w, T* y, T* workspace, auto&& done,
                     const channel_finish<T>* finish = nullptr, bool packed = false)
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
            return detail::depthwise<T, Arch>(e, x, w, y, workspace, summed, finish);
        if (!packed && detail::filters_minimally<T>(e))
        {
            winograd_weights<T, Arch>(e, w, workspace);
            T* const room = workspace + detail::whole_lines(winograd_extents(e).weights_size());
            return winograd_convolution<T, Arch>(e, x, workspace, y, room, summed);
        }
        if (detail::joins_images<T>(e))
        {
            detail::joined_convolution<T, Arch>(e, x, {w, k, false, packed}, y, workspace);
            summed(0, e.batch * e.out_channels * out_size);
            return;
        }
        const std::ptrdiff_t last = detail::last_outputs<T>(e, packed);
        const std::ptrdiff_t columns = detail::convolution_columns<T>(e) - last;
        const bool is_plain = detail::picked(e).is_plain();
        padded_image<T> image(e);
        const bool reads_image = !is_plain && detail::reads_image<T, Arch>(e);
        const bool borrows_image = reads_image && padded_image<T>::is_input(e) && columns == out_size; // no panels are packed
        if (!is_plain && !borrows_image)
            image.use(workspace);
        T* const of_last = workspace + (is_plain ? detail::picked_size<T>(e) : detail::whole_lines(padded_image<T>::size(e)));
        const detail::last_columns<T> more{of_last, last};
        T* const room = of_last + detail::last_size<T>(e, packed);
        std::ptrdiff_t offsets[detail::most_offsets];
        if (reads_image)
            detail::tap_offsets(image, offsets);
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            const T* from = x + i * e.in_channels * in_size;
            const matrix<T> weights{w + i % e.groups * e.out_channels * k, k, false, packed};
            const channel_finish<T> own = finish ? finish->from(i % e.groups * e.out_channels) : channel_finish<T>{};
            const channel_finish<T>* const of_group = finish ? &own : nullptr;
            if (borrows_image)
                image.borrow(from);
            else if (!is_plain)
                image.fill(from);
            else if (!e.is_plain())
                from = detail::pick_inputs<T, Arch>(e, from, workspace);
            if (last > 0 && is_plain)
                pack_panel<T, Arch>(matrix<T>{from + columns, out_size, false}, k, last, of_last, more.stride());
            else if (last > 0)
                pack_panel<T, Arch>(patches<T>{&image, false, 0, columns}, k, last, of_last, more.stride());
            for (std::ptrdiff_t j = 0; j < out_size - last; j += columns)
            {
                const std::ptrdiff_t n = std::min(columns, out_size - j), at = i * e.out_channels * out_size + j;
                const detail::gemm_blocks blocks{e.out_channels, n, k};
                auto rows_done = [&](std::ptrdiff_t first, std::ptrdiff_t end)
                {
                    if (columns >= out_size - last)
                        return done(at + first * out_size, at + end * out_size);
                    for (std::ptrdiff_t row = first; row < end; ++row)
                        done(at + row * out_size, at + row * out_size + n);
                };
                if (is_plain)
                    detail::run_product<T, Arch>(blocks, weights, matrix<T>{from + j, out_size, false}, y + at, out_size, false,
                                                 room, rows_done, of_group, more);
                else
                {
                    const patches<T> right{&image, false, 0, j, reads_image ? offsets : nullptr};
                    const detail::product<T, Arch, patches<T>> product(blocks, weights, right, y + at, out_size, false, room,
                                                                       of_group, more);
                    detail::run_blocks(blocks, product, rows_done);
                }
            }
        }
    }
}
