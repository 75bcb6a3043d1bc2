// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/math.hpp>
#include <xgrad/kernel/reduce.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // Loops over one contiguous row, for kernels that normalise along the last axis.

    /// to[i] = f(x[i]) over a row, vectorised; the remainder goes through the same code on a padded copy.
    template <class T>
    constexpr void map_row(const T* x, T* to, std::ptrdiff_t count, auto&& f)
    {
        if (std::is_constant_evaluated())
        {
            for (std::ptrdiff_t i = 0; i < count; ++i)
                to[i] = f(x[i]);
            return;
        }
        using batch = xsimd::batch<T>;
        constexpr std::ptrdiff_t width = batch::size;
        std::ptrdiff_t i = 0;
        for (; i + width <= count; i += width)
            f(batch::load_unaligned(x + i)).store_unaligned(to + i);
        if (i < count)
        {
            T part[width]{};
            for (std::ptrdiff_t k = 0; k < count - i; ++k)
                part[k] = x[i + k];
            f(batch::load_unaligned(part)).store_unaligned(part);
            for (std::ptrdiff_t k = 0; i < count; ++i, ++k)
                to[i] = part[k];
        }
    }

    /// The reduction of f(x[i]) over a row.
    template <class Reduction, class T>
    constexpr T reduce_row(const T* x, std::ptrdiff_t count, auto&& f)
    {
        T total = Reduction::template identity<T>;
        if (std::is_constant_evaluated())
        {
            for (std::ptrdiff_t i = 0; i < count; ++i)
                total = Reduction::combine(total, f(x[i]));
            return total;
        }
        using batch = xsimd::batch<T>;
        constexpr std::ptrdiff_t width = batch::size;
        std::ptrdiff_t i = 0;
        if (count >= width)
        {
            batch lanes(total);
            for (; i + width <= count; i += width)
                lanes = Reduction::combine(lanes, f(batch::load_unaligned(x + i)));
            total = static_cast<T>(Reduction::across(lanes));
        }
        if (i < count)
        {
            T part[width]{};
            for (std::ptrdiff_t k = 0; k < count - i; ++k)
                part[k] = x[i + k];
            f(batch::load_unaligned(part)).store_unaligned(part);
            for (std::ptrdiff_t k = 0; k < count - i; ++k)
                total = Reduction::combine(total, part[k]);
        }
        return total;
    }

    /// Largest element of a row, and the sum of exp(x - largest): what softmax and its relatives share.
    template <class T>
    struct exponential_sum
    {
        T largest, sum;

        constexpr exponential_sum(const T* x, std::ptrdiff_t count)
            : largest(reduce_row<max_reduction>(x, count, [](const auto& v) { return v; })), sum(0)
        {
            if (largest == -std::numeric_limits<T>::infinity())
                largest = 0; // nothing but -inf: every term is exp(-inf) = 0
            sum = reduce_row<add_reduction>(x, count, [m = largest](const auto& v)
                                            { return kernel::exp(v - std::remove_cvref_t<decltype(v)>(m)); });
        }
    };

    /// exp(x - max) / sum(exp(x - max)) along a row, in place if wanted.
    template <class T>
    constexpr void softmax_row(const T* x, T* to, std::ptrdiff_t count)
    {
        using kernel::exp;
        const exponential_sum<T> of(x, count);
        const T scale = T(1) / of.sum;
        map_row(x, to, count,
                [m = of.largest, scale](const auto& v)
                {
                    using V = std::remove_cvref_t<decltype(v)>;
                    return kernel::exp(v - V(m)) * V(scale);
                });
    }

    /// x - max - log(sum(exp(x - max))) along a row.
    template <class T>
    constexpr void log_softmax_row(const T* x, T* to, std::ptrdiff_t count)
    {
        const exponential_sum<T> of(x, count);
        const T shift = of.largest + kernel::log(of.sum);
        map_row(x, to, count, [shift](const auto& v) { return v - std::remove_cvref_t<decltype(v)>(shift); });
    }
}
