// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/scalar_math.hpp>

#include <xsimd/xsimd.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The architecture of machines for which xsimd has none: vectors of one element, in plain C++. The kernels are the
    /// same templates.
    struct one_lane
    {
        static constexpr bool supported() noexcept { return true; }
        static constexpr bool available() noexcept { return true; }
        static constexpr unsigned version() noexcept { return 0; }
        static constexpr std::size_t alignment() noexcept { return alignof(double); }
        static constexpr bool requires_alignment() noexcept { return false; }
        static constexpr const char* name() noexcept { return "scalar"; }
    };

    /// What kernels are compiled for unless told otherwise: the architecture that the inline namespace is named after.
    using default_arch = XGRAD_XSIMD;
    static_assert(default_arch::supported(), "xgrad: xsimd does not know the instructions that the compiler's flags allow");

    namespace detail
    {
        template <class T, std::size_t Lanes, class Architectures>
        struct batch_of_size
        {
            using type = void;
        };
        template <class T, std::size_t Lanes, class Arch, class... Others>
        struct batch_of_size<T, Lanes, xsimd::arch_list<Arch, Others...>>
            : std::conditional_t<xsimd::batch<T, Arch>::size == Lanes, std::type_identity<xsimd::batch<T, Arch>>,
                                 batch_of_size<T, Lanes, xsimd::arch_list<Others...>>>
        {
        };
    }
    /// The batch of so many lanes of the best architecture that has it, or void.
    template <class T, std::size_t Lanes>
    using sized_batch = typename detail::batch_of_size<T, Lanes, xsimd::supported_architectures>::type;
}

// One lane as xsimd's own types, as far as the kernels use them: xsimd has no batches where it supports no architecture.
namespace xsimd
{
    template <class T, class A>
    class batch;
    template <class T, class A>
    class batch_bool;

    template <class T>
    class batch_bool<T, xgrad::kernel::one_lane>
    {
    public:
        static constexpr std::size_t size = 1;
        using value_type = bool;
        using batch_type = batch<T, xgrad::kernel::one_lane>;

        batch_bool() = default;
        batch_bool(bool lane) noexcept : lane_(lane) {}
        static batch_bool load_unaligned(const bool* at) noexcept { return *at; }
        static batch_bool load_aligned(const bool* at) noexcept { return *at; }
        void store_unaligned(bool* at) const noexcept { *at = lane_; }
        void store_aligned(bool* at) const noexcept { *at = lane_; }
        bool get(std::size_t) const noexcept { return lane_; }

        friend batch_bool operator!(batch_bool a) noexcept { return !a.lane_; }
        friend batch_bool operator~(batch_bool a) noexcept { return !a.lane_; }
        friend batch_bool operator==(batch_bool a, batch_bool b) noexcept { return a.lane_ == b.lane_; }
        friend batch_bool operator!=(batch_bool a, batch_bool b) noexcept { return a.lane_ != b.lane_; }
        friend batch_bool operator&(batch_bool a, batch_bool b) noexcept { return a.lane_ && b.lane_; }
        friend batch_bool operator|(batch_bool a, batch_bool b) noexcept { return a.lane_ || b.lane_; }
        friend batch_bool operator^(batch_bool a, batch_bool b) noexcept { return a.lane_ != b.lane_; }
        friend batch_bool operator&&(batch_bool a, batch_bool b) noexcept { return a.lane_ && b.lane_; }
        friend batch_bool operator||(batch_bool a, batch_bool b) noexcept { return a.lane_ || b.lane_; }

    private:
        bool lane_;
    };

    template <class T>
    class batch<T, xgrad::kernel::one_lane>
    {
    public:
        static constexpr std::size_t size = 1;
        using value_type = T;
        using arch_type = xgrad::kernel::one_lane;
        using register_type = T;
        using batch_bool_type = batch_bool<T, arch_type>;

