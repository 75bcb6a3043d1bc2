// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/nest.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// out[i] = Function(in...[i]) with broadcasting, for the flat output indices [begin, end).
    /// One vector loop per run; the remainder goes through the same vector code on a padded copy, so that a value never
    /// depends on where in the tensor it stands, and nothing is read or written past the end.
    template <class Function, class Out, class... In>
    struct elementwise
    {
        using arch = default_arch;
        using compute = compute_type<In...>;
        static constexpr std::ptrdiff_t width = lane_count<compute, arch>;

        static constexpr void run(const tensor_ref& out, const std::array<tensor_ref, sizeof...(In)>& in, std::ptrdiff_t begin,
                                  std::ptrdiff_t end)
        {
            run(out, in, begin, end, std::index_sequence_for<In...>{});
        }

    private:
        template <std::size_t... I>
        static constexpr void run(const tensor_ref& out, const std::array<tensor_ref, sizeof...(In)>& in, std::ptrdiff_t begin,
                                  std::ptrdiff_t end, std::index_sequence<I...>)
        {
            const nest<sizeof...(In)> loops{out.extents, {in[I].extents...}};
            loops.run(begin, end,
                      [&](std::ptrdiff_t at, std::ptrdiff_t count, const auto& offset)
                      {
                          Out* to = out.data.template as<Out>() + at;
                          if (std::is_constant_evaluated())
                              for (std::ptrdiff_t i = 0; i < count; ++i)
                                  to[i] = Function{}(in[I].data.template as<In>()[offset[I] + (loops.moves(I) ? i : 0)]...);
                          else
                              vectors(to, count,
                                      stream<In, compute, arch>{in[I].data.template as<In>() + offset[I], loops.moves(I)}...);
                      });
        }

        static void vectors(Out* out, std::ptrdiff_t count, const stream<In, compute, arch>&... in)
        {
            std::ptrdiff_t i = 0;
            for (; i + width <= count; i += width)
                Function{}(in.load(i)...).store_unaligned(out + i);
            if (i < count)
            {
                Out part[width];
                Function{}(in.load_part(i, count - i)...).store_unaligned(part);
                for (std::ptrdiff_t k = 0; i < count; ++i, ++k)
                    out[i] = part[k];
            }
        }
    };
}
