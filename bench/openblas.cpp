// SPDX-License-Identifier: BSD-3-Clause
#include "openblas.hpp"

#include <algorithm>
#include <array>

#include <dlfcn.h>

namespace bench
{
    std::string openblas_core()
    {
        using name_function = char* (*)();
        const auto name = reinterpret_cast<name_function>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
        return name ? name() : "";
    }

    std::string better_openblas_core()
    {
#if defined(__x86_64__)
        constexpr std::array<const char*, 6> wide{"Haswell", "Excavator", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"};
        const std::string core = openblas_core();
        if (core.empty() || std::find(wide.begin(), wide.end(), core) != wide.end())
            return "";
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512vl"))
            return "SKYLAKEX";
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
            return "HASWELL";
#endif
        return "";
    }
}
