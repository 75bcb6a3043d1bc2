// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/shape/element.hpp>

#include <cstring>
#include <memory>
#include <new>

namespace xgrad::inline XGRAD_ABI
{
    /// Owned memory, aligned to a cache line and zero at first.
    class buffer
    {
    public:
        buffer() = default;
        explicit buffer(std::size_t bytes) : size_(bytes)
        {
            if (bytes == 0)
                return;
            data_.reset(static_cast<std::byte*>(::operator new(bytes, std::align_val_t{alignment})));
            std::memset(data_.get(), 0, bytes);
        }

        std::byte* data() { return data_.get(); }
        const std::byte* data() const { return data_.get(); }
        std::size_t size() const { return size_; }

    private:
        struct release
        {
            void operator()(std::byte* p) const { ::operator delete(p, std::align_val_t{alignment}); }
        };
        std::unique_ptr<std::byte, release> data_;
        std::size_t size_ = 0;
    };
}
