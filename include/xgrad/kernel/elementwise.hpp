// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/nest.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// out[i] = Function(in...[i]) with broadcasting. One vector loop per run; its last vector overlaps the one before it, and
    /// a run shorter than a vector goes through the same code on a padded copy: a value never depends on where in the tensor
    /// it stands, and nothing is read or written past the end.
    template <class Function, class Out, class... In>
    class elementwise
    {
    public:
        using arch = default_arch;
        using compute = compute_type<In...>;
        static constexpr std::ptrdiff_t width = lane_count<compute, arch>;

        /// The result may lie where one of the operands does, element on element.
        constexpr elementwise(const tensor_ref& out, const std::array<tensor_ref, sizeof...(In)>& in)
            : elementwise(out, in, std::index_sequence_for<In...>{})
        {
        }

        /// The flat output indices [begin, end).
        constexpr void run(std::ptrdiff_t begin, std::ptrdiff_t end) const
        {
            run(begin, end, std::index_sequence_for<In...>{});
        }

    private:
        template <std::size_t... I>
        constexpr elementwise(const tensor_ref& out, const std::array<tensor_ref, sizeof...(In)>& in, std::index_sequence<I...>)
            : out_(out.data.template as<Out>()), in_(in[I].data.template as<In>()...), loops_(out.extents, {in[I].extents...})
        {
        }

        template <std::size_t... I>
        constexpr void run(std::ptrdiff_t begin, std::ptrdiff_t end, std::index_sequence<I...>) const
        {
            loops_.run(begin, end,
                       [&](std::ptrdiff_t at, std::ptrdiff_t count, const auto& offset)
                       {
                           if (std::is_constant_evaluated())
                               for (std::ptrdiff_t i = 0; i < count; ++i)
                                   out_[at + i] = Function{}(std::get<I>(in_)[offset[I] + (loops_.moves(I) ? i : 0)]...);
                           else
                               vectors(out_ + at, count,
                                       stream<In, compute, arch>{std::get<I>(in_) + offset[I], loops_.moves(I), {}}...);
                       });
        }

        static void vectors(Out* out, std::ptrdiff_t count, stream<In, compute, arch>... in)
        {
            const auto last = Function{}(in.load_last(count)...); // before an operand is written over
            if (!only_first(count, in...))
                for (std::ptrdiff_t i = 0; i < count - width;)
                {
                    const std::ptrdiff_t end = count < far ? count - width : std::min(i + 8 * width, count - width);
                    if (count >= far)
                        for (std::ptrdiff_t k = i + ahead; k < i + ahead + 8 * width; k += width)
                            (__builtin_prefetch(out + k, 1), ..., in.bring(k));
                    for (; i < end; i += width)
                        Function{}(in.load(i)...).store_unaligned(out + i);
                }
            else if constexpr (sizeof...(In) > 1)
                keeping_others(out, count, in...);
            if (count >= width)
                return last.store_unaligned(out + count - width);
            Out part[width];
            last.store_unaligned(part);
            for (std::ptrdiff_t i = 0; i < count; ++i)
                out[i] = part[i];
        }

        // Runs longer than second-level caches ask for what comes next: what the processor fetches on its own account ends
        // with every page (exp of 16 million numbers: 12.2 to 9.3 ms, 8.2 to 7.9 where memory is quiet).
        static constexpr std::ptrdiff_t far = 1 << 18, ahead = 1024;

        /// Whether all operands but the first repeat one element, along a run that is long enough to keep them: what scales,
        /// shifts and limits channels (MobileNet v2's took a third less time, before convolutions finished them).
        static bool only_first(std::ptrdiff_t count, const auto& first, const auto&... others)
        {
            return sizeof...(others) > 0 && count > 2 * width && first.moves() && !(false || ... || others.moves());
        }
        static void keeping_others(Out* out, std::ptrdiff_t count, const auto& first, const auto&... others)
        {
            [=](const auto... value)
            {
                for (std::ptrdiff_t i = 0; i + width < count; i += width)
                    Function{}(first.load(i), value...).store_unaligned(out + i);
            }(others.load(0)...);
        }

        Out* out_;
        std::tuple<const In*...> in_;
        nest<sizeof...(In)> loops_;
    };
}
