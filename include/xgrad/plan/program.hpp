// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/plan.hpp>
#include <xgrad/plan/model.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// A tensor handed in with every run: `input<float, 28, 28>`.
    template <element_type T, std::ptrdiff_t... Extents>
    struct input
    {
        using value_type = T;
        using shape_type = extents<Extents...>;
    };

    /// A batch handed in with every run, of 1 to Bound items: `batch<64, float, 784>`; `batch<64, std::int32_t>` are labels.
    template <std::ptrdiff_t Bound, element_type T, std::ptrdiff_t... Extents>
    struct batch
    {
        using value_type = T;
        using shape_type = at_most<Bound, Extents...>;
    };

    /// Something that says what is handed in: an `input` or a `batch`.
    template <class X>
    concept input_type = requires {
        typename X::value_type;
        requires static_shape<typename X::shape_type>;
    };

    /// The symbolic value of an input, added to a list.
    template <input_type Input, int Order>
    constexpr auto input_node(recorder& list)
    {
        using type = typename Input::value_type;
        using form = typename Input::shape_type;
        return node<type, form, Order>{{list.add_input(form::value, element_of<type>)}, &list, {}};
    }

    /// The order of derivatives that a function of a model takes itself: 0, or its member `derivatives`.
    template <class Function>
    inline constexpr int derivatives_inside = []
    {
        if constexpr (requires { Function::derivatives; })
            return Function::derivatives;
        else
            return 0;
    }();

    /// Records a model's prediction: `Source::value` applied to the inputs.
    template <class Source, class... Inputs>
    struct prediction_builder
    {
        static constexpr recording build()
        {
            recording r;
            const auto model = bound_model<Source>(r.list);
            record_outputs(r, model(input_node<Inputs, derivatives_inside<typename Source::model_type>>(r.list)...));
            return r;
        }

        using result = decltype(named(std::declval<const typename Source::model_type&>()(
            input_node<Inputs, derivatives_inside<typename Source::model_type>>(std::declval<recorder&>())...)));

    private:
        static constexpr void record_outputs(recording& r, const auto& result)
        {
            const auto value = named(result);
            r.outputs.push(value.tree.id);
        }
    };
}
