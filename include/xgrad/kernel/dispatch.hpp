// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/architectures.hpp>
#include <xgrad/kernel/one_lane.hpp>
#include <xgrad/meta/error.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace xgrad::inline XGRAD_ABI
{
    /// The architecture that this translation unit is compiled for, one of xsimd's types: what a dispatched source
    /// specialises its functions for.
    using this_architecture = kernel::default_arch;

    /// The architectures that dispatched sources are compiled for, best first.
    using architectures = xsimd::arch_list<XGRAD_ARCHITECTURES>;

    /// Its name, as the CMake function has it: "avx512", "avx2", "avx", "sse4.2", "sse2", "neon64", "scalar".
    template <class Architecture>
    constexpr std::string_view architecture_name()
    {
        const std::string_view name = Architecture::name();
        return name == "avx512bw" ? "avx512" : name == "fma3+avx2" ? "avx2" : name == "arm64+neon" ? "neon64" : name;
    }

    namespace detail
    {
        template <class... All>
        std::string names_of(xsimd::arch_list<All...>)
        {
            std::string text;
            ((text += (text.empty() ? "" : ", ") + std::string(architecture_name<All>())), ...);
            return text;
        }

        template <class Architecture, class... Weaker>
        decltype(auto) dispatch(xsimd::arch_list<Architecture, Weaker...>, unsigned best, auto&& function, auto&&... arguments)
        {
            if (Architecture::version() <= best)
                return function(Architecture{}, std::forward<decltype(arguments)>(arguments)...);
            if constexpr (sizeof...(Weaker) > 0)
                return dispatch(xsimd::arch_list<Weaker...>{}, best, function, std::forward<decltype(arguments)>(arguments)...);
            else
                throw error("this program was built for " + names_of(architectures{}) +
                            ", of which this machine or the given limit allows none");
        }

        template <class... All>
        unsigned version_of(std::string_view name, xsimd::arch_list<All...> all)
        {
            unsigned version = 0;
            const bool found = (... || (architecture_name<All>() == name && (version = All::version(), true)));
            if (!found)
                throw error("no code is built for \"" + std::string(name) + "\"; there are " + names_of(all));
            return version;
        }
    }

    /// function(architecture, arguments...) for the best of the architectures that this machine knows.
    decltype(auto) dispatch(auto&& function, auto&&... arguments)
    {
        return detail::dispatch(architectures{}, xsimd::available_architectures().best, function,
                                std::forward<decltype(arguments)>(arguments)...);
    }

    /// The same, but for no better one than the one of that name: what a weaker machine would run.
    decltype(auto) dispatch_at_most(std::string_view most, auto&& function, auto&&... arguments)
    {
        const unsigned limit = detail::version_of(most, architectures{}), best = xsimd::available_architectures().best;
        return detail::dispatch(architectures{}, limit < best ? limit : best, function,
                                std::forward<decltype(arguments)>(arguments)...);
    }
}
