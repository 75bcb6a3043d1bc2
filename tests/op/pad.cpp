// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/pad.hpp>

namespace
{
    using xg::padding;
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    template <xg::per_axis Before, xg::per_axis After = Before, padding Mode = padding::zeros>
    struct pad
    {
        constexpr auto operator()(auto x) const { return xg::pad<Before, After, Mode>(x); }
    };
    static_assert(check::constant([](auto x)
                                  { return xg::reshape<6>(xg::pad<2, 1, padding::reflect>(xg::reshape<1, 1, 3>(x))); },
                                  std::array{1., 2., 3.}) == std::array{3., 2., 1., 2., 3., 2.});
}

TEST_CASE("pad agrees with PyTorch", "[op]")
{
    using x = tensor<2, 3, 4, 5>;
    check::against_torch<tensor<2, 3, 7, 9>, x>(pad<xg::per_axis{1, 3}, xg::per_axis{2, 1}>{}, "spatial", "pad_zeros", 1e-14);
    check::against_torch<tensor<2, 3, 7, 9>, x>(pad<xg::per_axis{1, 3}, xg::per_axis{2, 1}, padding::reflect>{}, "spatial",
                                                "pad_reflect", 1e-14);
    check::against_torch<tensor<2, 3, 4, 9>, x>(pad<xg::per_axis{0, 3}, xg::per_axis{0, 1}, padding::replicate>{}, "spatial",
                                                "pad_replicate", 1e-14);
    check::against_torch<tensor<2, 3, 7, 11>, x>(pad<xg::per_axis{1, 5}, xg::per_axis{2, 1}, padding::circular>{}, "spatial",
                                                 "pad_circular", 1e-14);
    constexpr auto constant = [](auto v) { return xg::pad<xg::per_axis{1, 3}, xg::per_axis{2, 1}>(v, -0.3); };
    check::against_torch<tensor<2, 3, 7, 9>, x>(constant, "spatial", "pad_constant", 1e-14);
}

TEST_CASE("pad has the derivatives that differences give", "[op]")
{
    using x = tensor<1, 2, 3, 2>;
    check::second_gradients<x>(pad<1, xg::per_axis{2, 0}, padding::reflect>{}, check::random<x>(1, -2, 2));
    constexpr auto constant = [](auto v) { return square(xg::pad<1>(v, 3)); };
    check::second_gradients<x>(constant, check::random<x>(1, -2, 2));
}

TEST_CASE("pad of a batch is that of its images", "[op]") { check::batches<float, 2, 5>(pad<1>{}, 0); }
