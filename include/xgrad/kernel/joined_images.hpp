// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/patches.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    constexpr std::ptrdiff_t whole_lines(std::ptrdiff_t elements) { return gemm_blocks::up(elements, 16); }

    /// Whether the images of a batch are so small that one of them does not fill a panel: then they stand side by side, as
    /// slices along an axis.
    template <class T>
    constexpr bool joins_images(const convolution_extents& e)
    {
        return e.all_images() > 1 && e.groups == 1 && e.axis[0].in * e.axis[0].taps * e.axis[0].out == 1 &&
               e.out_size() < 3 * gemm_blocks::line<T>;
    }
    constexpr convolution_extents joined(convolution_extents e)
    {
        e.axis[0].in = e.axis[0].out = e.batch;
        e.batch = 1;
        return e;
    }

    template <class T>
    constexpr std::ptrdiff_t joined_workspace(const convolution_extents& e, const gemm_blocks& blocks)
    {
        return whole_lines(padded_image<T>::size(joined(e))) + whole_lines(e.batch * e.out_channels * e.out_size()) +
               blocks.left_size<T>() + std::max(blocks.right_size<T>(), blocks.panels_size<T>());
    }

    /// [batch, channels, outputs] to [channels, batch, outputs], or back.
    template <class T, class Arch>
    void turn_batch(std::ptrdiff_t batch, std::ptrdiff_t channels, std::ptrdiff_t size, const T* from, T* to)
    {
        for (std::ptrdiff_t n = 0; n < batch; ++n)
            for (std::ptrdiff_t c = 0; c < channels; ++c)
                copy_run<T, Arch>(from + (n * channels + c) * size, to + (c * batch + n) * size, size);
    }

    template <class T, class Arch>
    [[gnu::noinline]] void joined_convolution(const convolution_extents& e, const T* x, const matrix<T>& w, T* y, T* workspace)
    {
        const convolution_extents all = joined(e);
        const std::ptrdiff_t n = all.out_size(), k = e.depth();
        padded_image<T> image(all, e.in_size(), e.in_channels * e.in_size());
        image.use(workspace);
        image.fill(x);
        T* const to = workspace + whole_lines(padded_image<T>::size(all));
        const gemm_blocks blocks{e.out_channels, n, k};
        const patches<T> right{&image, false};
        const product<T, Arch, patches<T>> product(blocks, w, right, to, n, false, to + whole_lines(e.out_channels * n));
        nothing rows_done;
        run_blocks(blocks, product, rows_done);
        turn_batch<T, Arch>(e.out_channels, e.batch, e.out_size(), to, y);
    }

    template <class T, class Arch>
    [[gnu::noinline]] void joined_weight_gradient(const convolution_extents& e, const T* g, const T* x, T* w, T* workspace)
    {
        const convolution_extents all = joined(e);
        const std::ptrdiff_t n = all.out_size(), k = e.depth();
        padded_image<T> image(all, e.in_size(), e.in_channels * e.in_size());
        image.use(workspace);
        image.fill(x);
        T* const gradients = workspace + whole_lines(padded_image<T>::size(all));
        turn_batch<T, Arch>(e.batch, e.out_channels, e.out_size(), g, gradients);
        const gemm_blocks blocks{e.out_channels, k, n};
        const matrix<T> left{gradients, n, false};
        const patches<T> right{&image, true};
        const product<T, Arch, patches<T>> product(blocks, left, right, w, k, false,
                                                   gradients + whole_lines(e.out_channels * n));
        nothing rows_done;
        run_blocks(blocks, product, rows_done);
    }
}