        batch() = default;
        batch(T lane) noexcept : lane_(lane) {}
        explicit batch(batch_bool_type lane) noexcept : lane_(lane.get(0)) {}
        explicit operator T() const noexcept { return lane_; }
        static batch load_unaligned(const T* at) noexcept { return *at; }
        static batch load_aligned(const T* at) noexcept { return *at; }
        void store_unaligned(T* at) const noexcept { *at = lane_; }
        void store_aligned(T* at) const noexcept { *at = lane_; }
        T get(std::size_t) const noexcept { return lane_; }

        batch operator-() const noexcept { return static_cast<T>(-lane_); }
        friend batch operator+(batch a, batch b) noexcept { return static_cast<T>(a.lane_ + b.lane_); }
        friend batch operator-(batch a, batch b) noexcept { return static_cast<T>(a.lane_ - b.lane_); }
        friend batch operator*(batch a, batch b) noexcept { return static_cast<T>(a.lane_ * b.lane_); }
        friend batch operator/(batch a, batch b) noexcept { return static_cast<T>(a.lane_ / b.lane_); }
        batch& operator+=(batch b) noexcept { return *this = *this + b; }
        batch& operator-=(batch b) noexcept { return *this = *this - b; }
        batch& operator*=(batch b) noexcept { return *this = *this * b; }
        batch& operator/=(batch b) noexcept { return *this = *this / b; }

        friend batch_bool_type operator==(batch a, batch b) noexcept { return a.lane_ == b.lane_; }
        friend batch_bool_type operator!=(batch a, batch b) noexcept { return a.lane_ != b.lane_; }
        friend batch_bool_type operator<(batch a, batch b) noexcept { return a.lane_ < b.lane_; }
        friend batch_bool_type operator<=(batch a, batch b) noexcept { return a.lane_ <= b.lane_; }
        friend batch_bool_type operator>(batch a, batch b) noexcept { return a.lane_ > b.lane_; }
        friend batch_bool_type operator>=(batch a, batch b) noexcept { return a.lane_ >= b.lane_; }

    private:
        T lane_;
    };

    template <class T>
    using one_lane_batch = batch<T, xgrad::kernel::one_lane>;

    template <class T>
    one_lane_batch<T> select(const batch_bool<T, xgrad::kernel::one_lane>& condition, const one_lane_batch<T>& a,
                             const one_lane_batch<T>& b) noexcept
    {
        return condition.get(0) ? a : b;
    }
    template <class T>
    one_lane_batch<T> max(const one_lane_batch<T>& a, const one_lane_batch<T>& b) noexcept
    {
        return a.get(0) < b.get(0) ? b : a;
    }
    template <class T>
    T hadd(const one_lane_batch<T>& x) noexcept
    {
        return x.get(0);
    }
    template <class T>
    one_lane_batch<T> abs(const one_lane_batch<T>& x) noexcept
    {
        return x.get(0) > 0 ? x.get(0) : static_cast<T>(T(0) - x.get(0));
    }
    template <class T>
    batch_bool<T, xgrad::kernel::one_lane> isnan(const one_lane_batch<T>& x) noexcept
    {
        return x != x;
    }
    template <class T>
    one_lane_batch<T> trunc(const one_lane_batch<T>& x) noexcept
    {
        return std::trunc(x.get(0));
    }
    template <class T>
    one_lane_batch<T> exp(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::exp(x.get(0));
    }
    template <class T>
    one_lane_batch<T> log(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::log(x.get(0));
    }
    template <class T>
    one_lane_batch<T> log1p(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::log1p(x.get(0));
    }
    template <class T>
    one_lane_batch<T> expm1(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::expm1(x.get(0));
    }
    template <class T>
    one_lane_batch<T> sqrt(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::sqrt(x.get(0));
    }
    template <class T>
    one_lane_batch<T> tanh(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::tanh(x.get(0));
    }
    template <class T>
    one_lane_batch<T> erf(const one_lane_batch<T>& x) noexcept
    {
        return xgrad::kernel::erf(x.get(0));
    }
    template <class T>
    one_lane_batch<T> fma(const one_lane_batch<T>& x, const one_lane_batch<T>& y, const one_lane_batch<T>& z) noexcept
    {
        return x * y + z;
    }
}
