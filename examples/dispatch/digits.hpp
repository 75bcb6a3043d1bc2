// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

/// What the program sees of the model: no type of xgrad, for those depend on the architecture.
struct digits
{
    virtual ~digits() = default;
    virtual int operator()(std::span<const float, 784> image) = 0;
    virtual std::string architecture() const = 0;
};

struct make_digits
{
    template <class Architecture>
    std::unique_ptr<digits> operator()(Architecture, std::uint64_t seed) const; // digits.cpp has one for each architecture
};
