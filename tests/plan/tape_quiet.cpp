// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

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
// not inlined: GCC 12 takes the pair for one of new and free
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }

namespace
{
    struct cell
    {
        xg::linear<16, 16> from_input, from_state;
        xg::linear<16, 3> output;
        constexpr auto operator()(auto x, auto state) const { return tanh(from_input(x) + from_state(state)); }
    };
}

TEST_CASE("an iteration like the one before it allocates nothing", "[tape]")
{
    auto net = xg::network<cell>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    const xt::xtensor<float, 2> x = xt::ones<float>({4, 16});
    const xt::xtensor<std::int32_t, 1> labels = xt::zeros<std::int32_t>({4});
    auto carried = tape.zeros<float, 4, 16>(); // what is carried over, cut off from its past
    const auto iterate = [&](int length)
    {
        auto state = stop_gradient(carried);
        auto h = xg::named(state);
        for (int t = 0; t < length; ++t)
            h = model(tape.input<float, 4, 16>(x) * (1 + 1e-3f * static_cast<float>(t)), h);
        backward(cross_entropy(model.output(h), tape.input<std::int32_t, 4>(labels)));
        carried = h;
        tape.parameters_changed();
    };
    iterate(20);
    const long before = allocations;
    const std::size_t bytes = tape.memory_bytes();
    const int values = tape.values();
    for (int i = 0; i < 200; ++i)
        iterate(i % 2 ? 20 : 13); // a shorter sequence fits in the memory of a longer one
    iterate(20);
    CHECK(allocations == before);
    CHECK(tape.memory_bytes() == bytes);
    CHECK(tape.values() == values);
}

TEST_CASE("an iteration with a compiled cell and a recomputed function allocates nothing", "[tape]")
{
    auto net = xg::network<cell>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    const auto compiled = xg::compiled(model);
    xg::lstm_state state{tape.zeros<float, 4, 16>(), tape.zeros<float, 4, 16>()};
    constexpr auto both =
        xg::compiled([](const auto& m, auto s) { return xg::lstm_state{named(m(s.h, s.c)), named(s.h * 2)}; });
    const auto iterate = [&](int length)
    {
        auto h = stop_gradient(state.h);
        auto states = xg::lstm_state{xg::named(h), xg::named(h)};
        for (int t = 0; t < length; ++t)
        {
            states = both(model, states);
            states.h = xg::recompute([&](auto h, auto c) { return tanh(compiled(h, c)) * 2; }, states.h, states.c);
        }
        backward(sum(states.h * states.c));
        state = states;
        tape.parameters_changed();
    };
    iterate(20);
    iterate(20); // from here on a state of the iteration before is still there
    const long before = allocations;
    const std::size_t bytes = tape.memory_bytes();
    for (int i = 0; i < 100; ++i)
        iterate(i % 2 ? 20 : 13);
    CHECK(allocations == before);
    CHECK(tape.memory_bytes() == bytes);
}

namespace
{
    struct stream
    {
        xg::lstm_cell<3, 16> lstm;
        xg::gru_cell<16, 8> gru;
        xg::linear<8, 1> output;
        constexpr auto operator()(auto x, auto state, auto inner) const
        {
            const auto after = lstm(x, state);
            const auto h = xg::named(gru(after.h, inner));
            return std::make_tuple(xg::named(output(h)), after, h);
        }
    };
}

TEST_CASE("a stream through recurrent cells allocates nothing", "[tape]")
{
    auto net = xg::network<stream>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    const auto quiet = tape.without_gradients();
    const auto zeros = tape.zeros<float, 1, 16>();
    std::array<float, 3> sample{1, 2, 3};
    const auto run = [&](const auto& step, int samples)
    {
        auto state = xg::lstm_state{zeros, zeros};
        auto inner = tape.zeros<float, 1, 8>();
        float last = 0;
        for (int i = 0; i < samples; ++i)
        {
            sample[0] = -sample[0];
            const auto [y, after, h] =
                step(tape.input<float, 1, 3>(xt::adapt(sample, std::array<std::size_t, 2>{1, 3})), state, inner);
            last = y.value()(0, 0);
            state = after;
            inner = h;
        }
        return last;
    };
    const auto compiled = xg::compiled(model);
    const float a = run(model, 100), b = run(compiled, 100);
    CHECK(a == b);
    const long before = allocations;
    const int values = tape.values();
    CHECK((run(model, 1000) == run(compiled, 1000)));
    CHECK(tape.values() == values);
    CHECK(allocations == before);
}

TEST_CASE("a million statements without gradients take no memory", "[tape]")
{
    xg::tape tape;
    auto x = tape.full<float, 8>(0.5f);
    const auto quiet = tape.without_gradients();
    const auto once = [&](int i) { x = tanh(x + x * (1e-6f * static_cast<float>(i))); };
    for (int i = 0; i < 2000; ++i) // more numbers than the tape keeps
        once(i);
    const long before = allocations;
    const int values = tape.values();
    for (int i = 2000; i < 1'000'000; ++i)
        once(i);
    CHECK(allocations == before);
    CHECK(tape.values() == values);
    CHECK(x.value()(3) > 0);
}

TEST_CASE("names that go give up what only they remember", "[tape]")
{
    xg::tape tape;
    const auto w = tape.variable<float, 8>(xt::xtensor<float, 1>(xt::ones<float>({8})));
    const int before = tape.values();
    for (int i = 0; i < 3; ++i)
    {
        auto h = xg::named(tanh(w));
        for (int k = 0; k < 100'000; ++k) // a chain this long is not taken down by recursion
            h = tanh(h);
    }
    CHECK(tape.values() == before);
}
