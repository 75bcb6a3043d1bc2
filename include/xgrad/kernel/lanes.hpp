// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/one_lane.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The type that an elementwise function over these element types computes in: the one that is not bool.
    template <class First, class... Rest>
    struct compute_type_of : compute_type_of<Rest...>
    {
        static_assert(std::is_same_v<First, bool> ||
                          (true && ... && (std::is_same_v<Rest, bool> || std::is_same_v<Rest, First>)),
                      "xgrad: an elementwise operation needs operands of one element type; cast<T>(x) converts");
        using type = std::conditional_t<std::is_same_v<First, bool>, typename compute_type_of<Rest...>::type, First>;
    };
    template <class Last>
    struct compute_type_of<Last>
    {
        using type = std::conditional_t<std::is_same_v<Last, bool>, std::uint8_t, Last>;
    };
    template <class... Elements>
    using compute_type = typename compute_type_of<Elements...>::type;

    /// Lanes of Element in a computation in Compute: a batch, or a mask for bool.
    template <class Element, class Compute, class Arch>
    using lanes =
        std::conditional_t<std::is_same_v<Element, bool>, xsimd::batch_bool<Compute, Arch>, xsimd::batch<Element, Arch>>;

    template <class Compute, class Arch>
    inline constexpr std::ptrdiff_t lane_count = static_cast<std::ptrdiff_t>(xsimd::batch<Compute, Arch>::size);

    /// Room for one element, as often as a vector has lanes.
    template <class Element, class Compute, class Arch>
    struct repeated
    {
        repeated() {}
        Element lane[lane_count<Compute, Arch>];
    };

    /// Reads one operand along a run: consecutive elements, or one element repeated.
    /// A repeated element is splat once into a buffer that the loop then reads without moving: no branch inside. A value of
    /// two registers: what lies in memory is read again after every result that is written (8 cycles a vector of 5 operands).
    template <class Element, class Compute, class Arch>
    class stream
    {
    public:
        static constexpr std::ptrdiff_t width = lane_count<Compute, Arch>;
        using value = lanes<Element, Compute, Arch>;

        stream(const Element* data, bool moves, repeated<Element, Compute, Arch>&& room)
            : data_(moves ? data : room.lane), moving_(moves ? -1 : 0)
        {
            if (!moves)
                for (auto& element : room.lane)
                    element = *data;
        }

        bool moves() const { return moving_ != 0; }
        void bring(std::ptrdiff_t at) const { __builtin_prefetch(data_ + (at & moving_)); }
        value load(std::ptrdiff_t at) const { return value::load_unaligned(data_ + (at & moving_)); }

        /// The last `count` < width elements, followed by copies of the first of them.
        value load_part(std::ptrdiff_t at, std::ptrdiff_t count) const
        {
            if (moving_ == 0)
                return value::load_unaligned(data_);
            Element part[width];
            for (std::ptrdiff_t i = 0; i < width; ++i)
                part[i] = data_[at + (i < count ? i : 0)];
            return value::load_unaligned(part);
        }

        /// The last `width` of `count` elements, or all of them if there are fewer.
        value load_last(std::ptrdiff_t count) const { return count < width ? load_part(0, count) : load(count - width); }

    private:
        const Element* data_;
        std::ptrdiff_t moving_; // all bits or none
    };
}
