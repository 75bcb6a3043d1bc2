// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/graph.hpp>
#include <xgrad/shape/broadcast.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        class graph_printer
        {
        public:
            graph_printer(const graph_view& g, const std::vector<std::string>& parameters) : graph_(g)
            {
                std::vector<std::int64_t> places;
                std::size_t next = 0;
                for (std::size_t id = 0; id < g.records.size(); ++id)
                    if (const record& line = g.records[id]; line.from == source::parameter && line.with.value[0] == 0)
                    {
                        places.push_back(line.offset);
                        names_.push_back(next < parameters.size() ? parameters[next] : "parameter" + std::to_string(next));
                        ++next;
                    }
                places_ = places;
            }

            /// What an operand is called: a member's name, a number, or the statement that made it.
            std::string name(int id) const
            {
                const record& line = graph_.records[static_cast<std::size_t>(id)];
                const bool whole = line.with.value[0] == 1;
                switch (line.from)
                {
                case source::input:
                    return "input" + std::to_string(line.offset);
                case source::constant:
                    return number(line.number);
                case source::parameter:
                    return whole ? "parameters" : place(line.offset);
                case source::gradient:
                    return whole ? "gradients" : "gradient of " + place(line.offset);
                case source::persistent:
                    return "state" + std::to_string(line.offset);
                default:
                    return "%" + std::to_string(id);
                }
            }

            /// The computation of a statement, operands by name.
            std::string computation(int id) const
            {
                const auto operands = graph_.operands_of(id);
                const record& line = graph_.records[static_cast<std::size_t>(id)];
                const std::string_view text = line.op->text;
                std::string result;
                for (std::size_t at = 0; at < text.size(); ++at)
                {
                    if (text[at] != '%')
                        result += text[at];
                    else if (text[at + 1] == '*')
                    {
                        for (std::size_t k = 0; k < operands.size(); ++k)
                            result += (k ? ", " : "") + name(operands[k]);
                        ++at;
                    }
                    else if (text[at + 1] == 't')
                    {
                        at += 2;
                        result += line.with.value[0] >> (text[at] - '0') & 1 ? "^T" : "";
                    }
                    else
                    {
                        std::size_t index = 0;
                        while (at + 1 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9')
                            index = index * 10 + static_cast<std::size_t>(text[++at] - '0');
                        result += name(operands[index]);
                    }
                }
                return result;
            }

            std::string type(int id) const
            {
                const record& line = graph_.records[static_cast<std::size_t>(id)];
                return name_of(line.type) + to_string(line.extents);
            }

        private:
            std::string place(std::int64_t offset) const
            {
                for (std::size_t k = 0; k < places_.size(); ++k)
                    if (places_[k] == offset)
                        return names_[k];
                return "parameter at " + std::to_string(offset);
            }

            static std::string number(double value)
            {
                std::string text = std::to_string(value);
                while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.'))
                {
                    const bool point = text.back() == '.';
                    text.pop_back();
                    if (point)
                        break;
                }
                return text;
            }

            graph_view graph_;
            std::vector<std::int64_t> places_;
            std::vector<std::string> names_;
        };
    }
}
