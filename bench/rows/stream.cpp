// SPDX-License-Identifier: BSD-3-Clause
#include "../row.hpp"
#include "../tasks/recurrent.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>

namespace
{
    template <int Width>
    struct lstm
    {
        xg::lstm_cell<1, Width> cell;
        xg::linear<Width, 1> output;
        xg::state<float, xg::extents<Width>> h{xg::zeros}, c{xg::zeros};
        constexpr auto operator()(auto sample) const
        {
            const auto next = cell(sample, xg::lstm_state{h, c});
            h = next.h;
            c = next.c;
            return output(next.h);
        }
    };

    template <int Width>
    struct gru
    {
        xg::gru_cell<1, Width> cell;
        xg::linear<Width, 1> output;
        xg::state<float, xg::extents<Width>> h{xg::zeros};
        constexpr auto operator()(auto sample) const
        {
            const auto next = cell(sample, h);
            h = next;
            return output(next);
        }
    };

    template <class Model, class Work>
    bool add(const std::string& name, int width)
    {
        const auto ours = [](const std::shared_ptr<const Work>& work) -> bench::contestant
        {
            using sample = xg::input<float, 1>;
            struct runner
            {
                decltype(xg::network<Model>()) net = xg::network<Model>();
                decltype(xg::prediction<sample>(net, xg::frozen)) step = xg::prediction<sample>(net, xg::frozen);
                float last = 0;
                std::size_t at = 0;
            };
            auto r = std::make_shared<runner>();
            const auto prepare = [work, r]
            {
                auto spans = r->net.spans();
                for (std::size_t i = 0; i < spans.size(); ++i)
                    if (auto* const to = reinterpret_cast<float*>(spans[i].data); i < work->parameters.size())
                        std::copy(work->parameters[i].begin(), work->parameters[i].end(), to);
                    else
                        std::fill_n(to, spans[i].extents.size(), 0.f);
                r->step.refresh();
                r->at = 0;
            };
            return {"xgrad",
                    [work, r]
                    {
                        r->last = r->step(std::array{work->samples[r->at]})(0);
                        r->at = r->at + 1 < work->samples.size() ? r->at + 1 : 0;
                    },
                    [r] { return std::vector<float>{r->last}; }, prepare};
        };
        const Work work(width);
        return bench::add_row({.name = name,
                               .kind = bench::kind::prediction,
                               .flops = work.flops(),
                               .bytes = 4 * work.parameter_count(),
                               .working_set = 4 * work.parameter_count(),
                               .traffic = bench::traffic::read,
                               .tolerance = 1e-4,
                               .compared_runs = 20,
                               .contestants = bench::contest<Work>(ours, [width] { return Work(width); })});
    }

    const bool known = add<lstm<16>, bench::lstm_stream>("stream_lstm16_infer", 16) &&
                       add<lstm<40>, bench::lstm_stream>("stream_lstm40_infer", 40) &&
                       add<gru<8>, bench::gru_stream>("stream_gru8_infer", 8);
}
