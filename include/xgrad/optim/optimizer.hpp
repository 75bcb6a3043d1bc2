// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/update.hpp>
#include <xgrad/plan/program.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// An optimizer is a plain struct: its settings as members, and
    ///   names            of its states, one array of the parameters' layout each (moments, velocities),
    ///   scalar_count     how many numbers its update reads,
    ///   scalars(step)    these numbers for step 1, 2, ...: learning rate, decays, bias corrections,
    ///   update(p, g, state, scalar)  the change of one lane of parameters, on numbers and on SIMD lanes alike.
    template <class Optimizer>
    concept optimizer = requires(const Optimizer& o) {
        Optimizer::names.size();
        { Optimizer::scalar_count } -> std::convertible_to<int>;
        o.scalars(std::int64_t{1});
    };

    namespace detail
    {
        template <class Optimizer, element_type T>
        constexpr void update_forward(const kernel::call& c)
        {
            kernel::update<Optimizer, T>(c);
        }

        template <class Optimizer>
        constexpr std::int64_t update_flops(const signature& s)
        {
            return Optimizer::flops * s.out.size();
        }

        template <class Optimizer, element_type T>
        inline constexpr operation update_operation{
            &update_forward<Optimizer, T>, nullptr, &update_flops<Optimizer>, nullptr, "update(%*)", false};

        template <element_type T>
        constexpr void norm_forward(const kernel::call& c)
        {
            *c.out.data.template as<T>() = kernel::norm(c.in[0].data.template as<T>(), c.in[0].extents.size());
        }

        constexpr std::int64_t norm_flops(const signature& s) { return 2 * s.in(0).size(); }

        template <element_type T>
        inline constexpr operation norm_operation{&norm_forward<T>, nullptr, &norm_flops, nullptr, "norm(%0)", false};

        /// Records the update of all parameters as one statement; the scalars come first in the persistent region.
        template <class Optimizer, element_type T>
        constexpr void record_update(recorder& list)
        {
            constexpr xgrad::element type = xgrad::element_of<T>;
            shape numbers;
            numbers.append(Optimizer::scalar_count);
            const int scalars = list.add_persistent(numbers, type);
            const int parameters = list.add_whole(source::parameter, type);
            const int gradients = list.add_whole(source::gradient, type);
            int ids[3 + Optimizer::names.size() + 1]{parameters, gradients, scalars};
            int count = 3;
            for (std::size_t k = 0; k < Optimizer::names.size(); ++k)
                ids[count++] = list.add_persistent(list[parameters].extents, type);
            if constexpr (requires { Optimizer::reads_norm; })
                ids[count++] = list.add_statement(&norm_operation<T>, shape{}, type, &gradients, 1, {});
            list.add_assignment(&update_operation<Optimizer, T>, parameters, ids, count);
        }
    }
}
