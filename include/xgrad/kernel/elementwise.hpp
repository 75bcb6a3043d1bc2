// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/nest.hpp>

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
                for (std::ptrdiff_t i = 0; i + width < count; i += width)
                    Function{}(in.load(i)...).store_unaligned(out + i);
            else if constexpr (sizeof...(In) > 1)
                keeping_others(out, count, in...);
            if (count >= width)
                return last.store_unaligned(out + count - width);
            Out part[width];
            last.store_unaligned(part);
            for (std::ptrdiff_t i = 0; i < count; ++i)
                out[i] = part[i];
        }

        /// Whether all operands but the first repeat one element, along a run that is long enough to keep them: what a
        /// convolution is scaled, shifted and limited by (MobileNet v2's take half of the time).
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
