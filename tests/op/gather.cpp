// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/gather.hpp>

namespace
{
    constexpr auto f = [](auto table, auto index) { return xg::gather(table, index); };
    using table = xg::input<double, 5, 7>;

    template <class Tokens, class W>
    void against_torch(const std::string& name)
    {
        const reference torch{"nn"};
        auto program = xg::compile<table, Tokens, W>(check::weighted<decltype(f)>{});
        auto tokens = check::from_reference<Tokens>(torch, name + "/tokens");
        const auto [y, da, same] =
            program(check::from_reference<table>(torch, name + "/a"), tokens, check::from_reference<W>(torch, name + "/w"));
        CHECK(check::distance(y, torch(name + "/y").values) == 0);
        CHECK(check::distance(da, torch(name + "/da").values) <= 1e-14);
    }
}

TEST_CASE("gather agrees with PyTorch's embedding", "[op]")
{
    against_torch<xg::input<std::int32_t, 6>, xg::input<double, 6, 7>>("embedding");
    against_torch<xg::input<std::int64_t, 2, 3>, xg::input<double, 2, 3, 7>>("embedding_2");
}

TEST_CASE("gather has the derivatives that differences give", "[op]")
{
    using index = xg::input<std::uint8_t, 3>;
    using small = xg::input<double, 4, 2>;
    const xt::xtensor<std::uint8_t, 1> twice{3, 0, 3};
    check::second_gradients<small, index>([](auto t, auto i) { return xg::gather(t * t, i); }, check::random<small>(1, -2, 2),
                                          twice);
}

TEST_CASE("gather with as many places as the batch has", "[op]")
{
    auto program = xg::compile<table, xg::batch<8, std::int32_t>>(
        xg::with_derivatives<1>([](auto t, auto i) { return std::make_tuple(f(t, i), gradient(sum(f(t, i)), t)); }));
    const auto t = check::random<table>(1, -2, 2);
    for (const std::size_t count : {8u, 1u, 3u})
    {
        const auto index = check::random<xg::batch<8, std::int32_t>>(2, 0, 5, static_cast<int>(count));
        const auto [rows, slope] = program(t, index);
        REQUIRE(rows.shape()[0] == count);
        xt::xtensor<double, 1> times = xt::zeros<double>({5});
        for (std::size_t i = 0; i < count; ++i)
        {
            times(static_cast<std::size_t>(index(i))) += 1;
            CHECK(rows(i, 6) == t(static_cast<std::size_t>(index(i)), 6));
        }
        for (std::size_t row = 0; row < 5; ++row)
            CHECK(slope(row, 3) == times(row));
    }
}

TEST_CASE("gather refuses places outside of the table", "[op]")
{
    auto program = xg::compile<table, xg::input<std::int32_t, 3>>(f);
    const auto t = check::random<table>(1, -2, 2);
    REQUIRE_THROWS_WITH(program(t, std::array{0, 4, 5}),
                        Catch::Contains("gather: index number 2 is 5, but must be from 0 to 4"));
    REQUIRE_THROWS_AS(program(t, std::array{0, -7, 5}), xg::range_error);
}
