// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/depthwise.hpp>
#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/joined_images.hpp>
#include <xgrad/kernel/patches.hpp>
#include <xgrad/kernel/picked_inputs.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    namespace detail
    {
        /// Rows of outputs long enough to be summed over one by one: the gradient of the weights then reads the image where it
        /// lies. Shorter ones cost more in sums that are loaded and stored than a packed panel does.
        constexpr bool sums_rows(const convolution_extents& e) { return !picked(e).is_plain() && e.axis[2].out >= 6; }

        template <class T>
        constexpr std::ptrdiff_t lanes_of(std::ptrdiff_t channels)
        {
            return gemm_blocks::up(channels, gemm_blocks::line<T>);
        }

        /// w' of one group, as [taps, out channels]: what 8 taps see of the outputs of a slice, row after row, times the
        /// gradients, turned channel-last. The image needs no packing, because a tile takes rows from anywhere.
        template <class T, class Arch>
        [[gnu::noinline]] void add_row_products(const padded_image<T>& image, const T* gradients, T* sums, bool add)
        {
            using set = tiles<T, Arch>;
            const convolution_extents& e = image.extents();
            const auto& [d, h, v] = e.axis;
            const std::ptrdiff_t lanes = lanes_of<T>(e.out_channels), k = e.depth();
            const T* const base = image.tap(0, 0, 0, 0);
            tile_task<T> task;
            task.k = h.out * v.out;
            task.run = v.out;
            task.jump_a = (image.output_offset(0, 1, 0) - v.out) * std::ptrdiff_t(sizeof(T));
            task.bytes_a = sizeof(T);
            task.bytes_b = lanes * std::ptrdiff_t(sizeof(T));
            tap_walk at(e, 0);
            for (std::ptrdiff_t i = 0; i < k; i += task.rows)
            {
                const std::ptrdiff_t height = set::height(k - i);
                task.set_rows(std::min(height, k - i), 0, lanes);
                for (std::ptrdiff_t r = 0; r < 8; ++r)
                    task.row_a[r] = r < task.rows ? image.tap(at.c, at.kd, at.kh, at.kv) - base : task.row_a[task.rows - 1],
                    r < task.rows ? at.next(e) : void();
                const std::ptrdiff_t first = task.row_a[0]; // the tile takes row 0 to be at the beginning
                for (std::ptrdiff_t& row : task.row_a)
                    row -= first;
                int vectors;
                for (std::ptrdiff_t j = 0; j < lanes; j += vectors * set::width)
                {
                    vectors = set::panel((lanes - j) / set::width);
                    task.last = (vectors - 1) * set::width;
                    task.c = sums + i * lanes + j;
                    task.add = add;
                    for (std::ptrdiff_t od = 0; od < d.out; ++od, task.add = true)
                    {
                        task.a = base + first + image.output_offset(od, 0, 0);
                        task.b = gradients + od * h.out * v.out * lanes + j;
                        set::of(height, vectors)(task);
                    }
                }
            }
        }
    }

    /// Elements of workspace that `convolution_weight_gradient` needs.
    template <class T>
    constexpr std::ptrdiff_t convolution_weight_gradient_workspace(const convolution_extents& e)
    {
        if (detail::joins_images<T>(e) && !detail::sums_rows(e))
            return detail::joined_workspace<T>(e, {e.out_channels, e.depth(), e.batch * e.out_size()});
        if (detail::picked(e).is_plain())
            return detail::picked_size<T>(e) +
                   static_cast<std::ptrdiff_t>(gemm_workspace<T>(e.out_channels, e.in_channels, e.out_size()));
        const std::ptrdiff_t image = detail::whole_lines(padded_image<T>::size(e));
        if (detail::sums_rows(e))
            return image + detail::lanes_of<T>(e.out_channels) * (e.out_size() + e.depth());
        const detail::gemm_blocks blocks{e.out_channels, e.depth(), e.out_size()};
        return image + blocks.left_size<T>() + std::max(blocks.right_size<T>(), blocks.panels_size<T>());
    }

    /// The gradient g of the outputs carried to the weights, w' = g * x, summed over the batch.
    template <class T, class Arch = default_arch>
    void convolution_weight_gradient(const convolution_extents& e, const T* g, const T* x, T* w, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in_size = e.in_size(), out_size = e.out_size(), k = e.depth();
        const std::ptrdiff_t all = e.groups * e.out_channels * k;
        if (detail::joins_images<T>(e) && !detail::sums_rows(e))
        {
            detail::joined_weight_gradient<T, Arch>(e, g, x, w, workspace);
            done(0, all);
            return;
        }
        if (!e.is_plain() && e.is_depthwise())
        {
            detail::depthwise_weight_gradient<T, Arch>(e, g, x, w, workspace);
            done(0, all);
            return;
        }
        padded_image<T> image(e);
        const bool is_plain = detail::picked(e).is_plain();
        if (!is_plain)
            image.use(workspace);
        T* const room = workspace + (is_plain ? detail::picked_size<T>(e) : detail::whole_lines(padded_image<T>::size(e)));
        if (detail::sums_rows(e))
        {
            const std::ptrdiff_t lanes = detail::lanes_of<T>(e.out_channels);
            T* const sums = room + lanes * out_size;
            std::fill_n(room, lanes * out_size, T(0)); // the lanes that no channel has
            for (std::ptrdiff_t group = 0; group < e.groups; ++group)
            {
                for (std::ptrdiff_t n = 0; n < e.batch; ++n)
                {
                    const std::ptrdiff_t i = n * e.groups + group;
                    image.fill(x + i * e.in_channels * in_size);
                    detail::transpose<T, Arch>(g + i * e.out_channels * out_size, out_size, out_size, e.out_channels, room,
                                               lanes);
                    detail::add_row_products<T, Arch>(image, room, sums, n > 0);
                }
                detail::transpose<T, Arch>(sums, lanes, e.out_channels, k, w + group * e.out_channels * k, k);
            }
            done(0, all);
            return;
        }
        const detail::gemm_blocks blocks{e.out_channels, k, out_size};
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            const matrix<T> left{g + i * e.out_channels * out_size, out_size, false};
            const T* const from = x + i * e.in_channels * in_size;
            T* const to = w + i % e.groups * e.out_channels * k;
            const bool add = i >= e.groups;
            if (is_plain)
                gemm<T, Arch>(e.out_channels, k, out_size, left,
                              {e.is_plain() ? from : detail::pick_inputs<T, Arch>(e, from, workspace), out_size, true}, to, k,
                              add ? write::accumulate : write::overwrite, room);
            else
            {
                image.fill(from);
                const patches<T> right{&image, true};
                const detail::product<T, Arch, patches<T>> product(blocks, left, right, to, k, add, room);
                nothing rows_done;
                detail::run_blocks(blocks, product, rows_done);
            }
        }
        done(0, all);
    }
}
