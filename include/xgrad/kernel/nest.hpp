// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The loop nest of an elementwise computation over `space`: neighbouring axes along which every operand behaves
    /// alike are merged, so that the innermost run is as long as it can be.
    template <std::size_t Operands>
    class nest
    {
    public:
        constexpr nest(const shape& space, const std::array<shape, Operands>& operands)
        {
            std::array<std::ptrdiff_t, Operands> stride;
            stride.fill(1);
            unsigned previous = 0;
            for (int axis = space.rank - 1; axis >= 0; --axis)
            {
                const std::ptrdiff_t extent = space.extent[axis];
                unsigned moving = 0;
                for (std::size_t k = 0; k < Operands; ++k)
                {
                    const int own = axis - (space.rank - operands[k].rank);
                    if (own >= 0 && operands[k].extent[own] != 1)
                        moving |= 1u << k;
                }
                if (extent != 1)
                {
                    if (groups_ > 0 && moving == previous)
                        length_[groups_ - 1] *= extent;
                    else
                    {
                        for (std::size_t k = 0; k < Operands; ++k)
                            stride_[groups_][k] = moving >> k & 1u ? stride[k] : 0;
                        length_[groups_++] = extent;
                    }
                    previous = moving;
                }
                for (std::size_t k = 0; k < Operands; ++k)
                    if (moving >> k & 1u)
                        stride[k] *= extent;
            }
            if (groups_ == 0)
                length_[groups_++] = 1;
        }

        /// Calls body(flat index, length, offsets) for every innermost run that meets [begin, end).
        constexpr void run(std::ptrdiff_t begin, std::ptrdiff_t end, auto&& body) const
        {
            std::array<std::ptrdiff_t, Operands> offset{};
            std::array<std::ptrdiff_t, shape::max_rank + 1> index{};
            std::ptrdiff_t rest = begin;
            for (int group = 0; group < groups_; ++group)
            {
                index[group] = group + 1 == groups_ ? rest : rest % length_[group];
                rest /= length_[group];
                for (std::size_t k = 0; k < Operands; ++k)
                    offset[k] += index[group] * stride_[group][k];
            }
            for (std::ptrdiff_t at = begin; at < end;)
            {
                const std::ptrdiff_t left = length_[0] - index[0], count = left < end - at ? left : end - at;
                body(at, count, offset);
                if ((at += count) >= end)
                    return;
                // on to the next run, as an odometer turns: divisions would cost more than a short run
                for (std::size_t k = 0; k < Operands; ++k)
                    offset[k] -= index[0] * stride_[0][k];
                index[0] = 0;
                for (int group = 1; group < groups_; ++group)
                {
                    for (std::size_t k = 0; k < Operands; ++k)
                        offset[k] += stride_[group][k];
                    if (++index[group] < length_[group])
                        break;
                    for (std::size_t k = 0; k < Operands; ++k)
                        offset[k] -= index[group] * stride_[group][k];
                    index[group] = 0;
                }
            }
        }

        /// Whether operand k advances along the innermost run; else it repeats one element.
        constexpr bool moves(std::size_t k) const { return stride_[0][k] != 0; }

    private:
        static_assert(Operands <= 32, "xgrad: an unnamed expression has more than 32 operands; give a part of it a name");
        std::array<std::array<std::ptrdiff_t, Operands>, shape::max_rank + 1> stride_{};
        std::array<std::ptrdiff_t, shape::max_rank + 1> length_{};
        int groups_ = 0;
    };
}
