// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/meta/philox.hpp>

#include <catch2/catch.hpp>

namespace
{
    using words = std::array<std::uint32_t, 4>;

    // The known answers of Random123 (kat_vectors, philox4x32 10).
    static_assert(xgrad::philox({0, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    static_assert(xgrad::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
                  words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    static_assert(xgrad::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                  words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

    static_assert(xgrad::uniform(0) == 0);
    static_assert(xgrad::uniform(0x80000000) == 0.5);
    static_assert(xgrad::uniform(0xffffffff) < 1);

    TEST_CASE("uniform numbers have the moments of the uniform distribution")
    {
        const int count = 1 << 18;
        double sum = 0, squares = 0;
        for (std::uint32_t i = 0; i < count / 4; ++i)
            for (const auto word : xgrad::philox({i, 0, 0, 0}, {42, 0}))
            {
                const double u = xgrad::uniform(word);
                REQUIRE((u >= 0 && u < 1));
                sum += u;
                squares += u * u;
            }
        CHECK(sum / count == Approx(0.5).epsilon(5e-3));
        CHECK(squares / count == Approx(1. / 3).epsilon(5e-3));
    }

    TEST_CASE("normal numbers have the moments of the normal distribution")
    {
        const int count = 1 << 18;
        double moments[5] = {}, mixed = 0;
        for (std::uint32_t i = 0; i < count / 4; ++i)
        {
            const auto bits = xgrad::philox({i, 0, 0, 0}, {7, 1});
            for (const auto& [a, b] : {xgrad::normal_pair(bits[0], bits[1]), xgrad::normal_pair(bits[2], bits[3])})
            {
                mixed += a * b;
                for (const double z : {a, b})
                    for (int k = 1; k < 5; ++k)
                        moments[k] += std::pow(z, k);
            }
        }
        CHECK(std::abs(moments[1] / count) < 0.01);
        CHECK(moments[2] / count == Approx(1).margin(0.02));
        CHECK(std::abs(moments[3] / count) < 0.03);
        CHECK(moments[4] / count == Approx(3).margin(0.1));
        CHECK(std::abs(mixed / count) < 0.01);
    }

    TEST_CASE("normal numbers are finite at the ends of the words")
    {
        for (const std::uint32_t first : {0u, 1u, 0xffffffffu})
            for (const std::uint32_t second : {0u, 0x80000000u, 0xffffffffu})
                for (const double z : xgrad::normal_pair(first, second))
                    CHECK(std::abs(z) < 7);
    }
}
