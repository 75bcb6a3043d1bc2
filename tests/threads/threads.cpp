// SPDX-License-Identifier: BSD-3-Clause
// Results with threads have the bits of those without; small work stays on one thread.
#if !defined(XGRAD_WITHOUT_OPENMP)
#include <xgrad/kernel/threads.hpp>
#endif
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <thread>

namespace
{
    /// Threads that are made for every call, which ThreadSanitizer understands; counts the calls.
    struct plain_threads : xg::kernel::workers
    {
        mutable int calls = 0;
        mutable std::vector<double> room;

        explicit plain_threads(int number)
        {
            count = number;
            run = [](const workers& self, int parts, void (*task)(const void*, int), const void* context)
            {
                ++static_cast<const plain_threads&>(self).calls;
                std::vector<std::thread> others;
                for (int part = 1; part < parts; ++part)
                    others.emplace_back(task, context, part);
                task(context, 0);
                for (std::thread& other : others)
                    other.join();
            };
            reserve = [](const workers& self, int parts, std::size_t bytes) -> void*
            {
                auto& own = static_cast<const plain_threads&>(self).room;
                own.resize(static_cast<std::size_t>(parts) * bytes / 8 + 8);
                return reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(own.data()) + 63) / 64 * 64);
            };
        }
    };

    int failures = 0;
    void check(bool holds, const char* what, int number)
    {
        if (!holds)
            std::printf("%d threads: %s\n", number, what), ++failures;
    }

    struct large
    {
        xg::linear<300, 130> first;
        xg::linear<130, 257> second;
        xg::linear<257, 10> third;
        constexpr auto operator()(auto x) const { return third(tanh(second(relu(first(x))))); }
    };
    struct pictures
    {
        xg::conv2d<3, 32, 3, xg::conv_options{.padding = 1}> first;
        xg::conv2d<32, 32, 3, xg::conv_options{.padding = 1}> second; // by minimal filtering
        xg::conv2d<32, 40, 3, xg::conv_options{.stride = 2, .groups = 4}> third;
        xg::layer_norm<40 * 7 * 7> norm;
        xg::linear<40 * 7 * 7, 10> last;
        constexpr auto operator()(auto x) const
        {
            auto h = relu(third(relu(second(relu(first(reshape<3, 16, 16>(x)))))));
            return last(softmax(norm(reshape<40 * 7 * 7>(h)) * 3) * 1960);
        }
    };
    struct planes
    {
        xg::batch_norm<8> long_channels;
        xg::batch_norm<8 * 7 * 7> short_channels;
        xg::linear<8 * 7 * 7, 10> last;
        constexpr auto operator()(auto x) const
        {
            auto h = max_pool<3, xg::pool_options{.stride = 2, .padding = 1}>(long_channels(reshape<8, 16, 16>(x)));
            auto mean = avg_pool<2, xg::pool_options{.stride = 1}>(h);
            return last(short_channels(reshape<8 * 7 * 7>(mean)));
        }
    };
    struct small
    {
        xg::linear<2, 16> first;
        xg::linear<16, 2> second;
        constexpr auto operator()(auto x) const { return second(tanh(first(x))); }
    };
    constexpr auto loss = [](const auto& model, auto x, auto labels) { return cross_entropy(model(x), labels); };

    /// Three steps and a prediction; their numbers.
    template <class Model, int Batch, int Inputs, int Classes>
    std::vector<float> train(const xg::kernel::workers* threads)
    {
        auto net = xg::network<Model>(1);
        auto step = xg::training_step<xg::batch<Batch, float, Inputs>, xg::batch<Batch, std::int32_t>>(net, loss, xg::adam{});
        auto predict = xg::prediction<xg::batch<Batch, float, Inputs>>(net);
        if (threads)
        {
            step.use(*threads);
            predict.use(*threads);
        }
        xt::xtensor<float, 2> x = xt::zeros<float>({Batch, Inputs});
        xt::xtensor<std::int32_t, 1> labels = xt::zeros<std::int32_t>({Batch});
        std::uint32_t seed = 1;
        for (float& value : x)
            value = static_cast<float>((seed = seed * 1664525u + 1013904223u) >> 8) / 8388608.f - 1;
        for (std::int32_t& label : labels)
            label = static_cast<std::int32_t>((seed = seed * 1664525u + 1013904223u) >> 8) % Classes;
        std::vector<float> results;
        for (int k = 0; k < 3; ++k)
            results.push_back(step(x, labels));
        const auto y = predict(x);
        results.insert(results.end(), y.begin(), y.end());
        return results;
    }

    /// A frozen prediction of one picture.
    std::vector<float> look(const xg::kernel::workers* threads)
    {
        auto net = xg::network<pictures>(2);
        auto predict = xg::prediction<xg::batch<1, float, 768>>(net, xg::frozen);
        if (threads)
            predict.use(*threads);
        xt::xtensor<float, 2> x = xt::zeros<float>({1, 768});
        for (std::size_t i = 0; i < x.size(); ++i)
            x(0, i) = static_cast<float>(i * 37 % 101) / 50 - 1;
        const auto y = predict(x);
        return {y.begin(), y.end()};
    }

    bool close(const std::vector<float>& a, const std::vector<float>& b)
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](float x, float y) { return std::abs(x - y) <= 2e-3f * std::max(1.f, std::abs(y)); });
    }

    bool same_bits(const std::vector<float>& a, const std::vector<float>& b)
    {
        return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    }

