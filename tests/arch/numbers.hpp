// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "machine.hpp"

#include <xgrad/kernel/memory.hpp>

#include <limits>
#include <memory>
#include <new>

using namespace xgrad;
using namespace xgrad::kernel;
using std::ptrdiff_t;

template <class T>
constexpr const char* name = sizeof(T) == 4 ? "float" : "double";
template <class T>
constexpr double tolerance = 40. * static_cast<double>(std::numeric_limits<T>::epsilon());

/// Numbers in [-1, 1) in a block of exactly their size.
template <class T>
struct numbers
{
    ptrdiff_t size;
    std::unique_ptr<T[]> data;

    explicit numbers(ptrdiff_t size, std::uint32_t seed = 1) : size(size), data(new T[static_cast<std::size_t>(size)])
    {
        for (ptrdiff_t i = 0; i < size; ++i)
            data[i] = static_cast<T>(static_cast<double>((seed = seed * 1664525u + 1013904223u) >> 8) / 8388608.0 - 1);
    }
    operator T*() const { return data.get(); }
    double at(ptrdiff_t i) const { return static_cast<double>(data[i]); }
    tensor_ref as(const shape& s) const { return {address(data.get()), s}; }
};

template <class T>
struct aligned
{
    T* data;
    explicit aligned(std::size_t count) : data(static_cast<T*>(::operator new(count * sizeof(T) + 64, std::align_val_t(64)))) {}
    aligned(const aligned&) = delete;
    ~aligned() { ::operator delete(data, std::align_val_t(64)); }
};

inline shape make(std::initializer_list<std::ptrdiff_t> extents)
{
    shape s;
    for (const std::ptrdiff_t e : extents)
        s.extent[s.rank++] = static_cast<std::int32_t>(e);
    return s;
}
