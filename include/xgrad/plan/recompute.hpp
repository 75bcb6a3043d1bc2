// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/call_arguments.hpp>

#include <array>
#include <new>
#include <optional>
#include <tuple>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        // what a function is given and returns, by name
        template <class X>
        auto names_of(const X& x)
        {
            if constexpr (tensor<X>)
                return in_memory(x);
            else if constexpr (requires { std::get<0>(x).tree; } && !is_std_array<X>)
                return std::apply([](const auto&... each) { return std::make_tuple(names_of(each)...); }, x);
            else
                return x;
        }

        template <class X>
        recorder* tape_of(const X& x)
        {
            recorder* found = nullptr;
            if constexpr (holds_tensors<X>)
                for_each_tensor(x,
                                [&](const auto& each)
                                {
                                    if constexpr (on_tape<decltype(each)>)
                                        found = each.list;
                                });
            return found;
        }

        template <class Function, class... X>
        class rerun_of final : public tape_rerun
        {
        public:
            using result_type = decltype(names_of(std::declval<const Function&>()(std::declval<const X&>()...)));
            static constexpr int results = tensors_in<result_type>();

            rerun_of(tape_core& tape, const Function& f, const std::tuple<X...>& arguments)
                : tape_(tape), function_(f), arguments_(arguments)
            {
                seeds_.fill(-1);
            }

            result_type result() const { return names_of(std::apply(function_, arguments_)); }

            void run(gradient_pass& pass) override
            {
                const auto y = result();
                tape_.go_back();
                std::array<int, static_cast<std::size_t>(results)> ids;
                std::size_t k = 0;
                for_each_tensor(y,
                                [&]<class E>(const E& each)
                                {
                                    const auto value = to_expression(each);
                                    constexpr int order = decltype(value)::order;
                                    using type = typename decltype(value)::value_type;
                                    ids[k] = value.tree.id;
                                    if constexpr (std::is_floating_point_v<type> && order > 0)
                                        if (const int seed = seeds_[k]; seed >= 0)
                                            arrive<order - 1>(
                                                pass, leaf<type>{ids[k]},
                                                internal<order - 1>(&tape_, leaf<type>{seed}, tape_[seed].extents));
                                    ++k;
                                });
                tape_.go_back_from(ids.data(), results);
            }

            std::span<int> seeds() override { return seeds_; }

        private:
            tape_core& tape_;
            Function function_;
            std::tuple<X...> arguments_;
            std::array<int, static_cast<std::size_t>(results)> seeds_;
        };

        template <class Function, class... X>
        auto recompute_on_tape(recorder* list, const Function& f, const X&... x)
        {
            using rerun = rerun_of<Function, X...>;
            static_assert(alignof(rerun) <= alignment);
            auto& tape = static_cast<tape_core&>(*list);
            tape.refuse_if_gone();
            if (!tape.recording)
                return names_of(f(x...));
            const bool training = tape.training;
            const int streams = tape.random_streams;
            std::optional<typename rerun::result_type> found;
            const auto touched = tape.run_unrecorded([&] { found.emplace(names_of(f(x...))); });
            if (!touched.traced)
                return *std::move(found);
            const reference place(tape.add_rerun(static_cast<std::int64_t>(sizeof(rerun)), touched.needed));
            auto* const again = new (tape.bytes_of(place.id)) rerun(tape, f, std::tuple<X...>(x...));
            again->training = training;
            again->random_streams = streams;
            tape.slot(place.id).again = again;
            int number = 0;
            for_each_tensor(*found,
                            [&]<class E>(E& each)
                            {
                                if constexpr (on_tape<E>)
                                    if constexpr (std::is_floating_point_v<typename E::value_type> && E::order > 0)
                                        each.tree =
                                            held<typename E::value_type>(tape.add_result(place.id, each.tree.id, number));
                                ++number;
                            });
            return *std::move(found);
        }
    }

    /// f(x...), of which a tape keeps the results and nothing between: when a gradient comes back, f is computed once more
    /// (Chen et al. 2016). The numbers are those of f(x...), dropout included. What f refers to must be there until the tape
    /// has gone back; x are tensors, structs of tensors, models, numbers. In a compiled program it is f(x...).
    template <class Function, class... X>
    constexpr auto recompute(const Function& f, const X&... x)
    {
        constexpr bool on_a_tape = (false || ... || detail::any_on_tape<X>());
        if constexpr (!on_a_tape)
            return f(x...);
        else
        {
            recorder* list = nullptr;
            ((list = list ? list : detail::tape_of(x)), ...);
            return detail::recompute_on_tape(list, f, detail::names_of(x)...);
        }
    }
}
