// SPDX-License-Identifier: BSD-3-Clause
// labels: slow
#include "models.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace
{
    std::atomic<long> allocations{0};
}

[[gnu::noinline]] void* operator new(std::size_t size)
{
    ++allocations;
    if (void* p = std::malloc(size))
        return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment)
{
    ++allocations;
    const auto line = static_cast<std::size_t>(alignment);
    if (void* p = std::aligned_alloc(line, (size + line - 1) / line * line))
        return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++allocations;
    return std::malloc(size);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

TEST_CASE("the counter counts", "[plan]")
{
    const long before = allocations;
    std::vector<int> one(1);
    const long after = allocations;
    CHECK(after == before + 1);
    CHECK(one.size() == 1);
}

TEST_CASE("a thousand steps and predictions allocate nothing", "[plan]")
{
    using images = xg::batch<64, float, 784>;
    using labels = xg::batch<64, std::int32_t>;
    auto net = xg::network<models::perceptron>(1);
    auto step = xg::training_step<images, labels>(net, models::cross_entropy_loss, xg::adam{});
    auto predict = xg::prediction<images>(net);
    xt::xtensor<float, 2> x = xt::ones<float>({64, 784}), few = xt::ones<float>({3, 784});
    xt::xtensor<std::int32_t, 1> y = xt::zeros<std::int32_t>({64}), few_labels = xt::zeros<std::int32_t>({3});

    const long before = allocations;
    float sum = 0;
    for (int i = 0; i < 1000; ++i)
    {
        sum += i % 10 == 9 ? step(few, few_labels) : step(x, y); // the last batch of an epoch is a smaller one
        step.optimizer.learning_rate *= 0.999;
        if (i % 100 == 0)
            sum += predict(x)(0, 0);
    }
    const long after = allocations;
    CHECK(after == before);
    CHECK(std::isfinite(sum));
}
