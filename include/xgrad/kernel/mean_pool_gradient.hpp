// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/pool_rows.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::kernel
{
    namespace detail
    {
        /// What is computed, element by element, for one plane.
        template <class T>
        constexpr void spread_slopes(const pool_extents& e, const T* g, T* to)
        {
            for (std::ptrdiff_t i = 0; i < e.in_size(); ++i)
                to[i] = 0;
            e.each_output(
                [&](std::ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
                {
                    const T share = g[o] / static_cast<T>(d.divisor * h.divisor * v.divisor);
                    e.each_input(d, h, v, [&](std::ptrdiff_t at) { to[at] += share; });
                });
        }

        /// First along each row of windows, then the rows that an input's row is seen by.
        template <class T, class Arch>
        class mean_rows : pool_rows<T, Arch>
        {
            using typename pool_rows<T, Arch>::batch;
            using pool_rows<T, Arch>::e, pool_rows<T, Arch>::margin, pool_rows<T, Arch>::width;

        public:
            static constexpr bool fit(const pool_extents& e)
            {
                // in short rows single elements are as fast: the break-even lies between 8 and 14
                return width > 1 && e.axis[2].in >= 12 &&
                       e.axis[0].seeing() * e.axis[1].seeing() <= pool_rows<T, Arch>::most_taps;
            }
            /// Elements of memory.
            static constexpr std::ptrdiff_t size(const pool_extents& e)
            {
                const pool_rows<T, Arch> of(e);
                return of.pitch + e.axis[2].out + of.outputs_kept * (e.axis[2].in + 2 * width);
            }
            mean_rows(const pool_extents& e, T* memory)
                : pool_rows<T, Arch>(e), in_registers(pool_rows<T, Arch>::fit(e.axis[2])), distance(e.axis[2].in + 2 * width),
                  shares(memory + margin), divisors(memory + this->pitch), spread(divisors + e.axis[2].out)
            {
                if (in_registers)
                    this->list_taps();
                std::fill(memory, divisors, T(0));
                for (std::ptrdiff_t o = 0; o < e.axis[2].out; ++o)
                    divisors[o] = static_cast<T>(e.axis[2](o).divisor);
            }

            void plane(const T* g, T* to, const T* to_end)
            {
                const auto& [d, h, v] = e.axis;
                std::ptrdiff_t found = 0;
                for (std::ptrdiff_t row = 0, id = 0; id < d.in; ++id)
                    for (std::ptrdiff_t ih = 0; ih < h.in; ++ih, ++row, to += v.in)
                    {
                        for (; found < this->outputs_for(row); ++found, g += v.out)
                            along(g, static_cast<T>(d(found / h.out).divisor * h(found % h.out).divisor),
                                  spread + this->output(found) * distance);
                        this->list_seeing(id, ih, distance);
                        for (std::ptrdiff_t i = 0; i < v.in; i += width)
                        {
                            batch total(T(0));
                            for (std::size_t k = 0; k < static_cast<std::size_t>(this->row_count); ++k)
                                total += batch::load_unaligned(spread + this->rows[k].at + i);
                            this->write(total, to + i, v.in - i, to_end);
                        }
                    }
            }

        private:
            void along(const T* g, T area, T* to)
            {
                const pool_axis& v = e.axis[2];
                each_register<T, Arch>(v.out,
                                       [&]<class Whole>(std::ptrdiff_t o, Whole)
                                       {
                                           if constexpr (Whole::value)
                                               (batch::load_unaligned(g + o) /
                                                (batch(area) * batch::load_unaligned(divisors + o)))
                                                   .store_unaligned(shares + o);
                                           else
                                               shares[o] = g[o] / (area * divisors[o]);
                                       });
                if (in_registers)
                {
                    this->row_count = 0;
                    this->list({0, 0});
                    return this->gather([&](std::ptrdiff_t, std::ptrdiff_t at) { return batch::load_unaligned(shares + at); },
                                        to, to + distance);
                }
                std::fill_n(to, v.in, T(0));
                for (std::ptrdiff_t o = 0; o < v.out; ++o)
                {
                    const pool_range at = v(o);
                    for (std::ptrdiff_t k = 0; k < at.count; ++k)
                        to[at.first + k * v.dilation] += shares[o];
                }
            }

            bool in_registers;
            std::ptrdiff_t distance;
            T *shares, *divisors, *spread;
        };
    }

    /// Elements of workspace that `mean_pool_gradient` needs.
    template <class T, class Arch = default_arch>
    constexpr std::ptrdiff_t mean_pool_gradient_workspace(const pool_extents& e)
    {
        return detail::mean_rows<T, Arch>::fit(e) ? detail::mean_rows<T, Arch>::size(e) : 0;
    }

    /// x' = g spread evenly over the inputs of every window, added up.
    template <class T, class Arch = default_arch>
    constexpr void mean_pool_gradient(const pool_extents& e, const T* g, T* to, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in = e.in_size(), out = e.out_size();
        const T* const to_end = to + e.planes * in;
        if (!std::is_constant_evaluated() && detail::mean_rows<T, Arch>::fit(e))
            [&]
            {
                detail::mean_rows<T, Arch> of(e, workspace);
                e.each_plane(in, done, [&](std::ptrdiff_t plane) { of.plane(g + plane * out, to + plane * in, to_end); });
            }();
        else
            e.each_plane(in, done, [&](std::ptrdiff_t plane) { detail::spread_slopes(e, g + plane * out, to + plane * in); });
    }
}
