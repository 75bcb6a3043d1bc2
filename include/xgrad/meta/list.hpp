// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI
{
    /// A growing array for constant expressions: std::vector takes ten times its steps of the compiler's evaluator.
    template <class T>
    class list
    {
    public:
        constexpr list() = default;
        constexpr explicit list(int count, const T& value)
            : data_(new T[count > 0 ? count : 1]), size_(count), room_(count > 0 ? count : 1)
        {
            for (int i = 0; i < count; ++i)
                data_[i] = value;
        }
        constexpr list(list&& other) noexcept
            : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
              room_(std::exchange(other.room_, 0))
        {
        }
        constexpr list& operator=(list&& other) noexcept
        {
            std::swap(data_, other.data_);
            std::swap(size_, other.size_);
            std::swap(room_, other.room_);
            return *this;
        }
        list(const list&) = delete;
        list& operator=(const list&) = delete;
        constexpr ~list() { delete[] data_; }

        constexpr int size() const { return size_; }
        constexpr T& operator[](int i) { return data_[i]; }
        constexpr const T& operator[](int i) const { return data_[i]; }
        constexpr T* begin() { return data_; }
        constexpr T* end() { return data_ + size_; }
        constexpr const T* begin() const { return data_; }
        constexpr const T* end() const { return data_ + size_; }

        constexpr void push(const T& value)
        {
            if (size_ == room_)
                grow();
            data_[size_++] = value;
        }

        constexpr void insert(int at, const T& value)
        {
            push(value);
            for (int i = size_ - 1; i > at; --i)
                data_[i] = data_[i - 1];
            data_[at] = value;
        }

        constexpr void erase(int at)
        {
            for (int i = at + 1; i < size_; ++i)
                data_[i - 1] = data_[i];
            --size_;
        }

    private:
        constexpr void grow()
        {
            room_ = room_ == 0 ? 64 : 4 * room_;
            T* larger = new T[room_];
            for (int i = 0; i < size_; ++i)
                larger[i] = data_[i];
            delete[] data_;
            data_ = larger;
        }

        T* data_ = nullptr;
        int size_ = 0, room_ = 0;
    };
}
