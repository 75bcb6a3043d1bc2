// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/rows.hpp>
#include <xgrad/kernel/workers.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // Loops for what normalises channels: tensors are [batch, channels, inner], inner being all further axes together. Threads
    // share planes of what is mapped, and channels of what is summed.

    struct channel_extents
    {
        std::ptrdiff_t batch, channels, inner = 1;

        constexpr explicit channel_extents(const shape& x) : batch(x.extent[0]), channels(x.extent[1])
        {
            for (int axis = 2; axis < x.rank; ++axis)
                inner *= x.extent[axis];
        }
        constexpr std::ptrdiff_t row() const { return channels * inner; }
        /// The elements of a channel.
        constexpr std::ptrdiff_t count() const { return batch * inner; }
        /// Whether channels are so short that loops go over all of them together, with every number of a channel repeated.
        template <class T>
        constexpr bool wide() const
        {
            return inner < 2 * static_cast<std::ptrdiff_t>(xsimd::batch<T, default_arch>::size);
        }
        /// Elements of the memory that a loop with so many numbers for each channel works in.
        template <class T>
        constexpr std::int64_t workspace(int numbers) const
        {
            return wide<T>() ? numbers * row() : 0;
        }
        /// Repeats of(channel) for each element of a row.
        template <class T>
        constexpr void spread(T* to, auto&& of) const
        {
            for (std::ptrdiff_t c = 0; c < channels; ++c)
                for (std::ptrdiff_t k = 0; k < inner; ++k)
                    *to++ = of(c);
        }
    };

    /// body(load, store) for every element of a run or for vectors of them; the last ones may come twice, so results must
    /// not overwrite what is read. Shorter runs than a vector go element by element.
    template <class T>
    constexpr void each_place(std::ptrdiff_t count, auto&& body)
    {
        using batch = xsimd::batch<T, default_arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const auto one = [&](std::ptrdiff_t i)
        { body([i](const T* from) { return from[i]; }, [i](T* to, const T& v) { to[i] = v; }); };
        if (std::is_constant_evaluated() || count < width)
        {
            for (std::ptrdiff_t i = 0; i < count; ++i)
                one(i);
            return;
        }
        const auto several = [&](std::ptrdiff_t i)
        {
            body([i](const T* from) { return batch::load_unaligned(from + i); },
                 [i](T* to, const batch& v) { v.store_unaligned(to + i); });
        };
        std::ptrdiff_t i = 0;
        for (; i + width <= count; i += width)
            several(i);
        if (i < count)
            several(count - width);
    }

    /// to = f(numbers of the channel, x..) for every element; done(first, last) is called with elements that are finished.
    template <class T, std::size_t Count>
    constexpr void map_channels(const channel_extents& e, T* to, T* workspace, auto&& numbers, auto&& f, auto&& done,
                                const workers* threads, const auto*... x)
    {
        const auto apply = [&](std::ptrdiff_t first, std::ptrdiff_t count, auto&& number)
        {
            each_place<T>(count,
                          [&](auto load, auto store)
                          {
                              using V = decltype(load(to));
                              std::array<V, Count> k{};
                              for (std::size_t i = 0; i < Count; ++i)
                                  k[i] = number(i, load);
                              store(to + first, f(k, load(x + first)...));
                          });
        };
        if (e.wide<T>() && !std::is_constant_evaluated())
        {
            for (std::size_t i = 0; i < Count; ++i)
                e.spread(workspace + static_cast<std::ptrdiff_t>(i) * e.row(), [&](std::ptrdiff_t c) { return numbers(c)[i]; });
            share(threads, e.batch, shared_rows(e.row()), 1,
                  [&](std::ptrdiff_t n, std::ptrdiff_t end)
                  {
                      for (; n < end; ++n)
                      {
                          apply(n * e.row(), e.row(), [&](std::size_t i, auto load)
                                { return load(workspace + static_cast<std::ptrdiff_t>(i) * e.row()); });
                          done(n * e.row(), (n + 1) * e.row());
                      }
                  });
            return;
        }
        const std::ptrdiff_t block = rows_at_once(e.inner);
        share(threads, e.batch * e.channels, shared_rows(e.inner), 1,
              [&](std::ptrdiff_t first, std::ptrdiff_t end)
              {
                  for (std::ptrdiff_t last; first < end; first = last)
                  {
                      last = std::min(first + block, end);
                      for (std::ptrdiff_t plane = first; plane < last; ++plane)
                      {
                          const std::array<T, Count> k = numbers(plane % e.channels);
                          apply(plane * e.inner, e.inner, [&](std::size_t i, auto load) { return decltype(load(to))(k[i]); });
                      }
                      done(first * e.inner, last * e.inner);
                  }
              });
    }

    /// The mean of each channel and the sum of squares around it, in one pass over the memory (Chan, Golub and LeVeque
    /// 1983): what has come so far is combined with the next plane, or with the next row of all channels.
    template <class T>
    constexpr void channel_moments(const channel_extents& e, const T* x, T* mean, T* squares, T* workspace,
                                   const workers* threads = nullptr)
    {
        for (std::ptrdiff_t c = 0; c < e.channels; ++c)
            mean[c] = squares[c] = 0;
        if (e.wide<T>() && !std::is_constant_evaluated())
        {
            T *const means = workspace, *const sums = workspace + e.row();
            e.spread(means, [](std::ptrdiff_t) { return T(0); });
            e.spread(sums, [](std::ptrdiff_t) { return T(0); });
            for (std::ptrdiff_t n = 0; n < e.batch; ++n, x += e.row())
                for (std::ptrdiff_t i = 0; i < e.row(); ++i)
                {
                    const T d = x[i] - means[i];
                    means[i] += d * (T(1) / static_cast<T>(n + 1));
                    sums[i] += d * (x[i] - means[i]);
                }
            for (std::ptrdiff_t c = 0; c < e.channels; ++c)
            {
                for (std::ptrdiff_t k = 0; k < e.inner; ++k)
                    mean[c] += means[c * e.inner + k] / static_cast<T>(e.inner);
                for (std::ptrdiff_t k = 0; k < e.inner; ++k)
                {
                    const T d = means[c * e.inner + k] - mean[c];
                    squares[c] += sums[c * e.inner + k] + d * d * static_cast<T>(e.batch);
                }
            }
            return;
        }
        const auto sum = [&](std::ptrdiff_t first, std::ptrdiff_t last)
        {
            for (std::ptrdiff_t n = 0; n < e.batch; ++n)
            {
                const T part = T(1) / static_cast<T>(n + 1), weight = static_cast<T>(e.inner) * static_cast<T>(n) * part;
                const T* plane = x + n * e.row() + first * e.inner;
                for (std::ptrdiff_t c = first; c < last; ++c, plane += e.inner)
                {
                    const T own =
                        reduce_row<add_reduction>(plane, e.inner, [](const auto& v) { return v; }) / static_cast<T>(e.inner);
                    const T around = reduce_row<add_reduction>(plane, e.inner,
                                                               [own](const auto& v)
                                                               {
                                                                   const auto d = v - std::remove_cvref_t<decltype(v)>(own);
                                                                   return d * d;
                                                               });
                    const T d = own - mean[c];
                    mean[c] += d * part;
                    squares[c] += around + d * d * weight;
                }
            }
        };
        share(threads, e.channels, shared_rows(e.count()), 1, sum);
    }

    /// For each channel the sums of g and of g (x - mean), in one pass.
    template <class T>
    constexpr void channel_sums(const channel_extents& e, const T* g, const T* x, const T* mean, T* plain, T* centred,
                                T* workspace, const workers* threads = nullptr)
    {
        for (std::ptrdiff_t c = 0; c < e.channels; ++c)
            plain[c] = centred[c] = 0;
        if (e.wide<T>() && !std::is_constant_evaluated())
        {
            T *const means = workspace, *const first = means + e.row(), *const second = first + e.row();
            e.spread(means, [&](std::ptrdiff_t c) { return mean[c]; });
            e.spread(first, [](std::ptrdiff_t) { return T(0); });
            e.spread(second, [](std::ptrdiff_t) { return T(0); });
            for (std::ptrdiff_t n = 0; n < e.batch; ++n, g += e.row(), x += e.row())
                for (std::ptrdiff_t i = 0; i < e.row(); ++i)
                {
                    first[i] += g[i];
                    second[i] += g[i] * (x[i] - means[i]);
                }
            for (std::ptrdiff_t i = 0; i < e.row(); ++i)
            {
                plain[i / e.inner] += first[i];
                centred[i / e.inner] += second[i];
            }
            return;
        }
        using batch = xsimd::batch<T, default_arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const auto sum_plane = [&](std::ptrdiff_t c, const T* of_g, const T* of_x)
        {
            std::ptrdiff_t i = 0;
            if (!std::is_constant_evaluated())
            {
                const batch m(mean[c]);
                batch sums[4]{batch(T(0)), batch(T(0)), batch(T(0)), batch(T(0))};
                const auto add = [&](int chain, std::ptrdiff_t at)
                {
                    const batch b = batch::load_unaligned(of_g + at);
                    sums[chain] += b;
                    sums[chain + 1] += b * (batch::load_unaligned(of_x + at) - m);
                };
                for (; i + 2 * width <= e.inner; i += 2 * width)
                    add(0, i), add(2, i + width);
                for (; i + width <= e.inner; i += width)
                    add(0, i);
                plain[c] += static_cast<T>(add_reduction::across(sums[0] + sums[2]));
                centred[c] += static_cast<T>(add_reduction::across(sums[1] + sums[3]));
            }
            for (; i < e.inner; ++i)
            {
                plain[c] += of_g[i];
                centred[c] += of_g[i] * (of_x[i] - mean[c]);
            }
        };
        share(threads, e.channels, shared_rows(e.count()), 1,
              [&](std::ptrdiff_t first, std::ptrdiff_t last)
              {
                  for (std::ptrdiff_t n = 0; n < e.batch; ++n)
                      for (std::ptrdiff_t c = first; c < last; ++c)
                          sum_plane(c, g + (n * e.channels + c) * e.inner, x + (n * e.channels + c) * e.inner);
              });
    }
}
