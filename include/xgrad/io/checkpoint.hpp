// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/io/quoted.hpp>
#include <xgrad/io/safetensors_file.hpp>
#include <xgrad/optim/training.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        inline io::entry entry_of(const named_span& span)
        {
            io::entry result;
            result.name = span.name;
            result.type = span.type == element::f64 ? io::element::f64 : io::element::f32;
            for (int axis = 0; axis < span.extents.rank; ++axis)
                result.shape.push_back(span.extents.extent[axis]);
            result.bytes = {span.data, static_cast<std::size_t>(span.extents.size()) * size_of(span.type)};
            return result;
        }

        // Checks everything and converts into memory of its own before the first parameter changes.
        inline void read_spans(const io::safetensors_file& file, const std::vector<named_span>& wanted, bool with_optimizer)
        {
            std::string faults;
            for (const named_span& span : wanted)
            {
                const io::entry expected = entry_of(span), *found = file.find(span.name);
                if (!found)
                    faults += "\n  missing: " + io::in_quotes(span.name) + " " + io::shape_text(expected.shape);
                else if (found->shape != expected.shape)
                    faults += "\n  wrong shape: " + io::in_quotes(span.name) + " must be " + io::shape_text(expected.shape) +
                              ", but is " + io::shape_text(found->shape);
            }
            for (const io::entry& entry : file.entries())
                if ((with_optimizer || !entry.name.starts_with("optimizer.")) &&
                    std::none_of(wanted.begin(), wanted.end(), [&](const auto& span) { return span.name == entry.name; }))
                    faults += "\n  unexpected: " + io::in_quotes(entry.name) + " " + io::shape_text(entry.shape);
            if (!faults.empty())
                throw file_error(file.name() + " does not fit the network, which is left as it was:" + faults);

            const auto read = [&](auto* null)
            {
                using type = std::remove_pointer_t<decltype(null)>;
                std::vector<std::vector<type>> values;
                for (const named_span& span : wanted)
                {
                    values.emplace_back(static_cast<std::size_t>(span.extents.size()));
                    file.read(span.name, std::span<type>(values.back()));
                }
                for (std::size_t k = 0; k < wanted.size(); ++k)
                    std::memcpy(wanted[k].data, values[k].data(), values[k].size() * sizeof(type));
            };
            if (!wanted.empty() && wanted.front().type == element::f64)
                read(static_cast<double*>(nullptr));
            else
                read(static_cast<float*>(nullptr));
        }

        inline std::uint64_t read_number(const io::safetensors_file& file, const std::string& key)
        {
            const auto found = file.metadata().find(key);
            std::uint64_t value = 0;
            if (found != file.metadata().end())
            {
                const std::string& text = found->second;
                const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
                if (fault == std::errc{} && end == text.data() + text.size() && !text.empty())
                    return value;
            }
            throw file_error(file.name() + ": the metadata must hold a whole number " + io::in_quotes(key) +
                             (found == file.metadata().end() ? ", but does not; was it saved without the training step?"
                                                             : ", but holds " + io::in_quotes(found->second)));
        }
    }

    /// Writes a network's parameters and states as safetensors, atomically: entries are named as the model's members,
    /// "hidden.weight", so that PyTorch's and NumPy's users can read them.
    template <class Source>
    void save(const std::filesystem::path& path, basic_network<Source>& net)
    {
        std::vector<io::entry> entries;
        for (const named_span& span : net.spans())
            entries.push_back(detail::entry_of(span));
        io::write_safetensors(path, entries);
    }

    /// Writes parameters, optimizer state and position, so that training resumes bit for bit.
    template <class Source, class Training>
    void save(const std::filesystem::path& path, basic_network<Source>& net, Training& step)
    {
        const auto state = step.state();
        std::vector<io::entry> entries;
        for (const named_span& span : net.spans())
            entries.push_back(detail::entry_of(span));
        for (const named_span& span : state.spans)
            entries.push_back(detail::entry_of(span));
        io::write_safetensors(
            path, entries,
            {{"xgrad.step", std::to_string(state.random.step)}, {"xgrad.seed", std::to_string(state.random.seed)}});
    }

    /// Reads a network's parameters. Names and shapes must fit exactly (optimizer state in the file is passed over); all
    /// misfits are listed in one file_error, and then nothing has changed. Half-precision numbers are converted.
    template <class Source>
    void load(const std::filesystem::path& path, basic_network<Source>& net)
    {
        detail::read_spans(io::safetensors_file(path), net.spans(), false);
    }

    /// Reads what `save` wrote with a training step, all or nothing.
    template <class Source, class Training>
    void load(const std::filesystem::path& path, basic_network<Source>& net, Training& step)
    {
        const io::safetensors_file file(path);
        const kernel::random_state position{detail::read_number(file, "xgrad.seed"), detail::read_number(file, "xgrad.step")};
        auto state = step.state();
        std::vector<named_span> all = net.spans();
        all.insert(all.end(), state.spans.begin(), state.spans.end());
        detail::read_spans(file, all, true);
        state.random = position;
    }
}
