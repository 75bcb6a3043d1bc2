// SPDX-License-Identifier: BSD-3-Clause
#include "limits.hpp"

#include "numbers.hpp"
#include "row.hpp"
#include "stopwatch.hpp"
#include "threads.hpp"

#include <xsimd/xsimd.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace bench
{
    namespace
    {
        using batch = xsimd::batch<float>;

        // 12 chains of multiply-adds hide a latency of 4 to 6 cycles on two units, and fit 16 registers.
        constexpr int chains = 12, links = 4096;

        // Buffers up to this size are taken to stay in a cache.
        constexpr double largest_cache = 8 << 20;

        template <std::size_t... I>
        float multiply_and_add(float factor, float summand, std::index_sequence<I...>)
        {
            const batch a(factor), b(summand);
            batch x[chains] = {batch(static_cast<float>(I))...};
            for (int i = 0; i < links; ++i)
                ((x[I] = xsimd::fma(x[I], a, b)), ...);
            batch sum(0.f);
            ((sum += x[I]), ...);
            return sum.get(0);
        }

        // A limit is the best of many samples: whatever else the machine does only slows them down.
        double best_seconds(const std::function<void()>& work)
        {
            const int repetitions = repetitions_for(work);
            double best = seconds_of(work, repetitions);
            const stopwatch total;
            while (total.seconds() < 0.1)
                best = std::min(best, seconds_of(work, repetitions));
            return best;
        }

        double measure_peak()
        {
            volatile float factor = 0.5f, summand = 0.5f, sum;
            const auto work = [&] { sum = multiply_and_add(factor, summand, std::make_index_sequence<chains>{}); };
            return 2. * chains * links * static_cast<double>(batch::size) / best_seconds(work);
        }

        // Keeps a loop whose results nobody reads.
        void keep(const void* p) { asm volatile("" : : "r"(p) : "memory"); }

        // The loops read so many streams at once: one does not get all that memory gives, but four that are a multiple of 4 KB
        // apart get in each other's way in first-level cache. The better one counts.
        template <std::size_t Streams>
        void read(const numbers& x)
        {
            const std::size_t part = x.size() / Streams;
            batch sums[4] = {batch(0.f), batch(0.f), batch(0.f), batch(0.f)};
            for (std::size_t i = 0; i < part; i += 4 / Streams * batch::size)
                for (std::size_t k = 0; k < 4; ++k)
                    sums[k] += batch::load_aligned(x.data() + k % Streams * part + i + k / Streams * batch::size);
            float sum[batch::size];
            (sums[0] + sums[1] + sums[2] + sums[3]).store_unaligned(sum);
            keep(sum);
        }

        template <std::size_t Streams>
        void update(numbers& x)
        {
            const std::size_t part = x.size() / Streams;
            const batch factor(0.5f), summand(0.5f);
            for (std::size_t i = 0; i < part; i += batch::size)
                for (std::size_t k = 0; k < Streams; ++k)
                {
                    float* const at = x.data() + k * part + i;
                    xsimd::fma(batch::load_aligned(at), factor, summand).store_aligned(at);
                }
            keep(x.data());
        }

        // What memcpy does with large blocks is not always faster than a plain loop.
        void copy(numbers& x)
        {
            float* const to = x.data() + x.size() / 2;
            for (std::size_t i = 0; i < x.size() / 2; i += batch::size)
                batch::load_aligned(x.data() + i).store_aligned(to + i);
            keep(to);
        }

        bandwidth measure_bandwidth(std::size_t working_set)
        {
            numbers x = random_numbers(working_set / sizeof(float));
            const auto copy_block = [&]
            {
                std::memcpy(x.data() + x.size() / 2, x.data(), working_set / 2);
                keep(x.data());
            };
            const double reading = std::min(best_seconds([&] { read<1>(x); }), best_seconds([&] { read<4>(x); }));
            const double copying = std::min(best_seconds(copy_block), best_seconds([&] { copy(x); }));
            const double updating = std::min(best_seconds([&] { update<1>(x); }), best_seconds([&] { update<4>(x); }));
            const auto bytes = static_cast<double>(working_set);
            return {bytes, {bytes / reading, bytes / copying, 2 * bytes / updating}};
        }
    }

    limits measure_limits()
    {
        limits found{measure_peak(), {}};
        for (const std::size_t working_set : {16 << 10, 512 << 10, 8 << 20, 80 << 20, 256 << 20})
            found.levels.push_back(measure_bandwidth(working_set));
        return found;
    }

    floor_time floor_of(const row& work, const limits& machine)
    {
        const auto last = machine.levels.end() - 1;
        const auto level =
            std::find_if(machine.levels.begin(), last, [&](const bandwidth& b) { return work.working_set <= b.working_set; });
        const double computing = work.flops / (machine.flops_per_second * threads());
        const double moving = work.bytes / level->bytes_per_second[static_cast<std::size_t>(work.traffic)];
        if (computing >= moving)
            return {computing, "flops"};
        return {moving, level->working_set > largest_cache ? "memory" : "cache"};
    }
}
