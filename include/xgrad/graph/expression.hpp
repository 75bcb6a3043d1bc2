// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/recorder.hpp>
#include <xgrad/shape/broadcast.hpp>

#include <concepts>

namespace xgrad::inline XGRAD_ABI
{
    template <class>
    inline constexpr bool always_false = false;

    /// A computation that has not been written down yet: its structure, the list it belongs to, its shape.
    /// It holds ids, never references, so it can be stored and returned; moved into a larger expression it becomes part
    /// of that one's kernel, used by name it is recorded as a statement of its own.
    /// Order counts how many more times it can be differentiated.
    template <class Tree, class Shape, int Order = 1>
    struct expression
    {
        using tree_type = Tree;
        using shape_type = Shape;
        static constexpr int order = Order;
        using value_type = typename Tree::value_type;

        Tree tree;
        recorder* list;
        [[no_unique_address]] Shape form;

        /// `state = tanh(...)`: writes the expression down; the name stands for its result from then on.
        template <class OtherTree, class OtherShape, int OtherOrder>
        constexpr expression& operator=(const expression<OtherTree, OtherShape, OtherOrder>& e)
        {
            constexpr bool is_name = tree_traits<Tree>::is_leaf;
            static_assert(is_name, "xgrad: an expression without a name cannot take another value; name the first one: "
                                   "auto h = named(...)");
            if constexpr (is_name)
            {
                using type = typename OtherTree::value_type;
                static_assert(std::is_same_v<Shape, OtherShape>, "xgrad: a name keeps its shape; assign a value of that shape");
                static_assert(std::is_same_v<value_type, type>, "xgrad: a name keeps its element type; cast<T>(x) converts");
                static_assert(Order <= OtherOrder, "xgrad: a name keeps how often it can be differentiated");
                static_assert(
                    is_held_tree<Tree> || !is_held_tree<OtherTree>,
                    "xgrad: on a tape this name stands for a parameter and cannot take a value of the run; begin with "
                    "a value that depends on an input");
                constexpr bool fits = std::is_same_v<Shape, OtherShape> && std::is_same_v<value_type, type> &&
                                      Order <= OtherOrder && (is_held_tree<Tree> || !is_held_tree<OtherTree>);
                if constexpr (fits && is_held_tree<Tree> && !is_held_tree<OtherTree>)
                    *this = expression{Tree(e.list->runs->hold(named(e).tree.id)), e.list, e.form};
                else if constexpr (fits)
                    *this = expression{named(e).tree, e.list, e.form};
            }
            return *this;
        }

        constexpr xgrad::shape shape() const { return form.value; }

        /// Number of axes.
        static constexpr int rank()
            requires static_shape<Shape>
        {
            return Shape::value.rank;
        }

        /// Extent of an axis, counted from the back if negative; of a bounded axis, the bound.
        static constexpr std::ptrdiff_t extent(int axis)
            requires static_shape<Shape>
        {
            return Shape::value[axis];
        }

        template <class T = void>
        explicit constexpr operator bool() const
        {
            if constexpr (is_held_tree<Tree>)
            {
                static_assert(always_false<T> || std::is_same_v<Shape, extents<>>,
                              "xgrad: a branch needs a scalar; compare sum(...), mean(...) or max(...)");
                return static_cast<bool>(read_value(*this));
            }
            else
            {
                static_assert(always_false<T>, "xgrad: a value is not known while the graph is compiled; choose with "
                                               "where(condition, a, b), or branch on a member of the model");
                return false;
            }
        }

        /// On a tape: the number that a scalar is, or an xtensor over the tape's memory, which lives as long as this name.
        template <class T = void>
        constexpr auto value() const
        {
            if constexpr (is_held_tree<Tree>)
                return read_value(*this);
            else
            {
                static_assert(always_false<T>, "xgrad: a value is not known while the graph is compiled; return it from the "
                                               "model and read the result");
                return value_type{};
            }
        }
    };

    /// A statement's result, an input or a parameter: an expression that is only a name.
    template <element_type T, class Shape, int Order = 1>
    using node = expression<leaf<T>, Shape, Order>;

    template <class>
    inline constexpr bool is_expression = false;
    template <class Tree, class Shape, int Order>
    inline constexpr bool is_expression<expression<Tree, Shape, Order>> = true;

    /// Something with a `node()`: a parameter of a model.
    template <class X>
    concept names_node = requires(const std::remove_cvref_t<X>& x) {
        { x.node() };
        requires is_expression<decltype(x.node())>;
    };

    /// A tensor in a model: an expression or a parameter.
    template <class X>
    concept tensor = is_expression<std::remove_cvref_t<X>> || names_node<X>;

    /// A tensor or a number.
    template <class X>
    concept operand = tensor<X> || std::is_arithmetic_v<std::remove_cvref_t<X>>;

    /// Operands of an elementwise operation, at least one of them a tensor.
    template <class... X>
    concept operands = (operand<X> && ...) && (tensor<X> || ...);

    template <class X>
    constexpr auto to_expression(X&& x)
    {
        if constexpr (names_node<X>)
            return x.node();
        else
            return std::remove_cvref_t<X>(std::forward<X>(x));
    }

    /// The expression type that an operand stands for.
    template <tensor X>
    using expression_type = decltype(to_expression(std::declval<X>()));
    template <tensor X>
    using element_of_operand = typename expression_type<X>::value_type;
    template <tensor X>
    using shape_of_operand = typename expression_type<X>::shape_type;
}
