// SPDX-License-Identifier: BSD-3-Clause
#include "../tasks/adam.hpp"
#include "../row.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <array>

namespace
{
    using bench::adam;

    /// The statement that ends a training step, on its own, with its data where a training step has them.
    struct update
    {
        static constexpr std::size_t scalars = 16; // padded to a cache line
        xg::adam settings;
        std::int64_t steps = 0;
        std::size_t count;
        xg::buffer parameters, gradients, persistent;
        std::array<xg::kernel::tensor_ref, 5> operands;

        explicit update(const adam& work)
            : count(work.count), parameters(count * sizeof(float)), gradients(count * sizeof(float)),
              persistent((scalars + 2 * count) * sizeof(float))
        {
            std::copy(work.parameters.begin(), work.parameters.end(), at(parameters));
            std::copy(work.gradients.begin(), work.gradients.end(), at(gradients));
            operands = {tensor(at(parameters), count), tensor(at(gradients), count),
                        tensor(at(persistent), xg::adam::scalar_count), tensor(at(persistent) + scalars, count),
                        tensor(at(persistent) + scalars + count, count)};
        }

        void operator()()
        {
            const auto numbers = settings.scalars(++steps);
            std::transform(numbers.begin(), numbers.end(), at(persistent), [](double x) { return static_cast<float>(x); });
            xg::kernel::call call;
            call.in = operands.data();
            call.count = static_cast<int>(operands.size());
            call.out = operands[0];
            xg::kernel::update<xg::adam, float>(call);
        }

        static float* at(xg::buffer& b) { return reinterpret_cast<float*>(b.data()); }

        static xg::kernel::tensor_ref tensor(float* data, std::size_t count)
        {
            xg::shape extents;
            extents.append(static_cast<std::ptrdiff_t>(count));
            return {xg::kernel::address(data), extents};
        }
    };

    bench::contestant ours(const std::shared_ptr<const adam>& work)
    {
        auto state = std::make_shared<update>(*work);
        return {"xgrad", [=] { (*state)(); }, [=]
                { return std::vector<float>(update::at(state->parameters), update::at(state->parameters) + state->count); }};
    }

    void add(std::size_t count)
    {
        const auto numbers = static_cast<double>(count);
        bench::add_row({.name = "adam_" + std::to_string(count),
                        .flops = xg::adam::flops * numbers,
                        .bytes = 7 * 4 * numbers, // four arrays are read, three written
                        .working_set = 4 * 4 * numbers,
                        .traffic = bench::traffic::update,
                        .tolerance = 1e-5,
                        .compared_runs = 3,
                        .contestants = bench::contest<adam>(ours, [=] { return adam{count}; })});
    }

    const bool known = (add(4096), add(262144), add(8388608), true);
}
