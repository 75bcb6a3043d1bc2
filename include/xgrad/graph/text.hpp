// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/tree.hpp>

#include <string_view>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        struct text_writer
        {
            char* to = nullptr;
            int size = 0;

            constexpr void put(std::string_view text)
            {
                for (const char c : text)
                {
                    if (to)
                        to[size] = c;
                    ++size;
                }
            }
            constexpr void put(int number)
            {
                if (number >= 10)
                    put(number / 10);
                const char digit[]{static_cast<char>('0' + number % 10)};
                put(std::string_view(digit, 1));
            }
        };

        template <class Tree>
        struct write_text
        {
            static constexpr void to(text_writer& out, int& leaf)
            {
                out.put("%");
                out.put(leaf++);
            }
        };
        template <class What, class Operand>
        constexpr void write_operand(text_writer& out, int& leaf, int index)
        {
            out.put(index > 0 ? ", " : "");
            write_text<Operand>::to(out, leaf);
            if constexpr (requires { What::may_transpose; })
            {
                out.put("%t");
                out.put(index);
            }
        }
        template <class What, class... Operands>
        constexpr void write_call(text_writer& out, int& leaf)
        {
            out.put(What::name);
            out.put("(");
            int count = 0;
            (write_operand<What, Operands>(out, leaf, count++), ...);
            out.put(")");
        }
        template <class Kernel, class... Operands>
        struct write_text<core<Kernel, Operands...>>
        {
            static constexpr void to(text_writer& out, int& leaf) { write_call<Kernel, Operands...>(out, leaf); }
        };
        template <class Function, class... Operands>
        struct write_text<apply<Function, Operands...>>
        {
            static constexpr void to(text_writer& out, int& leaf) { write_call<Function, Operands...>(out, leaf); }
        };
        template <class Function, class A, class B>
        struct write_text<apply<Function, A, B>>
        {
            static constexpr void to(text_writer& out, int& leaf)
            {
                if constexpr (!requires { Function::infix; })
                    return write_call<Function, A, B>(out, leaf);
                else
                {
                    side<A>(out, leaf);
                    out.put(" ");
                    out.put(Function::infix);
                    out.put(" ");
                    side<B>(out, leaf);
                }
            }
            template <class Side>
            static constexpr void side(text_writer& out, int& leaf)
            {
                constexpr bool brackets = requires { Side::function::infix; };
                out.put(brackets ? "(" : "");
                write_text<Side>::to(out, leaf);
                out.put(brackets ? ")" : "");
            }
        };

        template <class Tree>
        consteval int text_size()
        {
            text_writer count;
            int leaf = 0;
            write_text<Tree>::to(count, leaf);
            return count.size + 1;
        }

        template <class Tree>
        struct text_of
        {
            char characters[text_size<Tree>()]{};

            consteval text_of()
            {
                text_writer out{characters};
                int leaf = 0;
                write_text<Tree>::to(out, leaf);
            }
        };
    }

    /// A tree as text, its leaves as %0, %1, ...: "relu(matmul(%0, %1) + %2)". %t0 stands where bit 0 of a statement's
    /// attribute 0 would say that the operand before it is read transposed.
    template <class Tree>
    inline constexpr detail::text_of<Tree> tree_text{};
}
