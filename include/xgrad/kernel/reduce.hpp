// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/limits.hpp>
#include <xgrad/kernel/math.hpp>
#include <xgrad/kernel/nest.hpp>

#include <limits>
#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// Combines by addition.
    struct add_reduction
    {
        template <class T>
        static constexpr T identity = 0;
        static constexpr auto combine(const auto& a, const auto& b) { return a + b; }
        static auto across(const auto& lanes)
        {
            if constexpr (requires { reduce_add(lanes); }) // its name since xsimd 9
                return reduce_add(lanes);
            else
                return hadd(lanes);
        }
    };

    /// Combines by the larger value; a NaN wins, as in NumPy.
    struct max_reduction
    {
        template <class T>
        static constexpr T identity =
            std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
        template <class V>
        static constexpr V combine(const V& a, const V& b)
        {
            return maximum(a, b);
        }
        template <class T, class Arch>
        static T across(const xsimd::batch<T, Arch>& lanes)
        {
            T part[xsimd::batch<T, Arch>::size];
            lanes.store_unaligned(part);
            T best = part[0];
            for (const T value : part)
                best = combine(best, value);
            return best;
        }
    };

    /// out = reduction of Function(in...) over the axes along which `out` (with extents of 1 kept) does not move.
    /// The same nest as an elementwise loop, `out` being one more operand: where it moves, rows are combined with rows;
    /// where it does not, four accumulators run along the row and are combined once at its end.
    template <class Reduction, class Function, class Out, class... In>
    struct reduce
    {
        using arch = default_arch;
        static constexpr std::ptrdiff_t width = lane_count<Out, arch>;
        using batch = xsimd::batch<Out, arch>;

        static constexpr void run(const tensor_ref& out, const shape& space, const std::array<tensor_ref, sizeof...(In)>& in)
        {
            Out* const to = out.data.template as<Out>();
            for (std::ptrdiff_t i = 0; i < out.extents.size(); ++i)
                to[i] = Reduction::template identity<Out>;
            run(out, space, in, std::index_sequence_for<In...>{});
        }

    private:
        template <std::size_t... I>
        static constexpr void run(const tensor_ref& out, const shape& space, const std::array<tensor_ref, sizeof...(In)>& in,
                                  std::index_sequence<I...>)
        {
            constexpr std::size_t last = sizeof...(In);
            const nest<last + 1> loops{space, {in[I].extents..., out.extents}};
            loops.run(
                0, space.size(),
                [&](std::ptrdiff_t, std::ptrdiff_t count, const auto& offset)
                {
                    Out* to = out.data.template as<Out>() + offset[last];
                    if (std::is_constant_evaluated())
                        for (std::ptrdiff_t i = 0; i < count; ++i)
                        {
                            Out& target = to[loops.moves(last) ? i : 0];
                            target = Reduction::combine(
                                target, Function{}(in[I].data.template as<In>()[offset[I] + (loops.moves(I) ? i : 0)]...));
                        }
                    else if (loops.moves(last))
                        down(to, count, stream<In, Out, arch>{in[I].data.template as<In>() + offset[I], loops.moves(I), {}}...);
                    else
                        along(to, count,
                              stream<In, Out, arch>{in[I].data.template as<In>() + offset[I], loops.moves(I), {}}...);
                });
        }

        static void down(Out* out, std::ptrdiff_t count, stream<In, Out, arch>... in)
        {
            std::ptrdiff_t i = 0;
            for (; i + width <= count; i += width)
                Reduction::combine(batch::load_unaligned(out + i), Function{}(in.load(i)...)).store_unaligned(out + i);
            rest(out + i, 1, i, count, in...);
        }

        static void along(Out* out, std::ptrdiff_t count, stream<In, Out, arch>... in)
        {
            std::ptrdiff_t i = 0;
            if (count >= width)
            {
                const batch none(Reduction::template identity<Out>);
                batch sum[4]{none, none, none, none};
                for (; i + 4 * width <= count; i += 4 * width)
                    for (int lane = 0; lane < 4; ++lane)
                        sum[lane] = Reduction::combine(sum[lane], Function{}(in.load(i + lane * width)...));
                for (; i + width <= count; i += width)
                    sum[0] = Reduction::combine(sum[0], Function{}(in.load(i)...));
                const batch both = Reduction::combine(Reduction::combine(sum[0], sum[1]), Reduction::combine(sum[2], sum[3]));
                *out = Reduction::combine(*out, static_cast<Out>(Reduction::across(both)));
            }
            rest(out, 0, i, count, in...);
        }

        static void rest(Out* out, std::ptrdiff_t step, std::ptrdiff_t i, std::ptrdiff_t count, stream<In, Out, arch>... in)
        {
            if (i == count)
                return;
            Out part[width];
            batch(Function{}(in.load_part(i, count - i)...)).store_unaligned(part);
            for (std::ptrdiff_t k = 0; k < count - i; ++k, out += step)
                *out = Reduction::combine(*out, part[k]);
        }
    };
}
