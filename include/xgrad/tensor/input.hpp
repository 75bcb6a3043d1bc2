// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/error.hpp>
#include <xgrad/shape/broadcast.hpp>
#include <xgrad/tensor/buffer.hpp>
#include <xgrad/tensor/view.hpp>

#include <algorithm>
#include <string>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        template <class X>
        concept xtensor_like = requires(const X& x) {
            x.dimension();
            x.shape();
        };

        template <class X, class T>
        concept contiguous_of = requires(const X& x) {
            { x.data() } -> std::convertible_to<const T*>;
            requires std::is_same_v<std::remove_cvref_t<decltype(*x.data())>, T>;
        };

        inline shape_error wrong_input(int number, const shape& expected, const char* type, const std::string& came)
        {
            return shape_error("xgrad: input " + std::to_string(number) + " must be " + std::string(type) +
                               to_string(expected) + ", but " + came + " came");
        }

        template <class X>
        bool is_row_major(const X& x)
        {
            if constexpr (requires {
                              x.strides();
                              x.layout();
                          })
            {
                std::ptrdiff_t stride = 1;
                for (std::size_t axis = x.dimension(); axis-- > 0;)
                {
                    if (x.shape()[axis] != 1 && static_cast<std::ptrdiff_t>(x.strides()[axis]) != stride)
                        return false;
                    stride *= static_cast<std::ptrdiff_t>(x.shape()[axis]);
                }
                return true;
            }
            else
                return false;
        }
    }

    /// The extents of something handed in, if they are those that were declared; counts its rows.
    template <element_type T, static_shape Shape, class X>
    shape checked_extents(const X& x, int number, std::int32_t& rows)
    {
        constexpr shape expected = Shape::value;
        constexpr const char* type = name_of(element_of<T>);
        shape came;
        if constexpr (detail::xtensor_like<X>)
        {
            const auto& sizes = x.shape();
            if (x.dimension() != static_cast<std::size_t>(expected.rank))
                throw detail::wrong_input(number, expected, type, "a tensor with " + std::to_string(x.dimension()) + " axes");
            for (std::size_t axis = 0; axis < x.dimension(); ++axis)
                came.append(static_cast<std::ptrdiff_t>(sizes[axis]));
        }
        else
        {
            static_assert(expected.rank == 1, "xgrad: hand in an xtensor container, view or expression");
            came.append(static_cast<std::ptrdiff_t>(std::size(x)));
        }
        for (int axis = 0; axis < expected.rank; ++axis)
        {
            const bool fits = axis == 0 && expected.bounded
                                  ? came[0] >= 1 && (came[0] <= expected[0] || expected[0] == any_extent)
                                  : came[axis] == expected[axis];
            if (!fits)
                throw detail::wrong_input(number, expected, type, to_string(came));
        }
        if constexpr (expected.bounded)
        {
            if (rows != 0 && rows != came[0])
                throw detail::wrong_input(number, expected, type,
                                          to_string(came) + " with " + std::to_string(rows) + " rows in an earlier input");
            rows = static_cast<std::int32_t>(came[0]);
        }
        return came;
    }

    /// The elements of something handed in, and how many rows it has: borrowed where they lie contiguous in memory with
    /// the right type, else copied into `room`. Accepts xtensor containers, views and expressions, and ranges for tensors
    /// of one axis.
    template <element_type T, static_shape Shape, class X>
    const T* borrow(const X& x, int number, std::int32_t& rows, std::byte* room)
    {
        checked_extents<T, Shape>(x, number, rows);
        if constexpr (detail::contiguous_of<X, T>)
        {
            if constexpr (!detail::xtensor_like<X>)
                return x.data();
            else if (detail::is_row_major(x))
            {
                if constexpr (requires { x.data_offset(); })
                    return x.data() + x.data_offset();
                else
                    return x.data();
            }
        }
        T* to = reinterpret_cast<T*>(room);
        if constexpr (detail::xtensor_like<X>)
            std::transform(x.template begin<xt::layout_type::row_major>(), x.template end<xt::layout_type::row_major>(), to,
                           [](const auto& value) { return static_cast<T>(value); });
        else
            std::transform(std::begin(x), std::end(x), to, [](const auto& value) { return static_cast<T>(value); });
        return to;
    }
}
