// SPDX-License-Identifier: BSD-3-Clause
#include <reference/reference.hpp>
#include <xgrad/optim/schedule.hpp>

#include <catch2/catch.hpp>

namespace
{
    void against_torch(const char* name, const auto& schedule)
    {
        INFO(name);
        const reference torch{"schedule"};
        const auto& rates = torch(std::string(name) + "/y").values;
        for (std::size_t i = 0; i < rates.size(); ++i)
        {
            INFO("step " << i);
            CHECK(schedule(static_cast<std::int64_t>(i)) == Approx(rates[i]).epsilon(1e-9).margin(1e-15));
        }
    }
}

TEST_CASE("schedules give PyTorch's rates", "[optim]")
{
    against_torch("step", xg::step_schedule{0.1, 30});
    against_torch("cosine", xg::cosine_schedule{0.1, 100});
    against_torch("cosine_floor", xg::cosine_schedule{0.1, 100, 0.01});
    against_torch("one_cycle", xg::one_cycle_schedule{0.1, 100});
}

TEST_CASE("a warm-up rises to what follows", "[optim]")
{
    const xg::warmup_schedule schedule{10, xg::cosine_schedule{0.1, 90}};
    CHECK(schedule(0) == Approx(0.01));
    CHECK(schedule(4) == Approx(0.05));
    CHECK(schedule(9) == Approx(0.1));
    CHECK(schedule(10) == Approx(0.1));
    CHECK(schedule(100) == Approx(0).margin(1e-12));
    CHECK(schedule(1000) == Approx(0).margin(1e-12));
    CHECK(xg::constant_schedule{0.3}(12345) == 0.3);
}
