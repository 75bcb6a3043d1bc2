// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/shuffle.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Images (or any items of rank ItemRank) along the first axis, and for each the number of its class.
    template <class T, std::size_t ItemRank>
    struct labelled_dataset
    {
        xt::xtensor<T, ItemRank + 1> images;
        xt::xtensor<std::int32_t, 1> labels;
        std::vector<std::string> classes;

        /// The number of items.
        std::size_t size() const { return labels.size(); }

        /// What read() gives; a row of numbers is a picture of one row.
        using item_type = io::image<T>;

        /// Copies an item, for a loader; its class.
        std::int32_t read(std::size_t index, item_type& item) const
        {
            static_assert(ItemRank >= 1 && ItemRank <= 3, "an item is a row, a picture or a picture with channels");
            const auto& shape = images.shape();
            item.become(ItemRank == 3 ? shape[1] : 1, ItemRank >= 2 ? shape[ItemRank - 1] : 1, shape[ItemRank]);
            std::copy_n(images.data() + index * item.size(), item.size(), item.data());
            return labels.data()[index];
        }
    };

    namespace detail
    {
        template <class T, std::size_t Rank>
        auto borrow(const T* from, const std::array<std::size_t, Rank>& shape)
        {
            std::size_t size = 1;
            for (const std::size_t extent : shape)
                size *= extent;
            return xt::adapt(from, size, xt::no_ownership(), shape);
        }

        template <class T, std::size_t Rank>
        using borrowed = decltype(borrow(static_cast<const T*>(nullptr), std::array<std::size_t, Rank>{}));
    }

    /// A batch: xtensor adaptors that borrow contiguous rows, its place in the epoch, and its number of items.
    template <class T, std::size_t ItemRank>
    struct batch
    {
        detail::borrowed<T, ItemRank + 1> images;
        detail::borrowed<std::int32_t, 1> labels;
        std::size_t index;
        std::size_t count;
    };

    /// The batches of one pass over a dataset, made one at a time; each is valid until the next is asked for.
    template <class T, std::size_t ItemRank>
    class batch_range
    {
    public:
        /// Walks over the dataset, which must outlive this, in the order of `order`, or its own if that is empty.
        batch_range(const labelled_dataset<T, ItemRank>& from, std::size_t batch_size, std::vector<std::uint32_t> order)
            : from_{&from}, batch_size_{std::min(batch_size, std::max<std::size_t>(from.size(), 1))}, order_{std::move(order)}
        {
            if (batch_size == 0)
                throw range_error("batches: the batch size must be at least 1, but is 0");
            if (from.images.shape(0) != from.size())
                throw shape_error("batches: the dataset has " + std::to_string(from.images.shape(0)) + " images, but " +
                                  std::to_string(from.size()) + " labels");
            item_size_ = from.size() ? from.images.size() / from.size() : 0;
            if (!order_.empty())
            {
                images_.resize(batch_size_ * item_size_);
                labels_.resize(batch_size_);
            }
        }

        /// The number of batches, of which the last may be smaller.
        std::size_t size() const { return (from_->size() + batch_size_ - 1) / batch_size_; }

        /// Walks over the batches once; there is one walk at a time.
        class iterator
        {
        public:
            using value_type = batch<T, ItemRank>;
            using difference_type = std::ptrdiff_t;
            using iterator_concept = std::input_iterator_tag;

            iterator() = default;
            value_type operator*() const { return range_->at(index_); }
            iterator& operator++()
            {
                range_->gather(++index_);
                return *this;
            }
            void operator++(int) { ++*this; }
            bool operator==(std::default_sentinel_t) const { return index_ == range_->size(); }

        private:
            friend batch_range;
            explicit iterator(batch_range& range) : range_{&range} { range.gather(0); }
            batch_range* range_ = nullptr;
            std::size_t index_ = 0;
        };

        /// Starts over.
        iterator begin() { return iterator{*this}; }
        /// The end of the walk.
        std::default_sentinel_t end() const { return {}; }

    private:
        std::size_t count(std::size_t index) const { return std::min(batch_size_, from_->size() - index * batch_size_); }

        void gather(std::size_t index)
        {
            if (order_.empty() || index == size())
                return;
            for (std::size_t row = 0; row < count(index); ++row)
            {
                const std::size_t source = order_[index * batch_size_ + row];
                std::copy_n(from_->images.data() + source * item_size_, item_size_, images_.data() + row * item_size_);
                labels_[row] = from_->labels.data()[source];
            }
        }

        batch<T, ItemRank> at(std::size_t index) const
        {
            std::array<std::size_t, ItemRank + 1> shape{count(index)};
            std::copy_n(from_->images.shape().begin() + 1, ItemRank, shape.begin() + 1);
            const std::size_t first = index * batch_size_;
            // In the dataset's own order rows are contiguous already and need no copy.
            const T* images = order_.empty() ? from_->images.data() + first * item_size_ : images_.data();
            const std::int32_t* labels = order_.empty() ? from_->labels.data() + first : labels_.data();
            return {detail::borrow(images, shape), detail::borrow(labels, std::array{shape[0]}), index, shape[0]};
        }

        const labelled_dataset<T, ItemRank>* from_;
        std::size_t batch_size_;
        std::size_t item_size_ = 0;
        std::vector<std::uint32_t> order_;
        std::vector<T> images_;
        std::vector<std::int32_t> labels_;
    };

    /// Batches in random order, which depends on nothing but the seed, the epoch and the dataset's size.
    template <class T, std::size_t ItemRank>
    batch_range<T, ItemRank> batches(const labelled_dataset<T, ItemRank>& from, std::size_t batch_size, std::uint64_t seed,
                                     std::uint64_t epoch)
    {
        return {from, batch_size, shuffled(from.size(), seed, epoch)};
    }

    /// Batches in the dataset's own order, borrowed from it without a copy.
    template <class T, std::size_t ItemRank>
    batch_range<T, ItemRank> in_order(const labelled_dataset<T, ItemRank>& from, std::size_t batch_size)
    {
        return {from, batch_size, {}};
    }

    // The range borrows from the dataset, so a temporary will not do.
    template <class T, std::size_t ItemRank>
    void batches(const labelled_dataset<T, ItemRank>&&, std::size_t, std::uint64_t, std::uint64_t) = delete;
    template <class T, std::size_t ItemRank>
    void in_order(const labelled_dataset<T, ItemRank>&&, std::size_t) = delete;
}
