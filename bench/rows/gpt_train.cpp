// SPDX-License-Identifier: BSD-3-Clause
#include "../row.hpp"
#include "../tasks/gpt.hpp"
#include "share.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>

namespace
{
    using work_type = bench::gpt_training;
    constexpr std::ptrdiff_t width = work_type::width, heads = work_type::heads, length = work_type::time,
                             batch_size = work_type::batch, part = width / heads;

    struct block
    {
        xg::layer_norm<width> norm1;
        xg::linear<width, 3 * width> query_key_value;
        xg::linear<width, width> projection;
        xg::layer_norm<width> norm2;
        xg::linear<width, 4 * width> up;
        xg::linear<4 * width, width> down;

        static constexpr auto heads_of(auto x)
        {
            return named(xg::transpose<0, 2, 1, 3>(xg::reshape<batch_size, length, heads, part>(named(x))));
        }
        constexpr auto attention(auto x) const
        {
            const auto all = named(query_key_value(x));
            const auto query = heads_of(xg::slice<-1, 0, width>(all)), key = heads_of(xg::slice<-1, width, 2 * width>(all));
            const auto value = heads_of(xg::slice<-1, 2 * width, 3 * width>(all));
            const auto scores = xg::causal_softmax(xg::matmul(query, xg::transpose(key)) * (1 / std::sqrt(double(part))));
            const auto heard = named(xg::matmul(named(scores), value));
            return projection(xg::reshape<batch_size, length, width>(named(xg::transpose<0, 2, 1, 3>(heard))));
        }
        constexpr auto operator()(auto x) const
        {
            const auto h = named(x + attention(named(norm1(x))));
            return named(h + down(named(gelu(up(named(norm2(h)))))));
        }
    };

    struct gpt
    {
        xg::embedding<work_type::alphabet, width> letter;
        xg::parameter<float, xg::extents<length, width>> position;
        std::array<block, work_type::blocks> blocks;
        xg::layer_norm<width> norm;
        xg::linear<width, work_type::alphabet> next;

        constexpr auto operator()(auto text) const
        {
            auto x = named(letter(text) + position);
            for (const auto& each : blocks)
                x = each(x);
            return next(named(norm(x)));
        }
    };
    constexpr auto loss = [](const auto& model, auto text, auto following) { return cross_entropy(model(text), following); };

    bench::contestant ours(const std::shared_ptr<const work_type>& work)
    {
        using text = xg::input<std::int32_t, batch_size, length>;
        static constexpr xg::adamw optimizer{.learning_rate = work_type::learning_rate,
                                             .weight_decay = work_type::weight_decay};
        struct trainer
        {
            decltype(xg::network<gpt>()) net = xg::network<gpt>();
            decltype(xg::training_step<text, text>(net, loss, optimizer)) step =
                xg::training_step<text, text>(net, loss, optimizer);
            float last_loss = 0;
        };
        auto t = std::make_shared<trainer>();
        bench::share(t->step);
        const auto restart = [work, t]
        {
            const auto spans = t->net.spans();
            for (std::size_t i = 0; i < spans.size(); ++i)
                std::copy(work->parameters[i].begin(), work->parameters[i].end(), reinterpret_cast<float*>(spans[i].data));
            auto state = t->step.state();
            for (const auto& span : state.spans)
                std::fill_n(reinterpret_cast<float*>(span.data), span.extents.size(), 0.f);
            state.random.step = 0;
        };
        const auto table = [](const std::vector<std::int32_t>& x)
        {
            return xt::adapt(x.data(), x.size(), xt::no_ownership(),
                             std::array{static_cast<std::size_t>(batch_size), static_cast<std::size_t>(length)});
        };
        return {"xgrad", [=] { t->last_loss = t->step(table(work->text), table(work->following)); },
                [t] { return std::vector<float>{t->last_loss}; }, restart};
    }

    const bool known = bench::add_row({.name = "gpt_train_v65_t64_d128_h4_l4_b8_adamw",
                                       .kind = bench::kind::training,
                                       .flops = work_type::flops(),
                                       .bytes = 6 * 4 * work_type::parameter_count(),
                                       .working_set = 4 * 4 * work_type::parameter_count(),
                                       .traffic = bench::traffic::update,
                                       .tolerance = 1e-3,
                                       .compared_runs = 3,
                                       .shares = bench::can_share,
                                       .contestants = bench::contest<work_type>(ours, [] { return work_type(); })});
}
