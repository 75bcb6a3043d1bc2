// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/io/npz_file.hpp>
#include <xgrad/io/weights.hpp>
#include <xgrad/io/write_npz.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Writes a network's parameters and states as .npz, atomically, under the names of the model's members:
    /// `numpy.load(path)["hidden.weight"]`. Read with `load(net, io::npz_file(path))`.
    template <class Source>
    void save_npz(basic_network<Source>& net, const std::filesystem::path& path)
    {
        io::write_npz(path, detail::entries_of(net.spans()));
    }
}
