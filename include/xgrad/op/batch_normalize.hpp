// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/channel_norm.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/divide.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/slice.hpp>
#include <xgrad/op/sqrt.hpp>
#include <xgrad/op/square.hpp>
#include <xgrad/op/subtract.hpp>
#include <xgrad/op/sum.hpp>

#include <bit>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// The rows of what a channel is normalised with.
        enum moment : std::ptrdiff_t
        {
            moment_mean,
            moment_inverse_deviation,
            moment_unbiased_variance,
            moment_count,
            moment_rows
        };

        /// [moment_rows, channels] of x [batch, channels, ..]; attribute 1: the bits of epsilon. It has no derivative:
        /// what is normalised with it accounts for that.
        struct channel_moments
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "channel_moments";

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::channel_extents e(c.in[0].extents);
                Out *const mean = c.out.data.template as<Out>(), *const inverse = mean + e.channels;
                Out *const unbiased = inverse + e.channels, *const count = unbiased + e.channels;
                kernel::channel_moments(e, c.in[0].data.template as<Out>(), mean, inverse, c.room<Out>(), c.threads);
                const auto elements = static_cast<Out>(e.count());
                const auto epsilon = static_cast<Out>(std::bit_cast<double>(c.with.value[1]));
                for (std::ptrdiff_t k = 0; k < e.channels; ++k)
                {
                    unbiased[k] = inverse[k] / (elements > 2 ? elements - 1 : 1);
                    inverse[k] = 1 / kernel::sqrt(inverse[k] / elements + epsilon);
                    count[k] = elements;
                }
                done(0, moment_rows * e.channels);
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 4 * s.in(0).size();
            }
            template <class A>
            static constexpr std::int64_t workspace(const signature& s)
            {
                return kernel::channel_extents(s.in(0)).workspace<typename A::value_type>(2) *
                       static_cast<std::int64_t>(sizeof(typename A::value_type));
            }
        };

        /// The same rows from a mean and a variance that are given; the third operand is what they are for.
        struct given_moments
        {
            template <class Element, class, class>
            using value_type = Element;
            static constexpr auto name = "given_moments";

            template <class Out, class, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out *mean = c.in[0].data.template as<Out>(), *variance = c.in[1].data.template as<Out>();
                Out* const to = c.out.data.template as<Out>();
                const auto epsilon = static_cast<Out>(std::bit_cast<double>(c.with.value[1]));
                const std::ptrdiff_t channels = c.in[0].extents.size();
                for (std::ptrdiff_t k = 0; k < channels; ++k)
                {
                    to[k] = mean[k];
                    to[k + moment_inverse_deviation * channels] = 1 / kernel::sqrt(variance[k] + epsilon);
                    to[k + moment_unbiased_variance * channels] = variance[k];
                    to[k + moment_count * channels] = 1;
                }
                done(0, moment_rows * channels);
            }
            template <class, class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 3 * s.in(0).size();
            }
        };

        /// The sums of g and of g (x - mean) / deviation for each channel: [2, channels].
        struct channel_sums
        {
            template <class Element, class, class>
            using value_type = Element;
            static constexpr auto name = "channel_sums";

            template <class Out, class, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::channel_extents e(c.in[0].extents);
                const Out* const mean = c.in[2].data.template as<Out>();
                Out *const plain = c.out.data.template as<Out>(), *const centred = plain + e.channels;
                kernel::channel_sums(e, c.in[0].data.template as<Out>(), c.in[1].data.template as<Out>(), mean, plain, centred,
                                     c.room<Out>(), c.threads);
                for (std::ptrdiff_t k = 0; k < e.channels; ++k)
                    centred[k] *= mean[k + moment_inverse_deviation * e.channels];
                done(0, 2 * e.channels);
            }
            template <class, class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 4 * s.in(0).size();
            }
            template <class A, class, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                return kernel::channel_extents(s.in(0)).workspace<typename A::value_type>(3) *
                       static_cast<std::int64_t>(sizeof(typename A::value_type));
            }
        };

        /// From g, x, moments, weight and channel_sums; attribute 0: 1 if the moments are not those of x.
        struct batch_normalize_gradient
        {
            template <class Element, class, class, class, class>
            using value_type = Element;
            static constexpr auto name = "batch_normalize_gradient";

            template <class Out, class...>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::channel_extents e(c.in[0].extents);
                const auto in = [&](int k) { return static_cast<const Out*>(c.in[k].data.template as<Out>()); };
                const Out *const mean = in(2), *const inverse = mean + e.channels, *const weight = in(3), *const sums = in(4);
                const Out share = c.with.value[0] ? Out(0) : Out(1) / static_cast<Out>(e.count());
                kernel::map_channels<Out, 4>(
                    e, c.out.data.template as<Out>(), c.room<Out>(),
                    [&](std::ptrdiff_t k)
                    {
                        return std::array{mean[k], sums[k] * share, sums[k + e.channels] * inverse[k] * share,
                                          inverse[k] * weight[k]};
                    },
                    [](const auto& k, const auto& g, const auto& x) { return (g - k[1] - (x - k[0]) * k[2]) * k[3]; }, done,
                    c.threads, in(0), in(1));
            }
            template <class...>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 5 * s.in(0).size();
            }
            template <class A, class...>
            static constexpr std::int64_t workspace(const signature& s)
            {
                return kernel::channel_extents(s.in(0)).workspace<typename A::value_type>(4) *
                       static_cast<std::int64_t>(sizeof(typename A::value_type));
            }
        };

        /// (x - mean) / deviation * weight + bias from x, moments, weight and bias; attribute 0: 1 if the moments are not
        /// those of x.
        struct batch_normalize
        {
            template <class Element, class, class, class>
            using value_type = Element;
            static constexpr auto name = "batch_normalize";

            template <class Out, class...>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::channel_extents e(c.in[0].extents);
                const auto in = [&](int k) { return static_cast<const Out*>(c.in[k].data.template as<Out>()); };
                const Out *const mean = in(1), *const inverse = mean + e.channels, *const weight = in(2), *const bias = in(3);
                kernel::map_channels<Out, 3>(
                    e, c.out.data.template as<Out>(), c.room<Out>(),
                    [&](std::ptrdiff_t k) { return std::array{mean[k], inverse[k] * weight[k], bias[k]}; },
                    [](const auto& k, const auto& x) { return (x - k[0]) * k[1] + k[2]; }, done, c.threads, in(0));
            }
            template <class...>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 3 * s.in(0).size();
            }
            template <class A, class...>
            static constexpr std::int64_t workspace(const signature& s)
            {
                return kernel::channel_extents(s.in(0)).workspace<typename A::value_type>(3) *
                       static_cast<std::int64_t>(sizeof(typename A::value_type));
            }

            template <int Operand>
                requires(Operand != 1)
            static constexpr unsigned needs = needs::first | needs::second | needs::third;
            template <int Operand>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x, auto moments, auto weight,
                                           auto)
            {
                if constexpr (decltype(g)::order > 0)
                    return composed<Operand>(with, g, x, moments, weight);
                else
                {
                    const auto channels = x.shape()[1];
                    const auto sums =
                        named(make_core<channel_sums>(dynamic{rows_of(2, channels)}, kernel::attributes{}, g, x, moments));
                    if constexpr (Operand == 0)
                        return make_core<batch_normalize_gradient>(dynamic{x.shape()}, {{with.value[0], 0}}, g, x, moments,
                                                                   weight, sums);
                    else
                        return row_of(sums, Operand == 2 ? 1 : 0, weight.shape());
                }
            }

        private:
            static constexpr shape rows_of(std::ptrdiff_t rows, std::ptrdiff_t channels)
            {
                shape s;
                s.append(rows);
                s.append(channels);
                return s;
            }
            static constexpr auto row_of(const auto& rows, std::ptrdiff_t row, const shape& to)
            {
                return detail::slice_of(rows, 0, row, 1, dynamic{to});
            }

            // the same in operations that have derivatives themselves
            template <int Operand>
            static constexpr auto composed(const kernel::attributes& with, auto g, auto x, auto moments, auto weight)
            {
                const axis_set axes = ((1u << x.shape().rank) - 1) & ~2u;
                const shape spread = reduced(x.shape(), axes, true);
                const auto total = [&](const auto& of) { return detail::reduce_value<op::sum>(of, axes, true); };
                if constexpr (Operand == 3)
                    return detail::reshape_value(total(g), weight.shape());
                else
                {
                    const auto row = [&](std::ptrdiff_t k) { return named(row_of(moments, k, spread)); };
                    const auto count = row(moment_count);
                    const auto epsilon = std::bit_cast<double>(with.value[1]);
                    const auto mean = with.value[0] ? row(moment_mean) : named(total(x) / count);
                    const auto centred = named(x - mean);
                    const auto inverse = with.value[0]
                                             ? row(moment_inverse_deviation)
                                             : named(1 / xgrad::sqrt(named(total(xgrad::square(centred)) / count) + epsilon));
                    const auto normal = named(centred * inverse);
                    if constexpr (Operand == 2)
                        return detail::reshape_value(total(g * normal), weight.shape());
                    else
                    {
                        const auto scaled = named(g * detail::reshape_value(weight, spread));
                        if (with.value[0])
                            return named(scaled * inverse);
                        const auto mean_g = named(total(scaled) / count), mean_gy = named(total(scaled * normal) / count);
                        return named((scaled - mean_g - normal * mean_gy) * inverse);
                    }
                }
            }
        };
    }

    namespace detail
    {
        template <class X>
        consteval bool require_channels_in()
        {
            constexpr shape x = shape_of_operand<X>::value;
            static_assert(x.rank >= 2, "xgrad: a normalisation of channels takes x as [batch, channels, ..]");
            static_assert(std::is_floating_point_v<element_of_operand<X>>,
                          "xgrad: a normalisation needs floating-point numbers; cast<float>(x) converts");
            return x.rank >= 2;
        }

        /// The moments of every channel of x.
        template <class X>
        constexpr auto moments_of(const X& x, double epsilon)
        {
            return named(make_core<op::channel_moments>(extents<op::moment_rows, X::extent(1)>{},
                                                        kernel::attributes{{0, std::bit_cast<std::int64_t>(epsilon)}}, x));
        }

        /// Moments for x that are known already: of the type that its own have.
        template <class X>
        constexpr auto known_moments(const X& x, const auto& mean, const auto& variance, double epsilon)
        {
            return named(make_core<op::given_moments>(extents<op::moment_rows, X::extent(1)>{},
                                                      kernel::attributes{{0, std::bit_cast<std::int64_t>(epsilon)}},
                                                      in_memory(mean), in_memory(variance), x));
        }

        /// x normalised with moments of its own, or with given ones.
        constexpr auto normalized_with(bool given, double epsilon, const auto& x, const auto& moments, const auto& weight,
                                       const auto& bias)
        {
            return make_core<op::batch_normalize>(x.form, kernel::attributes{{given, std::bit_cast<std::int64_t>(epsilon)}}, x,
                                                  moments, weight, bias);
        }
    }

    /// (x - mean) / sqrt(variance + epsilon) * weight + bias for each channel of x [batch, channels, ..], over all other
    /// axes (Ioffe and Szegedy 2015). Derivatives: w (g - mean(g) - y' mean(g y')) / sqrt(variance + epsilon) with
    /// y' = (x - mean) / sqrt(variance + epsilon); sum(g y'); sum(g).
    template <tensor X, tensor Weight, tensor Bias>
    constexpr auto batch_normalize(X&& x, Weight&& weight, Bias&& bias, double epsilon = 1e-5)
    {
        if constexpr (detail::require_channels_in<X>())
        {
            using channels = extents<expression_type<X>::extent(1)>;
            static_assert(std::is_same_v<shape_of_operand<Weight>, channels> &&
                              std::is_same_v<shape_of_operand<Bias>, channels>,
                          "xgrad::batch_normalize(x, weight, bias): weight and bias need one number for each channel");
            const auto value = in_memory(std::forward<X>(x));
            return detail::normalized_with(false, epsilon, value, detail::moments_of(value, epsilon),
                                           in_memory(std::forward<Weight>(weight)), in_memory(std::forward<Bias>(bias)));
        }
        else
            return detail::refused<element_of_operand<X>, 1>(list_of(x), shape_of_operand<X>{});
    }
}
