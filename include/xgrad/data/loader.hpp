// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/dataset.hpp>
#include <xgrad/data/prefetch.hpp>
#include <xgrad/data/random.hpp>
#include <xgrad/data/shuffle.hpp>
#include <xgrad/data/stages.hpp>
#include <xgrad/meta/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <limits>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// How a loader works.
    struct loader_options
    {
        std::size_t batch_size = 64;
        /// Order and augmentation depend on this, the epoch and the item alone, not on threads.
        std::uint64_t seed = 0;
        /// Whether epoch() is in random order.
        bool shuffle = true;
        /// Whether a last batch that is not full is left out.
        bool drop_last = false;
        /// Threads in the background; 0 does all work when a batch is asked for.
        std::size_t threads = 1;
        /// Batches that are prepared ahead of the one in use.
        std::size_t ahead = 3;
    };

    /// Batches that threads in the background read, augment and put together; made by loader().
    template <class T, class Source, class Shape, class... Stages>
    class basic_loader
    {
    public:
        using source_type = std::remove_cvref_t<Source>;
        using item_type = typename source_type::item_type;
        static constexpr std::size_t item_rank = Shape::rank;

        basic_loader(Source&& from, const loader_options& options, Stages... stages)
            : source_(std::forward<Source>(from)), options_{checked(options, source_.size())}, stages_{std::move(stages)...},
              items_(std::max<std::size_t>(options_.threads, 1)), images_(slots() * options_.batch_size * Shape::size),
              labels_(slots() * options_.batch_size),
              pool_{options_.threads, slots(), options_.batch_size, [this](const auto& row) { make(row); }}
        {
        }
        basic_loader(const basic_loader&) = delete;
        basic_loader& operator=(const basic_loader&) = delete;

        /// One pass: a range of data::batch, each valid until the next is asked for. A loader makes one pass at a time.
        class pass
        {
        public:
            pass(const pass&) = delete;
            pass& operator=(const pass&) = delete;
            /// A pass that ends early, by a break or an exception, stops the work that was begun.
            ~pass() { loader_->pool_.abandon(number_); }

            class iterator
            {
            public:
                using value_type = data::batch<T, item_rank>;
                using difference_type = std::ptrdiff_t;
                using iterator_concept = std::input_iterator_tag;

                iterator() = default;
                value_type operator*() const { return from_->loader_->batch_at(*from_->ready_); }
                iterator& operator++()
                {
                    from_->advance();
                    return *this;
                }
                void operator++(int) { ++*this; }
                bool operator==(std::default_sentinel_t) const { return !from_->ready_; }

            private:
                friend pass;
                explicit iterator(pass& from) : from_{&from} {}
                pass* from_ = nullptr;
            };

            /// The number of batches.
            std::size_t size() const { return size_; }
            /// Starts; a pass is walked once. What a stage throws for an item comes out here or in ++, with the item's name.
            iterator begin()
            {
                if (!ready_)
                    advance();
                return iterator{*this};
            }
            std::default_sentinel_t end() const { return {}; }

        private:
            friend basic_loader;
            pass(basic_loader& from, std::vector<std::uint32_t> order, std::vector<std::size_t> ends, std::uint64_t epoch)
                : loader_{&from}, size_{ends.size()}
            {
                from.pool_.abandon();
                from.epoch_ = epoch;
                number_ = from.pool_.start(std::move(order), std::move(ends));
            }
            void advance()
            {
                ready_.reset();
                ready_ = loader_->pool_.next(number_);
            }

            basic_loader* loader_;
            std::size_t size_;
            std::uint64_t number_;
            std::optional<detail::prefetcher::ready_batch> ready_;
        };

        /// All items, shuffled unless the options say otherwise; every epoch has its own order and augmentation.
        pass epoch(std::uint64_t number)
        {
            if (!options_.shuffle)
                return in(std::views::iota(std::size_t{0}, source_.size()), number);
            std::vector<std::uint32_t> order = shuffled(source_.size(), options_.seed, number);
            std::vector<std::size_t> ends = equal_batches(order.size());
            return pass{*this, std::move(order), std::move(ends), number};
        }

        /// The items of any range of numbers, in its order; of a range of such ranges each is a batch, of at most batch_size
        /// items. `epoch` is for augmentation.
        template <std::ranges::input_range Order>
        pass in(Order&& order, std::uint64_t epoch = 0)
        {
            std::vector<std::uint32_t> numbers;
            std::vector<std::size_t> ends;
            if constexpr (std::ranges::input_range<std::ranges::range_reference_t<Order>>)
                for (auto&& batch : order)
                {
                    const std::size_t begin = numbers.size();
                    append(batch, numbers);
                    ends.push_back(numbers.size());
                    if (const std::size_t count = ends.back() - begin; count == 0 || count > options_.batch_size)
                        throw range_error("loader: a batch has 1 to " + std::to_string(options_.batch_size) +
                                          " items, but batch " + std::to_string(ends.size() - 1) + " has " +
                                          std::to_string(count));
                }
            else
            {
                append(order, numbers);
                ends = equal_batches(numbers.size());
            }
            return pass{*this, std::move(numbers), std::move(ends), epoch};
        }

        /// The number of items.
        std::size_t size() const { return source_.size(); }
        const source_type& source() const { return source_; }

        /// Seconds that the last pass spent waiting for its batches, and all its seconds.
        double waited() const { return pool_.times().first; }
        double elapsed() const { return pool_.times().second; }
        /// The share of the last pass that was waiting.
        double waited_share() const { return elapsed() > 0 ? waited() / elapsed() : 0; }

    private:
        static const loader_options& checked(const loader_options& options, std::size_t items)
        {
            if (options.batch_size == 0)
                throw range_error("loader: the batch size must be at least 1, but is 0");
            if (options.threads > 1024) // what 0 - 1 gives, for one
                throw range_error("loader: at most 1024 threads, but " + std::to_string(options.threads) + " are asked for");
            if (items > std::numeric_limits<std::uint32_t>::max())
                throw range_error("loader: at most 2^32 - 1 items, but there are " + std::to_string(items));
            return options;
        }

        // Where batches end; a last one that is not full may be left out.
        std::vector<std::size_t> equal_batches(std::size_t items) const
        {
            std::vector<std::size_t> ends;
            for (std::size_t end = options_.batch_size; end <= items; end += options_.batch_size)
                ends.push_back(end);
            if (!options_.drop_last && items % options_.batch_size)
                ends.push_back(items);
            return ends;
        }

        void append(auto&& order, std::vector<std::uint32_t>& numbers) const
        {
            for (const auto each : order)
            {
                if (!std::in_range<std::size_t>(each) || static_cast<std::size_t>(each) >= source_.size())
                    throw range_error("loader: the order names item " + std::to_string(each) + ", but there are " +
                                      std::to_string(source_.size()));
                numbers.push_back(static_cast<std::uint32_t>(each));
            }
        }

        // the batch in use has a slot as well
        std::size_t slots() const { return options_.threads ? std::max<std::size_t>(options_.ahead, 1) + 1 : 1; }

        static constexpr bool named_items =
            requires(const source_type& from, std::size_t index) { std::string{from.name(index)}; };

        std::string name_of(std::size_t index) const
        {
            if constexpr (named_items)
                return source_.name(index);
            else
                return "item " + std::to_string(index);
        }

        void make(const detail::prefetcher::row& row)
        {
            try
            {
                item_type& item = items_[row.worker];
                random_numbers random{options_.seed, epoch_ << 32 | row.item, random_numbers::use::augmentation};
                const std::size_t at = row.slot * options_.batch_size + row.row;
                labels_[at] = source_.read(row.item, item);
                const std::span<T> numbers{images_.data() + at * Shape::size, Shape::size};
                std::apply([&](const auto&... stage) { detail::run_stages<Shape>(item, random, numbers, stage...); }, stages_);
            }
            catch (const std::exception& fault)
            {
                const std::string name = name_of(row.item), text = fault.what();
                if (text.find(name) != text.npos)
                    throw;
                if constexpr (named_items)
                    std::throw_with_nested(file_error(name + ": " + text));
                else
                    std::throw_with_nested(error(name + ": " + text));
            }
        }

        data::batch<T, item_rank> batch_at(const detail::prefetcher::ready_batch& ready) const
        {
            std::array<std::size_t, item_rank + 1> shape{ready.count};
            std::ranges::copy(Shape::extents, shape.begin() + 1);
            const std::size_t first = ready.slot * options_.batch_size;
            return {detail::borrow(images_.data() + first * Shape::size, shape),
                    detail::borrow(labels_.data() + first, std::array{ready.count}), ready.index, ready.count};
        }

        Source source_;
        const loader_options options_;
        const std::tuple<Stages...> stages_;
        std::vector<item_type> items_; // one for each thread, whose memory serves item after item
        std::vector<T> images_;
        std::vector<std::int32_t> labels_;
        std::uint64_t epoch_ = 0;
        detail::prefetcher pool_; // last: its threads end before what they use
    };

    /// A loader of items of T and these extents: `loader<float, 3, 32, 32>(source, options, stages...)`. Stages are functions
    /// that change an item in place, stage(item, random) or stage(item), one after the other; the last may write the numbers
    /// itself, stage(item, random, numbers), as normalise does, and otherwise bytes are divided by 255 and floats copied. A
    /// source that is a variable must outlive the loader.
    template <class T, std::size_t... Extents, class Source, class... Stages>
    auto loader(Source&& from, const loader_options& options = {}, Stages... stages)
    {
        static_assert(
            item_source<std::remove_cvref_t<Source>>,
            "xgrad::loader: a source has size(), a type item_type, and read(index, item), const, that returns a class");
        return basic_loader<T, Source, detail::item_shape<Extents...>, Stages...>(std::forward<Source>(from), options,
                                                                                  std::move(stages)...);
    }
}
