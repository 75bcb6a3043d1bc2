// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The largest |found - expected| / max(1, |expected|); fails the test unless both are equally long.
double largest_distance(std::span<const double> found, std::span<const double> expected);

/// PyTorch's numbers for one family of operations, written by make.py: `reference torch{"elementwise"};
/// torch("tanh/da").values`. What the entries of a case mean is said there. Needs XGRAD_SAFETENSORS.
class reference
{
public:
    struct array
    {
        std::vector<std::int64_t> shape;
        std::vector<double> values;
    };

    explicit reference(const std::string& family);

    /// The entry `<case>/<what>`, integers converted; an entry that is not there is an exception that names it.
    const array& operator()(std::string_view name) const;

    /// Labels, tokens and positions.
    std::vector<std::int32_t> integers(std::string_view name) const;

    bool has(std::string_view name) const { return entries_.contains(name); }

    /// Fails the test unless what was found, `how` saying in which way, is within largest_distance of the entry.
    void check(const char* how, const std::string& name, std::span<const double> found, double tolerance) const;

    /// The same where there is such an entry.
    void check_if_there(const char* how, const std::string& name, std::span<const double> found, double tolerance) const;

private:
    std::string family_;
    std::map<std::string, array, std::less<>> entries_;
};