#if !defined(XGRAD_WITHOUT_OPENMP)
    bool documented()
    {
        auto net = xg::network<small>(1);
        auto predict = xg::prediction<xg::input<float, 2>>(net);
        // [use]
        const xg::threads threads(2);
        predict.use(threads); // so have steps and compiled functions
        // [use end]
        return predict(std::array<float, 2>{1, 2}).size() == 2;
    }
#endif
}

int main()
{
    const auto alone = train<large, 150, 300, 10>(nullptr);
    check(alone[2] < alone[0], "the loss does not fall", 1);
    for (const int number : {1, 2, 3, 7})
    {
        const plain_threads threads(number);
        check(same_bits(train<large, 150, 300, 10>(&threads), alone), "other results", number);
        check((threads.calls > 0) == (number > 1), "nothing is shared, or with nobody", number);
#if !defined(XGRAD_WITHOUT_OPENMP)
        const xg::threads threads_of_openmp(number);
        check(same_bits(train<large, 150, 300, 10>(&threads_of_openmp), alone), "other results with OpenMP", number);
#endif
    }
#if !defined(XGRAD_WITHOUT_OPENMP)
    check(documented(), "no result", 2);
#endif
    const auto pooled = train<planes, 100, 2048, 10>(nullptr);
    for (const int number : {2, 5})
    {
        const plain_threads threads(number);
        check(same_bits(train<planes, 100, 2048, 10>(&threads), pooled), "other results of planes", number);
        check(threads.calls >= 3 * 8, "planes are not shared", number); // pooling, batch norms and their gradients
    }
    // gradients of a convolution's weights are sums over the images of each thread
    const auto seen = train<pictures, 13, 768, 10>(nullptr);
    check(seen[2] < seen[0], "the loss of pictures does not fall", 1);
    for (const int number : {2, 3, 16})
    {
        const plain_threads threads(number);
        const auto shared = train<pictures, 13, 768, 10>(&threads);
        check(shared[0] == seen[0], "the first loss of pictures is another", number);
        check(close(shared, seen), "other results of pictures", number);
        check(close(look(&threads), look(nullptr)), "another prediction of one picture", number);
        check(threads.calls > 0, "pictures are not shared", number);
    }
    const plain_threads threads(4);
    check(same_bits(train<small, 32, 2, 2>(&threads), train<small, 32, 2, 2>(nullptr)), "other results of small work", 4);
    check(threads.calls == 0, "small work is shared", 4);
    return failures;
}
