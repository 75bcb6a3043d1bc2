// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>

namespace xgrad::inline XGRAD_ABI
{
    class recorder;
    struct gradient_pass;
    struct record;

    /// The shapes that a statement works on.
    struct signature
    {
        const record* records;
        const int* operands;
        shape out;
        kernel::attributes with;

        constexpr const shape& in(int operand) const;
    };

    /// What all statements of one structure share: its kernel, the function that emits its gradient, its cost.
    struct operation
    {
        void (*forward)(const kernel::call&);
        void (*gradient)(gradient_pass&, int id);
        std::int64_t (*flops)(const signature&);
        std::int64_t (*workspace)(const signature&);
        /// What it computes, operands as %0, %1: "relu(matmul(%0, %1) + %2)".
        const char* text;
        /// The result may be written over an operand of the same shape whose life ends here.
        bool in_place;
        /// The same without a gradient, for finished graphs: what only the compiler calls is then never generated as code.
        const operation* executed = nullptr;
        /// Bytes of memory for a result and for what its gradient reads besides, on a tape; 0: what the result takes.
        std::int64_t kept_bytes = 0;
        /// `forward` computes an expression, whose type is type_of_key<forward>.
        bool is_expression = false;
    };

    /// Where a value comes from.
    enum class source : std::uint8_t
    {
        input,
        constant,
        parameter,
        gradient,
        persistent,
        statement,
        alias
    };

    /// One line of a graph: a value and how it is made.
    struct record
    {
        const operation* op = nullptr;
        shape extents{};
        element type = element::f32;
        source from = source::statement;
        int first_operand = 0;
        int operand_count = 0;
        kernel::attributes with{};
        /// The number of a constant; unused otherwise.
        double number = 0;
        /// Elements: a parameter's or gradient's place among all, an alias's place in its operand, an input's index.
        std::int64_t offset = 0;
        /// The persistent value that a statement writes, or -1.
        int target = -1;

        constexpr std::int64_t bytes() const { return extents.size() * static_cast<std::int64_t>(size_of(type)); }
    };

    constexpr const shape& signature::in(int operand) const { return records[operands[operand]].extents; }
}
