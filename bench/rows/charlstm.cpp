// SPDX-License-Identifier: BSD-3-Clause
#include "../row.hpp"
#include "../tasks/recurrent.hpp"
#include "share.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>

namespace
{
    using bench::letters;
    constexpr std::size_t time_steps = letters::time, streams = letters::batch;

    struct reader
    {
        xg::embedding<letters::alphabet, letters::width> letter;
        xg::lstm<letters::width, letters::width> layer;
        xg::linear<letters::width, letters::alphabet> next;
    };
    constexpr auto loss = [](const auto& model, auto text, auto following)
    { return cross_entropy(model.next(model.layer(model.letter(text))), following); };

    using network = decltype(xg::network<reader>());
    using text = xg::input<std::int32_t, letters::time, letters::batch>;

    void restart(const letters& work, network& net, auto& step)
    {
        const auto spans = net.spans();
        for (std::size_t i = 0; i < spans.size(); ++i)
            std::copy(work.parameters[i].begin(), work.parameters[i].end(), reinterpret_cast<float*>(spans[i].data));
        auto state = step.state();
        for (const auto& span : state.spans)
            std::fill_n(reinterpret_cast<float*>(span.data), span.extents.size(), 0.f);
        state.random.step = 0;
    }

    auto table(const std::vector<std::int32_t>& x)
    {
        return xt::adapt(x.data(), x.size(), xt::no_ownership(), std::array<std::size_t, 2>{time_steps, streams});
    }

    bench::contestant compiled(const std::shared_ptr<const bench::letters_layer>& work)
    {
        struct trainer
        {
            network net = xg::network<reader>();
            decltype(xg::training_step<text, text>(net, loss, xg::adam{})) step =
                xg::training_step<text, text>(net, loss, xg::adam{});
            float last_loss = 0;
        };
        auto t = std::make_shared<trainer>();
        bench::share(t->step);
        return {"xgrad", [work, t] { t->last_loss = t->step(table(work->text), table(work->following)); },
                [t] { return std::vector<float>{t->last_loss}; }, [work, t] { restart(*work, t->net, t->step); }};
    }

    /// A plain loop over cells on a tape; a compiled cell is one statement.
    template <bool Compiled>
    bench::contestant loop(const std::shared_ptr<const bench::letters_loop>& work)
    {
        struct trainer
        {
            network net = xg::network<reader>();
            xg::tape tape;
            decltype(xg::updates(tape, net, xg::adam{})) update{tape, net, xg::adam{}};
            float last_loss = 0;

            void step(const letters& of)
            {
                const auto& model = update.model;
                const auto cell = [&]
                {
                    if constexpr (Compiled)
                        return xg::compiled(model.layer.first.forwards);
                    else
                        return model.layer.first.forwards;
                }();
                const auto zeros = tape.zeros<float, letters::batch, letters::width>();
                xg::lstm_state state{zeros, zeros};
                auto total = tape.zeros<float>();
                for (std::size_t t = 0; t < time_steps; ++t)
                {
                    const auto letters_at = [&](const std::vector<std::int32_t>& x)
                    { return tape.input<std::int32_t, letters::batch>(std::span(x).subspan(t * streams, streams)); };
                    state = cell(model.letter(letters_at(of.text)), state);
                    total = total + cross_entropy(model.next(state.h), letters_at(of.following));
                }
                const auto mean = xg::named(total / static_cast<float>(time_steps));
                last_loss = mean.value();
                backward(mean);
                update();
            }
        };
        auto t = std::make_shared<trainer>();
        return {"xgrad", [work, t] { t->step(*work); }, [t] { return std::vector<float>{t->last_loss}; },
                [work, t] { restart(*work, t->net, t->update); }};
    }

    template <class Work>
    bool add(const std::string& name, bool shares, bench::contestant (*ours)(const std::shared_ptr<const Work>&))
    {
        return bench::add_row({.name = name,
                               .kind = bench::kind::training,
                               .flops = letters::flops(),
                               .bytes = 6 * 4 * letters::parameter_count(),
                               .working_set = 4 * 4 * letters::parameter_count(),
                               .traffic = bench::traffic::update,
                               .tolerance = 1e-4,
                               .compared_runs = 3,
                               .shares = shares && bench::can_share,
                               .contestants = bench::contest<Work>(ours, [] { return Work(); })});
    }

    const bool known = add<bench::letters_layer>("charlstm_train_h128_t64_b32_adam", true, compiled) &&
                       add<bench::letters_loop>("charlstm_loop_train_h128_t64_b32", false, loop<false>) &&
                       add<bench::letters_loop>("charlstm_compiled_loop_train_h128_t64_b32", false, loop<true>);
}
