// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/upsample.hpp>

namespace
{
    using xg::interpolation;
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    template <xg::per_axis Scale, interpolation Mode = interpolation::nearest>
    struct up
    {
        constexpr auto operator()(auto x) const { return xg::upsample<Scale, Mode>(x); }
    };
    template <xg::per_axis Size, interpolation Mode = interpolation::nearest>
    struct to
    {
        constexpr auto operator()(auto x) const { return xg::upsample_to<Size, Mode>(x); }
    };
    static_assert(check::constant([](auto x)
                                  { return xg::reshape<4>(xg::upsample<2, interpolation::linear>(xg::reshape<1, 1, 2>(x))); },
                                  std::array{0., 4.}) == std::array{0., 1., 3., 4.});
}

TEST_CASE("upsample agrees with PyTorch", "[op]")
{
    using x = tensor<2, 3, 4, 5>;
    check::against_torch<tensor<2, 3, 8, 10>, x>(up<2>{}, "spatial", "nearest", 1e-14);
    check::against_torch<tensor<2, 3, 7, 11>, x>(to<xg::per_axis{7, 11}>{}, "spatial", "nearest_to", 1e-14);
    check::against_torch<tensor<2, 3, 8, 15>, x>(up<xg::per_axis{2, 3}, interpolation::linear>{}, "spatial", "bilinear", 1e-14);
    check::against_torch<tensor<2, 3, 7, 3>, x>(to<xg::per_axis{7, 3}, interpolation::linear>{}, "spatial", "bilinear_to",
                                                1e-14);
    check::against_torch<tensor<2, 3, 7, 3>, x>(to<xg::per_axis{7, 3}, interpolation::linear_corners>{}, "spatial",
                                                "bilinear_corners", 1e-14);
    check::against_torch<tensor<2, 3, 1, 13>, x>(to<xg::per_axis{1, 13}, interpolation::linear_corners>{}, "spatial",
                                                 "bilinear_corners_one", 1e-14);
}

TEST_CASE("upsample has the derivatives that differences give", "[op]")
{
    using x = tensor<1, 2, 3, 2>;
    check::second_gradients<x>(up<2, interpolation::linear>{}, check::random<x>(1, -2, 2));
}

TEST_CASE("upsample of a batch is that of its images", "[op]") { check::batches<float, 2, 5>(up<3>{}, 0); }
