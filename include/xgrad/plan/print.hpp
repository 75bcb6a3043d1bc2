// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/graph_printer.hpp>
#include <xgrad/plan/plan.hpp>

#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    /// A graph line by line: `%8 float[<=64, 256] = relu(matmul(input0, hidden.weight) + hidden.bias)  65536 bytes at 0`.
    /// `parameters` are the names of the model's parameters, in order.
    template <int Records>
    std::string to_text(const graph_view& g, const memory_plan<Records>& plan, const std::vector<std::string>& parameters = {})
    {
        const detail::graph_printer print(g, parameters);
        std::string text;
        for (int id = 0; id < static_cast<int>(g.records.size()); ++id)
        {
            const record& line = g.records[static_cast<std::size_t>(id)];
            if (line.from != source::statement && line.from != source::alias && line.from != source::input)
                continue;
            const std::string left = line.target >= 0 ? print.name(line.target) : print.name(id);
            text += left + " " + print.type(id);
            if (line.from != source::input)
                text += " = " + print.computation(id);
            if (plan.offset[static_cast<std::size_t>(id)] >= 0)
                text += "  " + std::to_string(line.bytes()) + " bytes at " +
                        std::to_string(plan.offset[static_cast<std::size_t>(id)]);
            text += "\n";
        }
        text += std::to_string(g.statements()) + " statements, " + std::to_string(plan.bytes) + " bytes of scratch memory, " +
                std::to_string(g.flops()) + " FLOPs\n";
        return text;
    }

    /// A graph in Graphviz's DOT language: inputs and parameters as boxes, statements as ellipses with shape and bytes.
    inline std::string to_dot(const graph_view& g, const std::vector<std::string>& parameters = {})
    {
        const detail::graph_printer print(g, parameters);
        const auto node = [](int id) { return "n" + std::to_string(id); };
        std::string text = "digraph xgrad {\n  rankdir=TB;\n  node [fontname=\"Helvetica\", fontsize=11];\n";
        for (int id = 0; id < static_cast<int>(g.records.size()); ++id)
        {
            const record& line = g.records[static_cast<std::size_t>(id)];
            const bool made = line.from == source::statement || line.from == source::alias;
            if (line.from == source::gradient)
                continue;
            const std::string label = (made ? print.computation(id) : print.name(id)) + "\\n" + print.type(id) +
                                      (made ? ", " + std::to_string(line.bytes()) + " bytes" : "");
            text += "  " + node(id) + " [label=\"" + label + "\", shape=" + (made ? "ellipse" : "box") +
                    (line.target >= 0 ? ", style=bold" : "") + "];\n";
            for (const int operand : g.operands_of(id))
                if (g.records[static_cast<std::size_t>(operand)].from != source::gradient)
                    text += "  " + node(operand) + " -> " + node(id) + ";\n";
        }
        return text + "}\n";
    }

    /// What a compiled program computes, line by line.
    template <class Program>
        requires requires { Program::graph.view(); }
    std::string to_text(const Program&)
    {
        return to_text(Program::graph.view(), Program::plan, Program::parameter_names());
    }

    /// What a compiled program computes, as a drawing for Graphviz.
    template <class Program>
        requires requires { Program::graph.view(); }
    std::string to_dot(const Program&)
    {
        return to_dot(Program::graph.view(), Program::parameter_names());
    }
}
