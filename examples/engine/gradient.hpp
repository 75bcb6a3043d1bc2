// SPDX-License-Identifier: BSD-3-Clause
// The core of xgrad on numbers instead of tensors: functions and gradients.
#pragma once

#include "expression.hpp"

// [functions]
struct add
{
    static constexpr double forward(double a, double b) { return a + b; }
    template <int> static constexpr auto gradient(auto g, auto, auto) { return g; }
};
struct multiply
{
    static constexpr double forward(double a, double b) { return a * b; }
    template <int I> static constexpr auto gradient(auto g, auto a, auto b)
    {
        if constexpr (I == 0)
            return g * b;
        else
            return g * a;
    }
};
template <tensor A, tensor B> constexpr auto operator+(A&& a, B&& b)
{
    return combine<add>(operand(std::forward<A>(a)), operand(std::forward<B>(b)));
}
template <tensor A, tensor B> constexpr auto operator*(A&& a, B&& b)
{
    return combine<multiply>(operand(std::forward<A>(a)), operand(std::forward<B>(b)));
}
// [functions end]

// [gradient]
template <int Order> constexpr void pull(node<Order> x, node<Order> g, std::vector<int>& arrived) // at a leaf: add up
{
    int& slot = arrived[x.ids[0]];
    slot = slot < 0 ? g.ids[0] : named(node<Order>{{slot}, g.list} + g).ids[0];
}
template <class F, class A, class B, int Order>
constexpr void pull(expression<apply<F, A, B>, Order> tree, node<Order> g, std::vector<int>& arrived)
{
    expression<A, Order> a{{}, tree.list};
    expression<B, Order> b{{}, tree.list};
    std::copy_n(tree.ids.begin(), A::leaves, a.ids.begin());
    std::copy_n(tree.ids.begin() + A::leaves, B::leaves, b.ids.begin());
    pull(a, named(F::template gradient<0>(g, a, b)), arrived);
    pull(b, named(F::template gradient<1>(g, a, b)), arrived);
}
template <class Tree, int Order> constexpr void backward(recorder& list, int id, std::vector<int>& arrived)
{
    if constexpr (Order > 0 && Tree::leaves > 0) // a gradient's own gradient exists only where it was asked for
    {
        expression<Tree, Order - 1> tree{{}, &list};
        std::copy_n(list[id].operands.begin(), Tree::leaves, tree.ids.begin());
        pull(tree, node<Order - 1>{{arrived[id]}, &list}, arrived);
    }
}
struct one
{
    static constexpr double forward() { return 1; }
};
template <int Order, class... X> constexpr auto gradient(node<Order> y, X... x)
{
    static_assert(Order > 0, "record the function with a higher order of derivatives");
    std::vector<int> arrived(y.list->size(), -1);
    arrived[y.ids[0]] = named(expression<apply<one>, Order - 1>{{}, y.list}).ids[0];
    for (int id = y.ids[0]; id >= 0; --id)
        if (arrived[id] >= 0 && (*y.list)[id].gradient)
            (*y.list)[id].gradient(*y.list, id, arrived);
    return std::array{node<Order - 1>{{arrived[x.ids[0]]}, y.list}...};
}
// [gradient end]
