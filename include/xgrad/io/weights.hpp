// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/io/copy_to.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/plan/network.hpp>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    namespace io
    {
        /// A table from a network's names to a file's, for `weight_options::name_in_file`: the longest key that is a name, or
        /// its beginning up to a dot, is replaced. The key "" stands for the whole network: {{"", "module"}} puts "module."
        /// before every name.
        class name_table
        {
        public:
            name_table(std::initializer_list<std::pair<const std::string, std::string>> names) : names_{names} {}
            explicit name_table(std::map<std::string, std::string> names) : names_{std::move(names)} {}

            std::string operator()(const std::string& name) const
            {
                for (std::size_t end = name.size(); end != std::string::npos; end = end ? name.rfind('.', end - 1) : end - 1)
                    if (const auto found = names_.find(name.substr(0, end)); found != names_.end())
                        return joined(found->second, std::string_view{name}.substr(std::min(end + 1, name.size())));
                if (const auto all = names_.find(""); all != names_.end())
                    return joined(all->second, name);
                return name;
            }

        private:
            static std::string joined(const std::string& first, std::string_view second)
            {
                return first + (first.empty() || second.empty() ? "" : ".") + std::string{second};
            }

            std::map<std::string, std::string> names_;
        };
    }

    /// How `load` brings the names of a network and of a file together.
    struct weight_options
    {
        /// Refuses a file that lacks a tensor of the network or holds one that the network has not. What has a wrong shape or
        /// type is refused in any case.
        bool strict = true;
        /// The name in the file of a tensor of the network: a function or an io::name_table. An empty name leaves the tensor
        /// as it is, and passes over what the file has under the tensor's own name.
        std::function<std::string(const std::string&)> name_in_file = {};
    };

    /// What did not fit when a file was loaded with `strict = false`.
    struct load_result
    {
        /// Tensors that keep their values, for the file has none of their name in it.
        std::vector<std::string> missing;
        /// Entries of the file that the network has no use for.
        std::vector<std::string> unexpected;
    };

    namespace detail
    {
        // Every misfit of a file, in one message that does not grow without bound.
        class misfits
        {
        public:
            void add(const std::string& what)
            {
                if (++count_ <= most)
                    text_ += "\n  " + what;
            }
            void refuse_any(const std::string& file) const
            {
                if (count_ > 0)
                    throw file_error(io::printable(file, 4096) + " does not fit the network, which is left as it was:" + text_ +
                                     (count_ > most ? "\n  and " + std::to_string(count_ - most) + " more" : ""));
            }

        private:
            static constexpr std::size_t most = 5000;
            std::size_t count_ = 0;
            std::string text_;
        };

        inline std::vector<std::int64_t> shape_of(const named_span& span)
        {
            return {span.extents.extent, span.extents.extent + span.extents.rank};
        }

        inline std::vector<io::entry> entries_of(const std::vector<named_span>& spans)
        {
            std::vector<io::entry> result;
            for (const named_span& span : spans)
                result.push_back({span.name,
                                  span.type == element::f64 ? io::element::f64 : io::element::f32,
                                  shape_of(span),
                                  {span.data, static_cast<std::size_t>(span.extents.size()) * size_of(span.type)}});
            return result;
        }

        inline bool is_floating(io::element type)
        {
            return type == io::element::f64 || type == io::element::f32 || type == io::element::f16 ||
                   type == io::element::bf16;
        }

        // What a file may hold beside the network's tensors: the optimizer's state, which a checkpoint has, and PyTorch's
        // count of the batches that a batch norm has seen, which enters no result.
        inline bool passed_over(const io::entry& entry)
        {
            return entry.name.starts_with("optimizer.") ||
                   (entry.name.ends_with(".num_batches_tracked") && entry.shape.empty() && !is_floating(entry.type));
        }

        // Checks everything before the first number changes, then converts from the file's memory into the network's.
        template <class File>
        load_result read_spans(const File& file, const std::vector<named_span>& wanted, const weight_options& options,
                               bool with_optimizer = false)
        {
            misfits faults;
            load_result result;
            std::set<std::string, std::less<>> used;
            std::vector<std::pair<const named_span*, const io::entry*>> pairs;
            for (const named_span& span : wanted)
            {
                const std::string name = options.name_in_file ? options.name_in_file(span.name) : span.name;
                used.insert(name.empty() ? span.name : name);
                if (name.empty())
                    continue;
                const std::string whose = io::in_quotes(name) + (name == span.name ? "" : " for " + io::in_quotes(span.name));
                const auto shape = shape_of(span);
                const io::entry* found = file.find(name);
                if (!found)
                {
                    result.missing.push_back(span.name);
                    if (options.strict)
                        faults.add("missing: " + whose + " " + io::shape_text(shape));
                }
                else if (found->shape != shape)
                    faults.add("wrong shape: " + whose + " must be " + io::shape_text(shape) + ", but is " +
                               io::shape_text(found->shape));
                else if (!is_floating(found->type))
                    faults.add("wrong type: " + whose + " must be F64, F32, F16 or BF16, but is " +
                               std::string{name_of(found->type)});
                else
                    pairs.emplace_back(&span, found);
            }
            for (const io::entry& entry : file.entries())
                if (!used.contains(entry.name) && (with_optimizer || !passed_over(entry)))
                {
                    if (options.strict)
                        faults.add("unexpected: " + io::in_quotes(entry.name) + " " + io::shape_text(entry.shape));
                    else if (result.unexpected.size() < 5000)
                        result.unexpected.push_back(entry.name);
                }
            faults.refuse_any(file.name());

            // A compressed or damaged entry shows only when it is read.
            if constexpr (requires { file.check(*pairs.front().second); })
                for (const auto& [span, entry] : pairs)
                    file.check(*entry);
            for (const auto& [span, entry] : pairs)
            {
                const auto size = static_cast<std::size_t>(span->extents.size());
                if (span->type == element::f64)
                    file.read(entry->name, std::span{reinterpret_cast<double*>(span->data), size});
                else
                    file.read(entry->name, std::span{reinterpret_cast<float*>(span->data), size});
            }
            return result;
        }
    }

    /// Reads a network's parameters and states from an opened file, such as io::safetensors_file or io::npz_file. Names and
    /// shapes must fit (the optimizer's state in a checkpoint and PyTorch's num_batches_tracked are passed over). All misfits
    /// are listed in one file_error, and then nothing has changed. Numbers of half or double precision are converted.
    template <class Source, class File>
        requires requires(const File& file, std::string_view name) {
            file.entries();
            { file.find(name) } -> std::convertible_to<const io::entry*>;
        }
    load_result load(basic_network<Source>& net, const File& file, const weight_options& options = {})
    {
        return detail::read_spans(file, net.spans(), options);
    }
}
