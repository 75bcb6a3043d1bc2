// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/depthwise.hpp>
#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/joined_images.hpp>
#include <xgrad/kernel/patches.hpp>
#include <xgrad/kernel/scatter.hpp>
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

        /// Whether every output sees one input, some of them none: the picked inputs make a plain convolution.
        constexpr bool picks_inputs(const convolution_extents& e)
        {
            bool picks = e.taps() == 1 && !e.is_plain();
            for (const window_axis& a : e.axis)
                picks = picks && a.padding == 0 && (a.out - 1) * a.stride < a.in;
            return picks;
        }
        /// The convolution of the inputs that are picked, or `e` itself.
        constexpr convolution_extents picked(convolution_extents e)
        {
            if (picks_inputs(e))
                for (window_axis& a : e.axis)
                    a = {a.out, a.out};
            return e;
        }
        template <class T>
        constexpr std::ptrdiff_t picked_size(const convolution_extents& e)
        {
            return picks_inputs(e) ? whole_lines(e.in_channels * e.out_size()) : 0;
        }
        /// The inputs of one image that are seen, one behind the other.
        template <class T, class Arch>
        const T* pick_inputs(const convolution_extents& e, const T* x, T* room)
        {
            const auto& [d, h, v] = e.axis;
            T* to = room;
            for (std::ptrdiff_t c = 0; c < e.in_channels; ++c)
                for (std::ptrdiff_t od = 0; od < d.out; ++od)
                    for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, to += v.out)
                        pick_run<T, Arch>(x + ((c * d.in + od * d.stride) * h.in + oh * h.stride) * v.in, v.stride, v.out, to);
            return room;
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

        /// The extents of the convolution that turns gradients of outputs into those of inputs: taps mirrored, every
        /// input between its neighbours. Only for strides of 1 and padding shorter than the window.
        constexpr convolution_extents mirrored(convolution_extents e)
        {
            std::swap(e.in_channels, e.out_channels);
            e.whole_out_channels = 0;
            for (window_axis& a : e.axis)
            {
                std::swap(a.in, a.out);
                a.padding = (a.taps - 1) * a.dilation - a.padding;
            }
            return e;
        }
        /// Whether that is the way to go: where windows reach far over the edges, most of what it sums is padding.
        constexpr bool can_mirror(const convolution_extents& e)
        {
            bool can = 2 * e.in_size() <= 3 * e.out_size() || e.is_depthwise();
            for (const window_axis& a : e.axis)
                can = can && a.stride == 1 && a.padding <= (a.taps - 1) * a.dilation;
            return can;
        }

        /// Channels of inputs whose gradients are computed at a time where strides leave gaps: at most 128 rows.
        constexpr std::ptrdiff_t scattered_channels(const convolution_extents& e)
        {
            return std::clamp<std::ptrdiff_t>(128 / e.taps(), 1, e.in_channels);
        }

        /// to[channel in][channel out][taps backwards] = from[channel out][channel in][taps], for every group; in blocks of 16
        /// by 16 channels, which take few pages of either side.
        template <class T>
        void mirror_weights(const convolution_extents& e, const T* from, T* to)
        {
            constexpr std::ptrdiff_t block = 16;
            const std::ptrdiff_t taps = e.taps(), size = e.out_channels * e.depth();
            for (std::ptrdiff_t g = 0; g < e.groups; ++g, from += size, to += size)
                for (std::ptrdiff_t o_first = 0; o_first < e.out_channels; o_first += block)
                    for (std::ptrdiff_t c_first = 0; c_first < e.in_channels; c_first += block)
                        for (std::ptrdiff_t c = c_first; c < std::min(c_first + block, e.in_channels); ++c)
                            for (std::ptrdiff_t o = o_first; o < std::min(o_first + block, e.out_channels); ++o)
                                for (std::ptrdiff_t k = 0; k < taps; ++k)
                                    to[(c * e.out_channels + o) * taps + k] = from[o * e.depth() + (c + 1) * taps - 1 - k];
        }

        /// Whether float convolutions go through minimal filtering; doubles, which are for precision, never do.
        template <class T>
        constexpr bool filters_minimally(const convolution_extents& e)
        {
            return sizeof(T) == 4 && winograd_extents::pays(e);
        }
    }

    namespace detail
    {
        /// The outputs of one image that has a lonely one, some rows at a time, for both products read all weights (2048
        /// channels to 512, weights from memory: 1.12 to 0.84 ms).
        template <class T, class Arch>
        void lonely_product(const convolution_extents& e, const T* x, const T* w, T* y, T* room, auto&& done)
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
                nothing rows_done;
                run_product<T, Arch>({m, most, k}, left, {x, all, false}, to, all, false, room + whole_lines(k), rows_done);
                multiply_by_dots<T, Arch>(m, 1, k, left, {room, k, true}, to + most, all, false);
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

    /// y = x * w (cross-correlation, as everywhere in the field). `done(first, last)` is called when outputs are final.
    template <class T, class Arch = default_arch>
    void convolution(const convolution_extents& e, const T* x, const T* w, T* y, T* workspace, auto&& done)
    {
        const std::ptrdiff_t out_size = e.out_size(), in_size = e.in_size(), k = e.depth();
        if (!e.is_plain() && e.is_depthwise())
            return detail::depthwise<T, Arch>(e, x, w, y, workspace, done);
        if (detail::filters_minimally<T>(e))
        {
            winograd_weights<T, Arch>(e, w, workspace);
            T* const room = workspace + detail::whole_lines(winograd_extents(e).weights_size());
            return winograd_convolution<T, Arch>(e, x, workspace, y, room, done);
        }
        if (detail::joins_images<T>(e))
        {
            detail::joined_convolution<T, Arch>(e, x, w, y, workspace);
            done(0, e.batch * e.out_channels * out_size);
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
            if (!is_plain)
                image.fill(from);
            else if (!e.is_plain())
                from = detail::pick_inputs<T, Arch>(e, from, workspace);
            if (detail::has_lonely_output<T>(seen))
            {
                const std::ptrdiff_t at = i * e.out_channels * out_size;
                detail::lonely_product<T, Arch>(seen, from, weights, y + at, room,
                                                [&](std::ptrdiff_t first, std::ptrdiff_t last)
                                                { done(at + first, at + last); });
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
                                                 room, rows_done);
                else
                {
                    const patches<T> right{&image, false, 0, j};
                    const detail::product<T, Arch, patches<T>> product(blocks, left, right, y + at, out_size, false, room);
                    detail::run_blocks(blocks, product, rows_done);
                }
            }
        }
    }

    /// Elements of workspace that `convolution_input_gradient` needs.
    template <class T>
    constexpr std::ptrdiff_t convolution_input_gradient_workspace(const convolution_extents& e)
    {
        if (e.is_plain())
            return static_cast<std::ptrdiff_t>(gemm_workspace<T>(e.in_channels, e.out_size(), e.out_channels));
        if (detail::can_mirror(e))
            return detail::whole_lines(e.groups * e.out_channels * e.depth()) + convolution_workspace<T>(detail::mirrored(e));
        const std::ptrdiff_t rows = detail::scattered_channels(e) * e.taps();
        return 2 * detail::scatter_margin<T> + detail::whole_lines(rows * e.out_size()) +
               static_cast<std::ptrdiff_t>(gemm_workspace<T>(rows, e.out_size(), e.out_channels));
    }

    /// The gradient g of the outputs carried to the inputs, x' = g * w^T: a transposed convolution of g. With strides of 1
    /// it is a convolution with mirrored weights; else the products that every input sums are scattered.
    template <class T, class Arch = default_arch>
    void convolution_input_gradient(const convolution_extents& e, const T* g, const T* w, T* x, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in_size = e.in_size(), out_size = e.out_size(), k = e.depth();
        if (!e.is_plain() && detail::can_mirror(e))
        {
            T* const room = workspace + detail::whole_lines(e.groups * e.out_channels * k);
            detail::mirror_weights(e, w, workspace);
            return convolution<T, Arch>(detail::mirrored(e), g, workspace, x, room, done);
        }
        const std::ptrdiff_t channels = e.is_plain() ? e.in_channels : detail::scattered_channels(e);
        constexpr std::ptrdiff_t margin = detail::scatter_margin<T>;
        T* const columns = workspace + margin;
        T* const room = e.is_plain() ? workspace : columns + detail::whole_lines(channels * e.taps() * out_size) + margin;
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            const matrix<T> from{g + i * e.out_channels * out_size, out_size, false};
            const T* const weights = w + i % e.groups * e.out_channels * k;
            const std::ptrdiff_t first = i * e.in_channels * in_size;
            for (std::ptrdiff_t c = 0; c < e.in_channels; c += channels)
            {
                const std::ptrdiff_t count = std::min(channels, e.in_channels - c), rows = count * e.taps();
                T* const to = x + first + c * in_size;
                gemm<T, Arch>(rows, out_size, e.out_channels, {weights + c * e.taps(), k, true}, from,
                              e.is_plain() ? to : columns, out_size, write::overwrite, room);
                if (!e.is_plain())
                    detail::scatter<T, Arch>(e, count, columns, to);
            }
            done(first, first + e.in_channels * in_size);
        }
    }

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
                const bool few = k - i <= set::few_rows;
                task.set_rows(std::min<std::ptrdiff_t>(few ? set::few_rows : set::rows, k - i), 0, lanes);
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
                        set::of(few, vectors)(task);
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
