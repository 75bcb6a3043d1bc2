// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/small.hpp>
#include <xgrad/op/reshape.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        // Attribute 0: the axis, its extent in the whole, and the count taken: axis | whole << 4 | count << 34.
        // Attribute 1: where it begins.
        struct slice_place
        {
            std::ptrdiff_t whole, count, begin, inner = 1, outer = 1;

            constexpr slice_place(const shape& large, const kernel::attributes& with)
                : whole(with.value[0] >> 4 & 0x3fffffff), count(with.value[0] >> 34), begin(with.value[1])
            {
                const int axis = static_cast<int>(with.value[0] & 15);
                for (int k = 0; k < large.rank; ++k)
                    (k < axis ? outer : inner) *= k == axis ? 1 : large.extent[k];
            }
        };

        /// A part added to a whole at its place. Where the whole's life ends here, only the part is touched: the gradients of a
        /// tensor's slices, one for each step of a recurrent network, gather in one place.
        struct add_slice
        {
            template <class Element, class>
            using value_type = Element;
            static constexpr auto name = "add_slice";
            static constexpr bool in_place = true;

            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const slice_place at(c.out.extents, c.with);
                const Out *whole = c.in[0].data.template as<Out>(), *part = c.in[1].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t block = at.count * at.inner, row = at.whole * at.inner, first = at.begin * at.inner;
                for (std::ptrdiff_t i = 0; i < at.outer; ++i, to += row, whole += row, part += block)
                {
                    for (std::ptrdiff_t k = 0; to != whole && k < first; ++k)
                        to[k] = whole[k];
                    for (std::ptrdiff_t k = 0; k < block; ++k)
                        to[first + k] = whole[first + k] + part[k];
                    for (std::ptrdiff_t k = first + block; to != whole && k < row; ++k)
                        to[k] = whole[k];
                }
                done(0, at.outer * row);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return s.in(1).size();
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int Operand>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto, auto part);
        };

        /// The reverse of a slice: its operand placed into zeros.
        struct unslice
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "unslice";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const slice_place at(c.out.extents, c.with);
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t block = at.count * at.inner, row = at.whole * at.inner, first = at.begin * at.inner;
                for (std::ptrdiff_t i = 0; i < at.outer; ++i)
                    for (std::ptrdiff_t k = 0; k < row; ++k)
                        to[i * row + k] = k >= first && k < first + block ? x[i * block + k - first] : Out(0);
                done(0, at.outer * row);
            }

            template <class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x);

            /// The sum of what has arrived before and of this.
            static constexpr auto add_to(const auto& before, const kernel::attributes& with, const auto& part)
            {
                return make_core<add_slice>(dynamic{before.shape()}, with, before, part);
            }
        };

        struct slice
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "slice";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const slice_place at(c.in[0].extents, c.with);
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t block = at.count * at.inner, row = at.whole * at.inner, first = at.begin * at.inner;
                for (std::ptrdiff_t i = 0; i < at.outer; ++i)
                    for (std::ptrdiff_t k = 0; k < block; ++k)
                        to[i * block + k] = x[i * row + first + k];
                done(0, at.outer * block);
            }

            template <class Statement>
            static constexpr bool small = Statement::out.size() <= 4096;
            template <class Statement, class T>
            static void forward_small(T* to, const T* x)
            {
                constexpr slice_place at(Statement::template in<0>, Statement::with);
                for (std::ptrdiff_t i = 0; i < at.outer; ++i)
                    kernel::small::copy<at.count * at.inner, Statement::template widest<T>>(
                        x + (i * at.whole + at.begin) * at.inner, to + i * at.count * at.inner);
            }

            template <class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                return make_core<unslice>(dynamic{x.shape()}, with, g);
            }
        };

        template <int Operand>
        constexpr auto add_slice::gradient(const kernel::attributes& with, auto g, auto, auto, auto part)
        {
            if constexpr (Operand == 0)
                return g;
            else
                return make_core<slice>(dynamic{part.shape()}, with, g);
        }

        template <int>
        constexpr auto unslice::gradient(const kernel::attributes& with, auto g, auto, auto x)
        {
            return make_core<slice>(dynamic{x.shape()}, with, g);
        }
    }

    namespace detail
    {
        template <shape From, int Axis>
        consteval void require_slice_axis()
        {
            constexpr int axis = Axis, rank = From.rank;
            static_assert(axis >= -rank && axis < rank, "xgrad::slice: the tensor does not have this axis");
            static_assert(!(From.bounded && normal_axis(axis, rank) == 0),
                          "xgrad::slice: the bounded axis of a batch cannot be cut, its length is not known while compiling");
        }

        template <std::ptrdiff_t Begin, std::ptrdiff_t End, std::ptrdiff_t Extent>
        consteval bool require_slice()
        {
            static_assert(0 <= Begin && Begin < End && End <= Extent,
                          "xgrad::slice<Axis, Begin, End>(x): 0 <= Begin < End <= the extent of the axis must hold");
            return 0 <= Begin && Begin < End && End <= Extent;
        }

        template <class To>
        constexpr auto slice_of(const auto& value, int axis, std::ptrdiff_t begin, std::ptrdiff_t count, const To& to)
        {
            const std::int64_t whole = value.shape().extent[axis];
            if (begin < 0 || begin + count > whole)
                throw range_error("xgrad::slice: a range reaches past the end of its axis");
            const kernel::attributes with{{axis | whole << 4 | std::int64_t{count} << 34, begin}};
            return make_core<op::slice>(to, with, value);
        }

        inline constexpr operation slice_in_place{nullptr, nullptr, nullptr, nullptr, "slice(%0)", false};

        // a slice that lies in one piece, and has no gradient, is read where it lies
        template <int Axis, class To>
        constexpr auto slice_in_memory(const auto& value, std::ptrdiff_t begin, std::ptrdiff_t count, const To& to)
        {
            using type = std::remove_cvref_t<decltype(value)>;
            constexpr shape from = type::shape_type::value;
            constexpr bool in_one_piece = [=]
            {
                bool result = !from.bounded;
                for (int axis = 0; axis < Axis; ++axis)
                    result = result && from.extent[axis] == 1;
                return result;
            }();
            if constexpr (type::order == 0 && in_one_piece && !is_held_tree<typename type::tree_type>)
            {
                if (begin < 0 || begin + count > from.extent[Axis])
                    throw range_error("xgrad::slice: a range reaches past the end of its axis");
                std::ptrdiff_t inner = 1;
                for (int axis = Axis + 1; axis < from.rank; ++axis)
                    inner *= from.extent[axis];
                return expression<leaf_for<typename type::tree_type>, To, 0>{
                    {value.list->add_alias(&slice_in_place, value.tree.id, to.value, begin * inner)}, value.list, to};
            }
            else
                return slice_of(value, Axis, begin, count, to);
        }
    }

    /// Elements [Begin, End) along an axis. Derivative: 1 inside, 0 outside.
    template <int Axis, std::ptrdiff_t Begin, std::ptrdiff_t End>
    constexpr auto slice(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        detail::require_slice_axis<from, Axis>();
        constexpr bool fits = detail::require_slice<Begin, End, from[Axis]>();
        constexpr int axis = normal_axis(Axis, from.rank);
        constexpr shape to = [=]
        {
            shape s = from;
            s.extent[axis] = End - Begin;
            return s;
        }();
        return detail::slice_in_memory<axis>(in_memory(x), fits ? Begin : 0, fits ? End - Begin : 0, shape_type<to>{});
    }

    /// x placed into zeros along an axis that becomes `Whole` long, from `Begin` on: the reverse of a slice. Derivative: that
    /// slice of g.
    template <int Axis, std::ptrdiff_t Begin, std::ptrdiff_t Whole>
    constexpr auto unslice(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        detail::require_slice_axis<from, Axis>();
        constexpr int axis = normal_axis(Axis, from.rank);
        static_assert(
            0 <= Begin && Begin + from[axis] <= Whole,
            "xgrad::unslice<Axis, Begin, Whole>(x): 0 <= Begin and Begin + the extent of the axis <= Whole must hold");
        constexpr shape to = [=]
        {
            shape s = from;
            s.extent[axis] = Whole;
            return s;
        }();
        const kernel::attributes with{{axis | std::int64_t{Whole} << 4 | std::int64_t{from[axis]} << 34, Begin}};
        return make_core<op::unslice>(shape_type<to>{}, with, in_memory(std::forward<decltype(x)>(x)));
    }

    /// Element `index` along an axis, the axis dropped; the index may be a loop's variable. Derivative: 1 there, else 0.
    template <int Axis = 0>
    constexpr auto select(tensor auto&& x, std::ptrdiff_t index)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        detail::require_slice_axis<from, Axis>();
        constexpr int axis = normal_axis(Axis, from.rank);
        return detail::slice_in_memory<axis>(in_memory(x), index, 1, shape_type<reduced(from, 1u << axis, false)>{});
    }

    namespace detail
    {
        /// A range over an axis of a tensor, for `for` loops in models.
        template <int Axis, class X>
        struct axis_range
        {
            X x;

            struct iterator
            {
                X x;
                std::ptrdiff_t at;
                constexpr auto operator*() const { return named(select<Axis>(x, at)); }
                constexpr iterator& operator++()
                {
                    ++at;
                    return *this;
                }
                constexpr bool operator!=(const iterator& other) const { return at != other.at; }
            };

            constexpr iterator begin() const { return {x, 0}; }
            constexpr iterator end() const { return {x, X::shape_type::value[Axis]}; }
            static constexpr std::ptrdiff_t size() { return X::shape_type::value[Axis]; }
        };
    }

    /// The slices of x along an axis, for a loop: `for (auto letter : along<1>(text))`.
    template <int Axis>
    constexpr auto along(tensor auto&& x)
    {
        detail::require_slice_axis<shape_of_operand<decltype(x)>::value, Axis>();
        auto value = in_memory(std::forward<decltype(x)>(x));
        return detail::axis_range<Axis, decltype(value)>{value};
    }

    /// A loop over a tensor goes along its leading axis: `for (auto letter : text)`.
    template <class Tree, static_shape Shape, int Order>
    constexpr auto begin(const expression<Tree, Shape, Order>& x)
    {
        return along<0>(x).begin();
    }
    template <class Tree, static_shape Shape, int Order>
    constexpr auto end(const expression<Tree, Shape, Order>& x)
    {
        return along<0>(x).end();
    }
}
