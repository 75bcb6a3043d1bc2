// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/data/dataset.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <ranges>
#include <set>

namespace
{
    using namespace xgrad::data;

    labelled_dataset<float, 2> numbered(std::size_t count)
    {
        labelled_dataset<float, 2> all{xt::xtensor<float, 3>::from_shape({count, 2, 3}),
                                       xt::xtensor<std::int32_t, 1>::from_shape({count}),
                                       {"even", "odd"}};
        for (std::size_t i = 0; i < count; ++i)
        {
            all.labels(i) = static_cast<std::int32_t>(i);
            for (std::size_t k = 0; k < 6; ++k)
                all.images.data()[i * 6 + k] = static_cast<float>(i * 10 + k);
        }
        return all;
    }

    std::vector<std::int32_t> labels_of(auto&& range)
    {
        std::vector<std::int32_t> seen;
        for (const auto& [images, labels, index, count] : range)
            seen.insert(seen.end(), labels.begin(), labels.end());
        return seen;
    }

    static_assert(std::ranges::input_range<batch_range<float, 2>>);
    static_assert(std::tuple_size_v<std::decay_t<decltype(std::declval<batch<float, 2>>().images.shape())>> == 3);
}

TEST_CASE("shuffled batches hold every item once", "[data]")
{
    const auto all = numbered(10);
    auto epoch = batches(all, 4, 1, 0);
    CHECK(epoch.size() == 3);
    std::set<std::int32_t> seen;
    std::vector<std::size_t> counts;
    const float* buffer = nullptr;
    for (const auto& [images, labels, index, count] : epoch)
    {
        CHECK(index == counts.size());
        counts.push_back(count);
        REQUIRE(images.shape() == std::array<std::size_t, 3>{count, 2, 3});
        REQUIRE(labels.shape(0) == count);
        CHECK((buffer == nullptr || buffer == images.data()));
        buffer = images.data();
        for (std::size_t i = 0; i < count; ++i)
        {
            seen.insert(labels(i));
            for (std::size_t k = 0; k < 6; ++k)
                CHECK(images.data()[i * 6 + k] == static_cast<float>(labels(i) * 10 + static_cast<int>(k)));
        }
    }
    CHECK(counts == std::vector<std::size_t>{4, 4, 2});
    CHECK(seen.size() == 10);
}

TEST_CASE("the order depends on seed and epoch alone", "[data]")
{
    const auto all = numbered(100);
    const auto order = labels_of(batches(all, 7, 1, 0));
    CHECK(order == labels_of(batches(all, 32, 1, 0)));
    CHECK(order != labels_of(batches(all, 7, 1, 1)));
    CHECK(order != labels_of(batches(all, 7, 2, 0)));
    CHECK(order != labels_of(batches(all, 7, std::uint64_t{1} << 32 | 1, 0)));
    CHECK(order != labels_of(batches(all, 7, 1, std::uint64_t{1} << 32)));
    auto again = batches(all, 7, 1, 0);
    CHECK(labels_of(again) == order);
    CHECK(labels_of(again) == order);
}

TEST_CASE("every order is as likely as the other", "[data]")
{
    std::map<std::vector<std::uint32_t>, int> seen;
    for (std::uint64_t epoch = 0; epoch < 24000; ++epoch)
        ++seen[shuffled(4, 42, epoch)];
    REQUIRE(seen.size() == 24);
    double deviation = 0;
    for (const auto& [order, times] : seen)
        deviation += (times - 1000.) * (times - 1000.) / 1000.;
    // Chi-squared with 23 degrees of freedom exceeds 49.7 once in a thousand seeds.
    CHECK(deviation < 49.7);
}

TEST_CASE("random integers stay below their bound", "[data]")
{
    random_numbers random{3, 4, random_numbers::use::order};
    std::array<int, 3> times{};
    for (int i = 0; i < 30000; ++i)
        ++times[random.below(3)];
    for (const int each : times)
        CHECK(std::abs(each - 10000) < 400);
    for (int i = 0; i < 1000; ++i)
        CHECK(random.below(0xc0000001u) < 0xc0000001u);
    CHECK(random.below(1) == 0);
}

TEST_CASE("batches in order borrow from the dataset", "[data]")
{
    const auto all = numbered(5);
    std::size_t next = 0;
    for (const auto& [images, labels, index, count] : in_order(all, 2))
    {
        CHECK(images.data() == &all.images(next, 0, 0));
        CHECK(labels.data() == &all.labels(next));
        CHECK(count == (index == 2 ? 1 : 2));
        next += count;
    }
    CHECK(next == 5);
    CHECK(in_order(all, 1000).size() == 1);
    const auto none = numbered(0);
    CHECK(labels_of(in_order(none, 4)).empty());
    CHECK(labels_of(batches(none, 4, 1, 0)).empty());
}

TEST_CASE("a dataset that does not fit is refused", "[data]")
{
    auto all = numbered(5);
    CHECK_THROWS_WITH(batches(all, 0, 1, 0), "batches: the batch size must be at least 1, but is 0");
    all.labels.resize({4});
    CHECK_THROWS_WITH(in_order(all, 2), "batches: the dataset has 5 images, but 4 labels");
}
