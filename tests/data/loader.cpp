// SPDX-License-Identifier: BSD-3-Clause
// labels: threads
#include <xgrad/data/augment.hpp>
#include <xgrad/data/loader.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <set>
#include <thread>

namespace
{
    using namespace xgrad::data;
    using Catch::Contains;
    using xgrad::io::image;

    labelled_dataset<std::uint8_t, 3> pictures(std::size_t count)
    {
        labelled_dataset<std::uint8_t, 3> all{
            xt::xtensor<std::uint8_t, 4>::from_shape({count, 1, 4, 5}), xt::xtensor<std::int32_t, 1>::from_shape({count}), {}};
        for (std::size_t i = 0; i < count; ++i)
        {
            all.labels(i) = static_cast<std::int32_t>(i);
            for (std::size_t k = 0; k < 20; ++k)
                all.images.data()[i * 20 + k] = static_cast<std::uint8_t>(i * 7 + k);
        }
        return all;
    }

    using passes = decltype(loader<float, 1, 4, 5>(std::declval<labelled_dataset<std::uint8_t, 3>>()).epoch(0));
    static_assert(std::ranges::input_range<passes>);

    constexpr auto augment = [](auto& picture, auto& random)
    {
        random_crop(picture, random, 4, 5, 2);
        random_flip(picture, random);
    };

    struct seen
    {
        std::vector<float> images;
        std::vector<std::int32_t> labels;
        bool operator==(const seen&) const = default;
    };

    seen all_of(auto&& pass)
    {
        seen result;
        for (const auto& batch : pass)
        {
            result.images.insert(result.images.end(), batch.images.begin(), batch.images.end());
            result.labels.insert(result.labels.end(), batch.labels.begin(), batch.labels.end());
        }
        return result;
    }

    // A source of another kind: items that are no pictures, with names, of which some cannot be read.
    // [source]
    struct sentences
    {
        using item_type = std::vector<int>;
        std::set<std::size_t> broken;
        mutable std::atomic<int> reads = 0;

        std::size_t size() const { return 100; }
        std::string name(std::size_t index) const { return "line " + std::to_string(index); }
        std::int32_t read(std::size_t index, item_type& item) const
        {
            ++reads;
            if (broken.contains(index))
                throw std::runtime_error("no words");
            item.assign(3, static_cast<int>(index));
            return 1;
        }
    };
    constexpr auto words = [](const std::vector<int>& item, auto&, std::span<float> to)
    { std::ranges::copy(item, to.begin()); };
    // [source end]

    std::atomic<std::size_t> allocations = 0;
}

