// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/window.hpp>

#include <algorithm>
#include <array>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // The gradient of a convolution's inputs from columns[channel and tap][output], what every tap of every output adds to the
    // input that it saw. Each register of inputs gathers what its taps saw and is written once; adding tap after tap to memory
    // waits for what the last one wrote (6 channels of 12x12, 5x5 taps, 64 images: 1.1 ms, 0.2 since).

    /// What lies before and behind columns: registers that begin before a row or end behind it are read whole.
    template <class T>
    inline constexpr std::ptrdiff_t scatter_margin = 64 / sizeof(T);

    /// Inputs of one row, those at first + Stride * lane + phase: the sums over the taps of rows of columns.
    template <std::ptrdiff_t Stride, class T, class Arch>
    class gathered_row
    {
    public:
        using batch = xsimd::batch<T, Arch>;
        static constexpr std::ptrdiff_t width = batch::size;

        gathered_row(const window_axis& axis, std::ptrdiff_t first) : v_(axis), first_(first)
        {
            for (batch& lanes : sum_)
                lanes = batch(T(0));
        }

        /// Adds what `taps` rows see, `step` apart, each of one tap and as long as the outputs.
        void add(const T* row, std::ptrdiff_t step)
        {
            for (std::ptrdiff_t tap = 0; tap < v_.taps; ++tap, row += step)
            {
                // the tap of output o sees input o * Stride + offset; lane l of a phase is input first + l * Stride + phase
                const std::ptrdiff_t offset = tap * v_.dilation - v_.padding - first_;
                const std::ptrdiff_t phase = Stride == 1 ? 0 : offset & 1;
                const std::ptrdiff_t output = -(offset - phase) / Stride; // that lane 0 sees
                if (output <= -width || output >= v_.out)
                    continue;
                const batch lane = batch::load_unaligned(numbers.data());
                const auto own = lane >= batch(static_cast<T>(-output)) && lane < batch(static_cast<T>(v_.out - output));
                sum_[phase] += xsimd::select(own, batch::load_unaligned(row + output), batch(T(0)));
            }
        }

        /// Writes the inputs, and more behind them where there is room: what follows is written later.
        void store(T* to, const T* end) const
        {
            const std::ptrdiff_t count = std::min(v_.in - first_, Stride * width);
            if (end - to < Stride * width)
            {
                T part[Stride * width];
                write(part);
                std::copy_n(part, count, to);
            }
            else
                write(to);
        }

    private:
        void write(T* to) const
        {
            if constexpr (Stride == 1)
                sum_[0].store_unaligned(to);
            else if constexpr (width > 1)
            {
                const auto [low, high] = join_pairs(sum_[0], sum_[1]);
                low.store_unaligned(to);
                high.store_unaligned(to + width);
            }
            else
                for (std::ptrdiff_t phase = 0; phase < Stride; ++phase)
                    sum_[phase].store_unaligned(to + phase);
        }

        static constexpr auto numbers = []
        {
            std::array<T, batch::size> result{};
            for (std::size_t lane = 0; lane < batch::size; ++lane)
                result[lane] = static_cast<T>(lane);
            return result;
        }();

        const window_axis& v_;
        std::ptrdiff_t first_;
        batch sum_[Stride];
    };

    /// Calls body(tap, output) for the taps of an axis that see an input.
    inline void each_tap(const window_axis& a, std::ptrdiff_t input, auto&& body)
    {
        for (std::ptrdiff_t tap = 0; tap < a.taps; ++tap)
        {
            const std::ptrdiff_t from = input + a.padding - tap * a.dilation;
            if (from >= 0 && from % a.stride == 0 && from / a.stride < a.out)
                body(tap, from / a.stride);
        }
    }

    template <std::ptrdiff_t Stride, class T, class Arch>
    void gather_inputs(const convolution_extents& e, std::ptrdiff_t channels, const T* columns, std::ptrdiff_t step, T* x)
    {
        using row = gathered_row<Stride, T, Arch>;
        const auto& [d, h, v] = e.axis;
        const T* const end = x + channels * e.in_size();
        for (std::ptrdiff_t c = 0; c < channels; ++c, columns += e.taps() * step)
            for (std::ptrdiff_t id = 0; id < d.in; ++id)
                for (std::ptrdiff_t ih = 0; ih < h.in; ++ih, x += v.in)
                    for (std::ptrdiff_t first = 0; first < v.in; first += Stride * row::width)
                    {
                        row inputs(v, first);
                        each_tap(d, id,
                                 [&](std::ptrdiff_t kd, std::ptrdiff_t od)
                                 {
                                     each_tap(h, ih,
                                              [&](std::ptrdiff_t kh, std::ptrdiff_t oh)
                                              {
                                                  inputs.add(columns + (kd * h.taps + kh) * v.taps * step +
                                                                 (od * h.out + oh) * v.out,
                                                             step);
                                              });
                                 });
                        inputs.store(x + first, end);
                    }
    }

    /// x[channel][input] = the sum of columns[channel and tap][output] wherever a tap meets an input. Rows of columns are `step`
    /// apart; scatter_margin elements before and behind them may be read.
    template <class T, class Arch>
    void scatter(const convolution_extents& e, std::ptrdiff_t channels, const T* columns, std::ptrdiff_t step, T* x)
    {
        const auto& [d, h, v] = e.axis;
        if (v.stride == 1)
            return gather_inputs<1, T, Arch>(e, channels, columns, step, x);
        if (v.stride == 2)
            return gather_inputs<2, T, Arch>(e, channels, columns, step, x);
        std::fill_n(x, channels * e.in_size(), T(0));
        for (std::ptrdiff_t c = 0; c < channels; ++c, x += e.in_size())
            for (std::ptrdiff_t kd = 0; kd < d.taps; ++kd)
                for (std::ptrdiff_t kh = 0; kh < h.taps; ++kh)
                    for (std::ptrdiff_t kv = 0; kv < v.taps; ++kv, columns += step)
                        for (std::ptrdiff_t od = d.first(kd); od < d.last(kd); ++od)
                            for (std::ptrdiff_t oh = h.first(kh); oh < h.last(kh); ++oh)
                            {
                                const T* const from = columns + (od * h.out + oh) * v.out;
                                T* const to = x + (d.at(od, kd) * h.in + h.at(oh, kh)) * v.in + v.at(0, kv);
                                for (std::ptrdiff_t ov = v.first(kv); ov < v.last(kv); ++ov)
                                    to[ov * v.stride] += from[ov];
                            }
    }
}
