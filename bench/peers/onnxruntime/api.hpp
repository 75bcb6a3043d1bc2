// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

/// As much of onnxruntime's C interface as is used here, for its npm package has no headers. The interface is a table of
/// functions that only ever grows at its end, so that a place in it means the same in all versions.
extern "C"
{
    struct OrtStatus;
    struct OrtEnv;
    struct OrtSession;
    struct OrtSessionOptions;
    struct OrtMemoryInfo;
    struct OrtValue;

    struct OrtApiBase
    {
        void* const* (*table)(std::uint32_t version);
        const char* (*version)();
    };
    const OrtApiBase* OrtGetApiBase();
}

namespace bench::onnxruntime
{
    /// A function's place in the table, and what it takes.
    template <std::size_t Place, class Result, class... Arguments>
    struct function
    {
        Result operator()(Arguments... arguments) const
        {
            static void* const* const table = OrtGetApiBase()->table(1);
            return reinterpret_cast<Result (*)(Arguments...)>(table[Place])(arguments...);
        }
    };

    inline constexpr function<2, const char*, const OrtStatus*> message_of{};
    inline constexpr function<3, OrtStatus*, int, const char*, OrtEnv**> create_env{};
    inline constexpr function<7, OrtStatus*, const OrtEnv*, const char*, const OrtSessionOptions*, OrtSession**>
        create_session{};
    inline constexpr function<9, OrtStatus*, OrtSession*, const void*, const char* const*, const OrtValue* const*, std::size_t,
                              const char* const*, std::size_t, OrtValue**>
        run{};
    inline constexpr function<10, OrtStatus*, OrtSessionOptions**> create_session_options{};
    inline constexpr function<23, OrtStatus*, OrtSessionOptions*, int> set_optimization_level{};
    inline constexpr function<24, OrtStatus*, OrtSessionOptions*, int> set_threads_of_operators{};
    inline constexpr function<25, OrtStatus*, OrtSessionOptions*, int> set_threads_between_operators{};
    inline constexpr function<49, OrtStatus*, const OrtMemoryInfo*, void*, std::size_t, const std::int64_t*, std::size_t, int,
                              OrtValue**>
        create_tensor{};
    inline constexpr function<69, OrtStatus*, int, int, OrtMemoryInfo**> create_memory_info{};
    inline constexpr function<92, void, OrtEnv*> release_env{};
    inline constexpr function<93, void, OrtStatus*> release_status{};
    inline constexpr function<94, void, OrtMemoryInfo*> release_memory_info{};
    inline constexpr function<95, void, OrtSession*> release_session{};
    inline constexpr function<96, void, OrtValue*> release_value{};
    inline constexpr function<100, void, OrtSessionOptions*> release_session_options{};

    /// Throws what went wrong.
    inline void check(OrtStatus* status)
    {
        if (!status)
            return;
        const std::runtime_error error(message_of(status));
        release_status(status);
        throw error;
    }

    /// Something that onnxruntime made with `create(arguments..., &result)`.
    template <class T, class... Arguments>
    std::shared_ptr<T> made(const auto& create, const auto& release, Arguments... arguments)
    {
        T* result = nullptr;
        check(create(arguments..., &result));
        return {result, release};
    }
}