// noinline: else GCC finds a free() without its malloc()
[[gnu::noinline]] void* operator new(std::size_t size)
{
    ++allocations;
    if (void* memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++allocations;
    return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("order and augmentation depend on seed and epoch, not on threads", "[data]")
{
    const auto all = pictures(50);
    auto alone = loader<float, 1, 4, 5>(all, {.batch_size = 8, .seed = 3, .threads = 0}, augment);
    const seen expected = all_of(alone.epoch(2));
    CHECK(expected.labels.size() == 50);
    CHECK(std::set(expected.labels.begin(), expected.labels.end()).size() == 50);
    CHECK(expected != all_of(alone.epoch(1)));
    CHECK(expected == all_of(alone.epoch(2)));
    for (const std::size_t threads : {1u, 2u, 5u})
        for (const std::size_t ahead : {1u, 3u, 20u})
        {
            auto several =
                loader<float, 1, 4, 5>(all, {.batch_size = 8, .seed = 3, .threads = threads, .ahead = ahead}, augment);
            CHECK(all_of(several.epoch(2)) == expected);
        }
    auto other = loader<float, 1, 4, 5>(all, {.batch_size = 8, .seed = 4}, augment);
    CHECK(all_of(other.epoch(2)).labels != expected.labels);

    // an item's augmentation is its own, whatever the batch size and the order
    auto sorted = loader<float, 1, 4, 5>(all, {.batch_size = 50, .seed = 3, .shuffle = false}, augment);
    const seen in_order = all_of(sorted.epoch(2));
    for (std::size_t i = 0; i < 50; ++i)
    {
        CHECK(in_order.labels[i] == static_cast<std::int32_t>(i));
        const auto at =
            static_cast<std::size_t>(std::ranges::find(expected.labels, in_order.labels[i]) - expected.labels.begin());
        CHECK(std::equal(&in_order.images[i * 20], &in_order.images[i * 20] + 20, &expected.images[at * 20]));
    }
}

TEST_CASE("without stages bytes become 0 to 1 and floats are copied", "[data]")
{
    const auto all = pictures(5);
    auto plain = loader<float, 1, 4, 5>(all, {.batch_size = 2, .shuffle = false});
    CHECK(plain.epoch(0).size() == 3);
    std::vector<std::size_t> counts;
    for (const auto& [images, labels, index, count] : plain.epoch(0))
    {
        CHECK(index == counts.size());
        CHECK(images.shape() == std::array<std::size_t, 4>{count, 1, 4, 5});
        CHECK(images(0, 0, 3, 4) == Approx((index * 2 * 7 + 19) / 255.));
        CHECK(labels(0) == static_cast<int>(index * 2));
        counts.push_back(count);
    }
    CHECK(counts == std::vector<std::size_t>{2, 2, 1});
    auto whole = loader<float, 20>(pictures(5), {.batch_size = 2, .shuffle = false, .drop_last = true});
    CHECK(all_of(whole.epoch(0)).labels == std::vector{0, 1, 2, 3});
    CHECK(whole.size() == 5);

    const labelled_dataset<float, 1> rows{{{1.f, 2.f}, {3.f, 4.f}}, {5, 6}, {}};
    auto copied = loader<float, 2>(rows, {.shuffle = false});
    CHECK(all_of(copied.epoch(0)) == seen{{1, 2, 3, 4}, {5, 6}});
}

TEST_CASE("any range is an order, any function a stage, any object a source", "[data]")
{
    const sentences text;
    auto of_three = loader<float, 3>(
        text, {.batch_size = 4, .threads = 2}, [](std::vector<int>& item) { item[0] += 1; },
        [](std::vector<int>& item, random_numbers& random) { item[1] += 1 + int(random.below(1)); }, words);
    CHECK(all_of(of_three.in(std::vector{7, 5, 7})) == seen{{8, 8, 7, 6, 6, 5, 8, 8, 7}, {1, 1, 1}});
    CHECK(all_of(of_three.in(std::views::iota(10, 12))).images == std::vector<float>{11, 11, 10, 12, 12, 11});
    CHECK(all_of(of_three.in(std::vector<int>{})).labels.empty());
    std::vector<std::size_t> counts; // a range of ranges says what is in each batch
    for (const auto& batch : of_three.in(std::vector<std::vector<int>>{{1, 2, 3, 4}, {5}, {6, 7}}))
    {
        counts.push_back(batch.count);
        CHECK(batch.images(0, 2) == std::array{1, 5, 6}[batch.index]);
    }
    CHECK(counts == std::vector<std::size_t>{4, 1, 2});
    CHECK_THROWS_WITH(of_three.in(std::vector<std::vector<int>>{{1}, {}}),
                      "loader: a batch has 1 to 4 items, but batch 1 has 0");
    CHECK_THROWS_WITH(of_three.in(std::vector<std::vector<int>>{{1, 2, 3, 4, 5}}),
                      "loader: a batch has 1 to 4 items, but batch 0 has 5");
    struct floats
    {
        using item_type = std::vector<float>;
        std::size_t size() const { return 2; }
        std::int32_t read(std::size_t index, item_type& item) const
        {
            item.assign(2 + index, 7.f);
            return 0;
        }
    };
    auto copied = loader<float, 2>(floats{}, {.batch_size = 1, .shuffle = false});
    CHECK(all_of(copied.in(std::vector{0})).images == std::vector<float>{7, 7});
    CHECK_THROWS_WITH(all_of(copied.epoch(0)), "item 1: it has 3 numbers, but the loader's items are 2");
    CHECK_THROWS_WITH(of_three.in(std::vector{1, 100}), "loader: the order names item 100, but there are 100");
    CHECK_THROWS_WITH(of_three.in(std::vector{-1}), "loader: the order names item -1, but there are 100");
}

TEST_CASE("an exception in a worker ends the pass, names the item, and leaves a loader that works", "[data]")
{
    for (const std::size_t threads : {0u, 1u, 4u})
    {
        sentences text;
        text.broken = {21, 22, 37};
        auto lines = loader<float, 3>(text, {.batch_size = 10, .shuffle = false, .threads = threads}, words);
        std::size_t batches = 0;
        const auto walk = [&]
        {
            for (const auto& batch : lines.epoch(0))
                batches += batch.count > 0;
        };
        for (int again = 0; again < 3; ++again) // the first broken line is reported, whichever thread met it
            CHECK_THROWS_WITH(walk(), "line 21: no words");
        CHECK(batches == 6); // what came before it was handed out
        text.broken.clear();
        walk();
        CHECK(batches == 16);
        text.broken = {0};
        try
        {
            walk();
            FAIL("accepted");
        }
        catch (const xgrad::file_error& fault)
        {
            CHECK_THROWS_WITH(std::rethrow_if_nested(fault), "no words");
        }
    }
    const auto all = pictures(3);
    auto wrong = loader<float, 1, 3, 3>(all, {}, augment);
    CHECK_THROWS_WITH(wrong.epoch(0).begin(),
                      Contains("item ") && Contains("the stages made 1x4x5 of it") && Contains("the loader's items are 1x3x3"));
    auto thrown = loader<float, 1, 4, 5>(all, {}, [](auto&) { throw 7; });
    CHECK_THROWS_AS(thrown.epoch(0).begin(), int);
    CHECK_THROWS_WITH((loader<float, 1, 4, 5>(all, {.batch_size = 0})), "loader: the batch size must be at least 1, but is 0");
    CHECK_THROWS_WITH((loader<float, 1, 4, 5>(all, {.threads = std::size_t{0} - 1})), Contains("loader: at most 1024 threads"));
}

TEST_CASE("a pass that is left early stops the work", "[data]")
{
    const sentences text;
    for (const std::size_t threads : {0u, 1u, 3u})
    {
        auto lines = loader<float, 3>(text, {.batch_size = 2, .shuffle = false, .threads = threads, .ahead = 2}, words);
        for (int again = 0; again < 20; ++again)
            for (const auto& batch : lines.epoch(0))
                if (batch.index == 3)
                    break;
        const int reads = text.reads;
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
        CHECK(text.reads == reads);
        CHECK(all_of(lines.epoch(0)).labels.size() == 100);
        auto first = lines.epoch(0);
        auto second = lines.epoch(1); // ends the first
        CHECK(first.begin() == first.end());
        CHECK(all_of(second).labels.size() == 100);
    }
    CHECK(text.reads < 3 * (20 * 20 + 400));
}

TEST_CASE("a pass allocates little, and nothing for each item", "[data]")
{
    const auto all = pictures(4000);
    for (const std::size_t threads : {0u, 2u})
    {
        auto many = loader<float, 1, 4, 5>(all, {.batch_size = 32, .threads = threads}, augment);
        all_of(many.epoch(0));
        const std::size_t before = allocations;
        float sum = 0;
        for (const auto& batch : many.epoch(1))
            sum += batch.images.data()[0];
        CHECK(sum > 0);
        CHECK(allocations - before < 40);
    }
}

TEST_CASE("a step that takes longer than its batch does not wait", "[data]")
{
    const auto all = pictures(400);
    auto easy = loader<float, 1, 4, 5>(all, {.batch_size = 10, .threads = 1}, augment);
    for ([[maybe_unused]] const auto& batch : easy.epoch(0))
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    CHECK(easy.elapsed() > 0.07);
    CHECK(easy.waited_share() < 0.5); // less than 0.05 unless others take the processors
    auto hard = loader<float, 1, 4, 5>(all, {.batch_size = 100, .threads = 1},
                                       [](auto&) { std::this_thread::sleep_for(std::chrono::microseconds(100)); });
    all_of(hard.epoch(0));
    CHECK(hard.waited_share() > 0.5);
    CHECK(hard.waited() > 0.02);
}

TEST_CASE("a loader's order is that of batches()", "[data]")
{
    const auto all = pictures(33);
    auto several = loader<float, 1, 4, 5>(all, {.batch_size = 8, .seed = 5, .threads = 2});
    CHECK(all_of(several.epoch(3)).labels == all_of(batches(all, 8, 5, 3)).labels);
}
