// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/tree.hpp>
#include <xgrad/kernel/channel_finish.hpp>
#include <xgrad/kernel/memory.hpp>


namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct add;
        struct multiply;
        struct relu;
        struct clamp;
    }

    namespace detail
    {
        /// Which leaves of an expression, the core counted as one, a channel_finish reads; -1 for what it has not.
        struct channel_form
        {
            bool fits = false;
            int scale = -1, sum[2]{-1, -1};
            bool limited = false; // by 0 below, or by
            int low = -1, high = -1;

            constexpr channel_form and_sum(int leaf) const
            {
                channel_form more = *this;
                more.sum[sum[0] >= 0] = leaf;
                more.fits = fits && sum[1] < 0 && !limited;
                return more;
            }
            constexpr channel_form and_limits(int low_leaf = -1, int high_leaf = -1) const
            {
                channel_form more = *this;
                more.limited = true;
                more.low = low_leaf;
                more.high = high_leaf;
                more.fits = fits && !limited;
                return more;
            }
        };

        // the leaves of a tree, its core counted as one
        template <class Tree>
        inline constexpr int elementwise_leaves = 1;
        template <class Function, class... Operands>
        inline constexpr int elementwise_leaves<apply<Function, Operands...>> = (elementwise_leaves<Operands> + ...);

        /// The form of relu or clamp(core * leaf + leaf + leaf) and its parts, whose leaves count from `First`.
        template <class Tree, int First = 0>
        inline constexpr channel_form channel_form_of{};
        template <class Kernel, class... Operands, int First>
        inline constexpr channel_form channel_form_of<core<Kernel, Operands...>, First>{.fits = true};
        template <class Kernel, class... Operands, class Leaf, int First>
            requires tree_traits<Leaf>::is_leaf
        inline constexpr channel_form channel_form_of<apply<op::multiply, core<Kernel, Operands...>, Leaf>, First>{
            .fits = true, .scale = First + 1};
        template <class Kernel, class... Operands, class Leaf, int First>
            requires tree_traits<Leaf>::is_leaf
        inline constexpr channel_form channel_form_of<apply<op::multiply, Leaf, core<Kernel, Operands...>>, First>{
            .fits = true, .scale = First};
        template <class X, class Leaf, int First>
            requires(tree_traits<X>::has_core && tree_traits<Leaf>::is_leaf)
        inline constexpr channel_form channel_form_of<apply<op::add, X, Leaf>, First> =
            channel_form_of<X, First>.and_sum(First + elementwise_leaves<X>);
        template <class Leaf, class X, int First>
            requires(tree_traits<X>::has_core && tree_traits<Leaf>::is_leaf)
        inline constexpr channel_form channel_form_of<apply<op::add, Leaf, X>, First> =
            channel_form_of<X, First + 1>.and_sum(First);
        template <class X, int First>
            requires tree_traits<X>::has_core
        inline constexpr channel_form channel_form_of<apply<op::relu, X>, First> = channel_form_of<X, First>.and_limits();
        template <class X, class Low, class High, int First>
            requires(tree_traits<X>::has_core && tree_traits<Low>::is_leaf && tree_traits<High>::is_leaf)
        inline constexpr channel_form channel_form_of<apply<op::clamp, X, Low, High>, First> =
            channel_form_of<X, First>.and_limits(First + elementwise_leaves<X>, First + elementwise_leaves<X> + 1);

        /// What channels are finished with, of a form whose leaves are `in`; false if one of them is spread in another way.
        template <class T>
        bool find_finish(const channel_form& form, const kernel::tensor_ref& out, const kernel::tensor_ref* in,
                         kernel::channel_finish<T>& finish)
        {
            const shape& whole = out.extents;
            const auto of_channels = [&](const shape& part)
            {
                bool fits = part.rank <= whole.rank && part.size() == whole[1];
                for (int axis = part.rank; fits && axis-- > 0;)
                    fits = part.extent[axis] == (axis + whole.rank - part.rank == 1 ? whole[1] : 1);
                return fits;
            };
            const auto at = [&](int leaf) { return in[leaf].data.template as<T>(); };
            if (form.scale >= 0)
            {
                if (!of_channels(in[form.scale].extents))
                    return false;
                finish.scale = at(form.scale);
            }
            finish.y = out.data.template as<T>();
            for (const int leaf : form.sum)
                if (leaf >= 0 && !finish.shift && !finish.residual && of_channels(in[leaf].extents))
                    finish.shift = at(leaf);
                else if (leaf >= 0 && !finish.residual && in[leaf].extents == whole)
                    finish.residual = at(leaf);
                else if (leaf >= 0)
                    return false;
            if (form.limited)
                finish.low = 0;
            if (form.low >= 0)
            {
                if (in[form.low].extents.size() != 1 || in[form.high].extents.size() != 1)
                    return false;
                finish.low = *at(form.low);
                finish.high = *at(form.high);
            }
            return true;
        }
    }
}
