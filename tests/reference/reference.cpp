// SPDX-License-Identifier: BSD-3-Clause
// Compiled once for all tests: the reader of safetensors costs each of them 4 s otherwise.
#include <reference/reference.hpp>

#include <xgrad/io/safetensors_file.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <stdexcept>

reference::reference(const std::string& family) : family_{family}
{
    const xgrad::io::safetensors_file file{std::filesystem::path{XGRAD_REFERENCE_DIR} / (family + ".safetensors")};
    for (const auto& entry : file.entries())
    {
        array& to = entries_[entry.name];
        to.shape = entry.shape;
        to.values.resize(entry.bytes.size() / xgrad::io::size_of(entry.type));
        if (entry.type == xgrad::io::element::i32)
        {
            std::vector<std::int32_t> integers(to.values.size());
            file.read(entry.name, std::span{integers});
            to.values.assign(integers.begin(), integers.end());
        }
        else
            file.read(entry.name, std::span{to.values});
    }
}

const reference::array& reference::operator()(std::string_view name) const
{
    const auto found = entries_.find(name);
    if (found == entries_.end())
        throw std::out_of_range("reference " + family_ + " has no entry " + std::string{name});
    return found->second;
}

std::vector<std::int32_t> reference::integers(std::string_view name) const
{
    const array& from = (*this)(name);
    return {from.values.begin(), from.values.end()};
}

void reference::check(const char* how, const std::string& name, std::span<const double> found, double tolerance) const
{
    const double distance = largest_distance(found, (*this)(name).values);
    INFO(family_ << ": " << name << ", " << how << ": " << distance << " apart, at most " << tolerance << " allowed");
    CHECK(distance <= tolerance);
}

void reference::check_if_there(const char* how, const std::string& name, std::span<const double> found, double tolerance) const
{
    if (has(name))
        check(how, name, found, tolerance);
}
