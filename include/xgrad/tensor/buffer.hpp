// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/large_pages.hpp>
#include <xgrad/shape/element.hpp>

#include <cstring>
#include <memory>
#include <new>

namespace xgrad::inline XGRAD_ABI
{
    /// Owned memory, aligned to a cache line and zero at first; in large pages if it fills two of them.
    class buffer
    {
    public:
        buffer() = default;
        explicit buffer(std::size_t bytes) : size_(bytes)
        {
            if (bytes == 0)
                return;
            const std::align_val_t begins{bytes >= 2 * large_page ? large_page : alignment};
            data_ = {static_cast<std::byte*>(::operator new(bytes, begins)), release{begins}};
            if (bytes >= 2 * large_page)
                ask_for_large_pages(data_.get(), bytes);
            std::memset(data_.get(), 0, bytes);
        }

        std::byte* data() { return data_.get(); }
        const std::byte* data() const { return data_.get(); }
        std::size_t size() const { return size_; }

    private:
        struct release
        {
            release() : begins() {}
            explicit release(std::align_val_t at) : begins(at) {}
            void operator()(std::byte* p) const { ::operator delete(p, begins); }

            std::align_val_t begins;
        };
        std::unique_ptr<std::byte, release> data_;
        std::size_t size_ = 0;
    };
}
