// SPDX-License-Identifier: BSD-3-Clause
// The core of xgrad on numbers instead of tensors: expressions and statements. docs/how-it-works.md goes through it.
#pragma once

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

// [statement]
struct statement // one line of the list: how a value is made
{
    double (*forward)(const double* values, const int* operands) = nullptr; // none: an input
    void (*gradient)(std::vector<statement>& list, int id, std::vector<int>& arrived) = nullptr;
    std::array<int, 4> operands{-1, -1, -1, -1};
    bool operator==(const statement&) const = default;
};
using recorder = std::vector<statement>;
// [statement end]

// [expression]
template <class Tree, int Order> struct expression // structure in the type, ids in the value, no data
{
    std::array<int, Tree::leaves> ids;
    recorder* list;
};
struct leaf
{
    static constexpr int leaves = 1;
    static constexpr double run(const double* values, const int*& ids) { return values[*ids++]; }
};
template <class F, class... X> struct apply
{
    static constexpr int leaves = (0 + ... + X::leaves);
    static constexpr double run([[maybe_unused]] const double* values, [[maybe_unused]] const int*& ids)
    {
        return std::apply(F::forward, std::array<double, sizeof...(X)>{X::run(values, ids)...}); // from left to right
    }
};
template <int Order> using node = expression<leaf, Order>; // an expression that is only a name
// [expression end]

// [named]
template <class Tree> constexpr double forward(const double* values, const int* ids) { return Tree::run(values, ids); }
template <class Tree, int Order> constexpr void backward(recorder& list, int id, std::vector<int>& arrived);

template <class Tree, int Order> constexpr node<Order> named(const expression<Tree, Order>& e)
{
    statement line{&forward<Tree>, &backward<Tree, Order>};
    std::copy(e.ids.begin(), e.ids.end(), line.operands.begin());
    const auto found = std::find(e.list->begin(), e.list->end(), line); // the same line twice is one line
    const int id = static_cast<int>(found - e.list->begin());
    if (found == e.list->end())
        e.list->push_back(line);
    return {{id}, e.list};
}
template <int Order> constexpr node<Order> named(const node<Order>& e) { return e; }
// [named end]

// [operand]
template <class> constexpr bool is_expression = false;
template <class Tree, int Order> constexpr bool is_expression<expression<Tree, Order>> = true;
template <class X> concept tensor = is_expression<std::remove_cvref_t<X>>;

template <tensor X> constexpr auto operand(X&& x) // a name is a statement, an unnamed part moves in
{
    if constexpr (std::is_lvalue_reference_v<X>)
        return named(x);
    else
        return x;
}
template <class F, class A, class B, int OrderA, int OrderB>
constexpr auto combine(expression<A, OrderA> a, expression<B, OrderB> b)
{
    expression<apply<F, A, B>, std::min(OrderA, OrderB)> both{{}, a.list};
    std::copy(b.ids.begin(), b.ids.end(), std::copy(a.ids.begin(), a.ids.end(), both.ids.begin()));
    return both;
}
// [operand end]
