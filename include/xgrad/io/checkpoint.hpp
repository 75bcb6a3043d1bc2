// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/io/quoted.hpp>
#include <xgrad/io/safetensors_file.hpp>
#include <xgrad/io/weights.hpp>
#include <xgrad/optim/training.hpp>

#include <charconv>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
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
    void save(basic_network<Source>& net, const std::filesystem::path& path)
    {
        io::write_safetensors(path, detail::entries_of(net.spans()), {{"format", "pt"}});
    }

    /// Writes parameters, optimizer state and position, so that training resumes bit for bit.
    template <class Source, class Training>
    void save(basic_network<Source>& net, Training& step, const std::filesystem::path& path)
    {
        const auto state = step.state();
        std::vector<named_span> all = net.spans();
        all.insert(all.end(), state.spans.begin(), state.spans.end());
        io::write_safetensors(path, detail::entries_of(all),
                              {{"format", "pt"},
                               {"xgrad.step", std::to_string(state.random.step)},
                               {"xgrad.seed", std::to_string(state.random.seed)}});
    }

    /// Reads a network's parameters and states from a safetensors file, which is mapped into memory, not copied first.
    template <class Source>
    load_result load(basic_network<Source>& net, const std::filesystem::path& path, const weight_options& options = {})
    {
        if (path.extension() == ".npz")
            throw file_error(path.string() + ": is read with <xgrad/io/npz.hpp> and load(net, xg::io::npz_file(path))");
        return load(net, io::safetensors_file(path), options);
    }

    /// Reads what `save` wrote with a training step, all or nothing.
    template <class Source, class Training>
    void load(basic_network<Source>& net, Training& step, const std::filesystem::path& path)
    {
        const io::safetensors_file file(path);
        const kernel::random_state position{detail::read_number(file, "xgrad.seed"), detail::read_number(file, "xgrad.step")};
        auto state = step.state();
        std::vector<named_span> all = net.spans();
        all.insert(all.end(), state.spans.begin(), state.spans.end());
        detail::read_spans(file, all, {}, true);
        state.random = position;
    }
}
