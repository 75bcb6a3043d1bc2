// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_pack.hpp>
#include <xgrad/shape/shape.hpp>

#include <algorithm>
#include <array>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// Copies a tensor with its axes in another order, in the order of the result. Axes of extent 1 are left out and those that
    /// stay neighbours are one, so that a few cases are left: either rows stay rows and are copied whole, or the axis along
    /// which the operand lies in memory becomes another one, and the plane of both is transposed in registers (by blocks of
    /// 4 x 4 floats, see transpose).
    class permutation
    {
    public:
        /// Axis i of the result is axis `packed >> 4 i & 15` of the operand.
        constexpr permutation(const shape& from, const shape& out, std::int64_t packed)
        {
            std::array<std::ptrdiff_t, shape::max_rank> own{};
            std::ptrdiff_t stride = 1;
            for (int k = from.rank - 1; k >= 0; --k)
            {
                own[k] = stride;
                stride *= from.extent[k];
            }
            for (int k = 0; k < out.rank; ++k)
            {
                const axis next{out.extent[k], own[packed >> 4 * k & 15]};
                if (next.extent == 1)
                    continue;
                if (count_ > 0 && axes_[count_ - 1].step == next.step * next.extent)
                    axes_[count_ - 1] = {axes_[count_ - 1].extent * next.extent, next.step};
                else
                    axes_[count_++] = next;
            }
        }

        template <class T>
        constexpr void run(const T* from, T* to) const
        {
            if (count_ == 0)
                *to = *from;
            else if (const axis& last = axes_[count_ - 1]; last.step == 1)
                each(count_ - 1, -1, from, to,
                     [&](const T* source, T* target, const axis& rows, std::ptrdiff_t apart)
                     {
                         for (std::ptrdiff_t i = 0; i < rows.extent; ++i)
                             copy(source + i * rows.step, target + i * apart, last.extent);
                     });
            else
            {
                int along = 0; // the axis along which the operand lies in memory
                while (axes_[along].step != 1)
                    ++along;
                const std::ptrdiff_t stride = stride_of(along);
                each(count_ - 1, along, from, to,
                     [&](const T* source, T* target, const axis& planes, std::ptrdiff_t apart)
                     {
                         for (std::ptrdiff_t i = 0; i < planes.extent; ++i)
                             transpose(source + i * planes.step, last, axes_[along].extent, target + i * apart, stride);
                     });
            }
        }

    private:
        struct axis
        {
            std::ptrdiff_t extent = 1, step = 0; // how far apart two elements of the operand are
        };
        std::array<axis, shape::max_rank> axes_; // of the result
        int count_ = 0;

        // how far apart two elements of the result are
        constexpr std::ptrdiff_t stride_of(int k) const
        {
            std::ptrdiff_t stride = 1;
            while (++k < count_)
                stride *= axes_[k].extent;
            return stride;
        }

        // f(source, target, axis, its stride in the result) for the innermost of the first `count` axes but one, and each index
        // of those outside of it
        template <class T, class F>
        constexpr void each(int count, int without, const T* from, T* to, F&& f) const
        {
            int inner = count - 1;
            while (inner >= 0 && inner == without)
                --inner;
            if (inner < 0)
                return f(from, to, axis{}, std::ptrdiff_t{0});
            const std::ptrdiff_t apart = stride_of(inner);
            std::array<std::ptrdiff_t, shape::max_rank> index{}, stride{};
            for (int k = 0; k < inner; ++k)
                stride[k] = stride_of(k);
            for (;;)
            {
                f(from, to, axes_[inner], apart);
                int k = inner - 1;
                for (; k >= 0; --k)
                {
                    if (k == without)
                        continue;
                    from += axes_[k].step;
                    to += stride[k];
                    if (++index[k] < axes_[k].extent)
                        break;
                    from -= axes_[k].step * axes_[k].extent;
                    to -= stride[k] * axes_[k].extent;
                    index[k] = 0;
                }
                if (k < 0)
                    return;
            }
        }

        template <class T>
        static constexpr void copy(const T* from, T* to, std::ptrdiff_t count)
        {
            if constexpr (std::is_floating_point_v<T>)
                if (!std::is_constant_evaluated())
                    return detail::copy_run<T, default_arch>(from, to, count);
            std::copy_n(from, count, to);
        }

        // to[p * stride + j] = from[j * across.step + p]
        template <class T>
        static constexpr void transpose(const T* from, const axis& across, std::ptrdiff_t rows, T* to, std::ptrdiff_t stride)
        {
            if constexpr (std::is_floating_point_v<T>)
                if (!std::is_constant_evaluated())
                    return detail::transpose<T, default_arch>(from, across.step, rows, across.extent, to, stride);
            for (std::ptrdiff_t p = 0; p < rows; ++p)
                for (std::ptrdiff_t j = 0; j < across.extent; ++j)
                    to[p * stride + j] = from[j * across.step + p];
        }
    };
}
