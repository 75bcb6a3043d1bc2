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

    template <bool Compiled>
    bench::contestant ours(const std::shared_ptr<const small_loop>& work)
    {
        struct runner
        {
            decltype(xg::network<walker>()) net = xg::network<walker>();
            xg::tape tape;
            xg::watched<walker> model = tape.watch(net);

            void run(const small_loop& of)
            {
                const auto cell = [&]
                {
                    if constexpr (Compiled)
                        return xg::compiled(model.cell);
                    else
                        return model.cell;
                }();
                auto h = tape.zeros<float, 1, width>();
                for (int t = 0; t < small_loop::time; ++t)
                {
                    const std::array<std::size_t, 2> row{1, static_cast<std::size_t>(width)};
                    h = cell(tape.input<float, 1, width>(
                                 xt::adapt(of.x.data() + t * width, static_cast<std::size_t>(width), xt::no_ownership(), row)),
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

    /// What a statement costs that computes next to nothing: it is recorded, and given up again.
    bench::contestant sums(const std::shared_ptr<const bench::many_sums>&)
    {
        struct runner
        {
            xg::tape tape;
            xg::variable<float, xg::extents<1>> x = tape.variable<float, 1>(std::array{0.5f});
            float last = 0;
        };
        auto r = std::make_shared<runner>();
        return {"xgrad",
                [r]
                {
                    auto h = xg::named(r->x * 1.f);
                    for (int i = 0; i < bench::many_sums::count; ++i)
                        h = h + r->x;
                    r->last = h.value()(0);
                },
                [r] { return std::vector<float>{r->last}; }};
    }

    bool add_loop(const std::string& name, bench::contestant (*make)(const std::shared_ptr<const small_loop>&))
    {
        return bench::add_row({.name = name,
                               .kind = bench::kind::training,
                               .flops = small_loop::time * (3. * 2 * 2 * width * width),
                               .bytes = 2. * 4 * (2 * width * width + small_loop::time * width),
                               .working_set = 4. * (4 * width * width + 4 * small_loop::time * width),
                               .traffic = bench::traffic::update,
                               .tolerance = 1e-4,
                               .contestants = bench::contest<small_loop>(make, [] { return small_loop(); })});
    }

    const bool known =
        add_loop("tape_rnn16_step", ours<false>) && add_loop("tape_rnn16_compiled_step", ours<true>) &&
        bench::add_row({.name = "tape_sum_1000",
                        .kind = bench::kind::training,
                        .flops = bench::many_sums::count,
                        .bytes = 4. * bench::many_sums::count,
                        .working_set = 4. * bench::many_sums::count,
                        .traffic = bench::traffic::update,
                        .contestants = bench::contest<bench::many_sums>(sums, [] { return bench::many_sums(); })});
}
