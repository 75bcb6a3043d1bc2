// SPDX-License-Identifier: BSD-3-Clause
#include "../../row.hpp"
#include "../../tasks/network.hpp"
#include "../../threads.hpp"
#include "api.hpp"

#include <array>

namespace
{
    using namespace bench::onnxruntime;
    constexpr int warnings = 2, all_optimizations = 99, arena = 0, usual_memory = 0, floats = 1;

    struct session
    {
        std::shared_ptr<OrtEnv> env = made<OrtEnv>(create_env, release_env, warnings, "bench");
        std::shared_ptr<OrtSessionOptions> options = made<OrtSessionOptions>(create_session_options, release_session_options);
        std::shared_ptr<OrtMemoryInfo> memory =
            made<OrtMemoryInfo>(create_memory_info, release_memory_info, arena, usual_memory);
        std::shared_ptr<OrtSession> net{};
        std::shared_ptr<OrtValue> image{}, to{};
        std::vector<float> logits = std::vector<float>(1000);

        explicit session(const bench::network_prediction& work)
        {
            check(set_optimization_level(options.get(), all_optimizations));
            check(set_threads_of_operators(options.get(), bench::threads()));
            check(set_threads_between_operators(options.get(), 1));
            net = made<OrtSession>(create_session, release_session, env.get(), work.file("onnx").c_str(), options.get());
            const auto& x = work.images;
            image =
                tensor(const_cast<float*>(x.values.data()), std::array<std::int64_t, 4>{x.batch, x.channels, x.side, x.side});
            to = tensor(logits.data(), std::array<std::int64_t, 2>{1, 1000});
        }

        template <std::size_t Rank>
        std::shared_ptr<OrtValue> tensor(float* data, const std::array<std::int64_t, Rank>& extents)
        {
            std::size_t bytes = sizeof(float);
            for (const auto extent : extents)
                bytes *= static_cast<std::size_t>(extent);
            return made<OrtValue>(create_tensor, release_value, memory.get(), data, bytes, extents.data(), Rank, floats);
        }

        void operator()()
        {
            const char *const from_name = "image", *const to_name = "logits";
            const OrtValue* const from = image.get();
            OrtValue* result = to.get();
            check(run(net.get(), nullptr, &from_name, &from, 1, &to_name, 1, &result));
        }
    };

    const bool known = bench::add_peer<bench::network_prediction>(
        [](const std::shared_ptr<const bench::network_prediction>& work) -> bench::contestant
        {
            if (!work->was_exported())
                return {};
            auto s = std::make_shared<session>(*work);
            return {"onnxruntime", [work, s] { (*s)(); }, [s] { return s->logits; }};
        });
}
