// SPDX-License-Identifier: BSD-3-Clause
#include "../row.hpp"
#include "../tasks/recurrent.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>

namespace
{
    using bench::small_loop;
    constexpr std::ptrdiff_t width = small_loop::width;

    struct walker
    {
        xg::rnn_cell<width, width> cell;
    };

    bench::contestant ours(const std::shared_ptr<const small_loop>& work)
    {
        struct runner
        {
            decltype(xg::network<walker>()) net = xg::network<walker>();
            xg::tape tape;
            xg::watched<walker> model = tape.watch(net);

            void run(const small_loop& of)
            {
                auto h = tape.zeros<float, 1, width>();
                for (int t = 0; t < small_loop::time; ++t)
                {
                    const std::array<std::size_t, 2> row{1, static_cast<std::size_t>(width)};
                    h = model.cell(tape.input<float, 1, width>(xt::adapt(
                                       of.x.data() + t * width, static_cast<std::size_t>(width), xt::no_ownership(), row)),
                                   h);
                }
                tape.clear_gradients();
                backward(sum(square(h)));
            }
        };
        auto r = std::make_shared<runner>();
        const auto spans = r->net.spans();
        for (std::size_t i = 0; i < spans.size(); ++i)
            std::copy(work->parameters[i].begin(), work->parameters[i].end(), reinterpret_cast<float*>(spans[i].data));
        return {"xgrad", [work, r] { r->run(*work); },
                [r] { return bench::copy_of(r->tape.gradient(r->model.cell.weight_hh)); }};
    }

    const bool known = bench::add_row({.name = "tape_rnn16_step",
                                       .kind = bench::kind::training,
                                       .flops = small_loop::time * (3. * 2 * 2 * width * width),
                                       .bytes = 2. * 4 * (2 * width * width + small_loop::time * width),
                                       .working_set = 4. * (4 * width * width + 4 * small_loop::time * width),
                                       .traffic = bench::traffic::update,
                                       .tolerance = 1e-4,
                                       .contestants = bench::contest<small_loop>(ours, [] { return small_loop(); })});
}
