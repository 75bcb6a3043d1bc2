// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    namespace detail
    {
        // Threads that prepare the batches of an epoch ahead of whoever takes them, in the order of the epoch: slots are a
        // ring, a thread takes the next few rows, and a slot is filled anew only after its batch was taken and let go.
        class prefetcher
        {
        public:
            struct row
            {
                std::size_t worker, slot, row, item;
            };
            using work = std::function<void(const row&)>;

            struct ready_batch
            {
                std::size_t slot, index, count;
            };

            // No threads: next() does the work itself.
            prefetcher(std::size_t threads, std::size_t slots, std::size_t batch_size, work each)
                : work_{std::move(each)}, slots_(threads ? slots : 1),
                  rows_at_once_{std::clamp<std::size_t>(batch_size / (4 * std::max<std::size_t>(threads, 1)), 1, 16)}
            {
                for (std::size_t i = 0; i < threads; ++i)
                    threads_.emplace_back([this, i](std::stop_token stop) { run(stop, i); });
            }

            ~prefetcher()
            {
                abandon();
                for (std::jthread& thread : threads_)
                    thread.request_stop();
                // jthread joins; its stop wakes the wait below
            }

            // Begins an epoch, ending the one before; the number of that epoch. Batch b has the items ends[b - 1] to ends[b]
            // of the order, at least one and at most batch_size.
            std::uint64_t start(std::vector<std::uint32_t> order, std::vector<std::size_t> ends)
            {
                abandon();
                const std::lock_guard lock{mutex_};
                order_ = std::move(order);
                ends_ = std::move(ends);
                next_row_ = next_batch_ = taken_ = 0;
                holding_ = false;
                running_ = true;
                waited_ = {};
                began_ = ended_ = clock::now();
                for (slot& each : slots_)
                    each.index = none;
                work_is_there_.notify_all();
                return ++epoch_;
            }

            std::size_t batches() const { return ends_.size(); }

            // Lets the last batch go and waits for the next; nothing at the end. What a stage threw for the earliest item of
            // this batch is thrown here, after the batches before it were taken, whatever the number of threads.
            std::optional<ready_batch> next(std::uint64_t epoch)
            {
                std::unique_lock lock{mutex_};
                if (epoch != epoch_ || !running_)
                    return std::nullopt;
                if (std::exchange(holding_, false))
                {
                    ++taken_;
                    work_is_there_.notify_all();
                }
                if (taken_ == batches())
                {
                    running_ = false;
                    ended_ = clock::now();
                    return std::nullopt;
                }
                slot& mine = slots_[taken_ % slots_.size()];
                const auto start = clock::now();
                if (threads_.empty())
                    while (!(mine.index == taken_ && mine.left == 0))
                        take_rows(lock, 0);
                else
                    batch_is_there_.wait(lock, [&] { return mine.index == taken_ && mine.left == 0; });
                ended_ = clock::now();
                waited_ += ended_ - start;
                if (mine.failure)
                {
                    const std::exception_ptr failure = std::exchange(mine.failure, nullptr);
                    running_ = false;
                    all_rest_.wait(lock, [&] { return busy_ == 0; });
                    std::rethrow_exception(failure);
                }
                holding_ = true;
                return ready_batch{taken_ % slots_.size(), taken_, count(taken_)};
            }

            // Stops an epoch early; returns when no thread works on it any more.
            void abandon(std::optional<std::uint64_t> epoch = std::nullopt)
            {
                std::unique_lock lock{mutex_};
                if (epoch && *epoch != epoch_)
                    return;
                running_ = false;
                all_rest_.wait(lock, [&] { return busy_ == 0; });
            }

            // Seconds that next() waited, and those from the epoch's begin to the last batch, or its end.
            std::pair<double, double> times() const
            {
                const std::lock_guard lock{mutex_};
                return {std::chrono::duration<double>(waited_).count(), std::chrono::duration<double>(ended_ - began_).count()};
            }

        private:
            using clock = std::chrono::steady_clock;
            static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

            struct slot
            {
                std::size_t index = none, left = 0, failed_row = none;
                std::exception_ptr failure;
            };

            std::size_t begin_of(std::size_t batch) const { return batch ? ends_[batch - 1] : 0; }
            std::size_t count(std::size_t batch) const { return ends_[batch] - begin_of(batch); }

            bool has_work() const { return running_ && next_batch_ < batches() && next_batch_ < taken_ + slots_.size(); }

            // Takes the next rows of one batch and works on them with the lock let go.
            void take_rows(std::unique_lock<std::mutex>& lock, std::size_t worker)
            {
                const std::size_t batch = next_batch_, first = next_row_ - begin_of(batch);
                const std::size_t last = std::min(first + rows_at_once_, count(batch)), where = batch % slots_.size();
                slot& to = slots_[where];
                if (first == 0)
                    to = {batch, count(batch), none, nullptr};
                const std::uint32_t* items = order_.data() + next_row_;
                next_row_ += last - first;
                next_batch_ += last == count(batch);
                ++busy_;
                lock.unlock();

                std::exception_ptr failure;
                std::size_t row = first;
                try
                {
                    for (; row < last; ++row)
                        work_({worker, where, row, items[row - first]});
                }
                catch (...)
                {
                    failure = std::current_exception();
                }

                lock.lock();
                if (failure && row < to.failed_row)
                {
                    to.failed_row = row;
                    to.failure = std::move(failure);
                }
                to.left -= last - first;
                if (to.left == 0)
                    batch_is_there_.notify_one();
                if (--busy_ == 0)
                    all_rest_.notify_all();
            }

            void run(const std::stop_token& stop, std::size_t worker)
            {
                std::unique_lock lock{mutex_};
                while (work_is_there_.wait(lock, stop, [&] { return has_work(); }))
                    take_rows(lock, worker);
            }

            const work work_;
            mutable std::mutex mutex_;
            std::condition_variable_any work_is_there_;
            std::condition_variable batch_is_there_, all_rest_;
            std::vector<std::uint32_t> order_;
            std::vector<std::size_t> ends_;
            std::vector<slot> slots_;
            const std::size_t rows_at_once_;
            std::size_t next_row_ = 0, next_batch_ = 0, taken_ = 0, busy_ = 0;
            std::uint64_t epoch_ = 0;
            bool running_ = false, holding_ = false;
            clock::duration waited_{};
            clock::time_point began_{}, ended_{};
            std::vector<std::jthread> threads_; // last: they end before what they use
        };
    }
}
