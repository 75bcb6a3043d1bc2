// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/normalise.hpp>
#include <xgrad/data/random.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI::data
{
    /// What a loader takes items from: their number, and a function, called by several threads at once, that reads one of
    /// them into an object whose memory is used again, and returns its class. `name(index)`, if there is one, is what
    /// messages call an item.
    template <class Source>
    concept item_source = requires(const Source& from, std::size_t index, typename Source::item_type& item) {
        { from.size() } -> std::convertible_to<std::size_t>;
        { from.read(index, item) } -> std::convertible_to<std::int32_t>;
    };

    namespace detail
    {
        template <std::size_t... Extents>
        struct item_shape
        {
            static constexpr std::size_t rank = sizeof...(Extents), size = (Extents * ...);
            static constexpr std::array<std::size_t, rank> extents{Extents...};
            static constexpr std::array<std::size_t, 3> picture = []
            {
                std::array<std::size_t, 3> all{1, 1, 1};
                for (std::size_t i = 0; i < rank && rank <= 3; ++i)
                    all[3 - rank + i] = extents[i];
                return all;
            }();
            static std::string text()
            {
                std::string result;
                for (const std::size_t extent : extents)
                    result += (result.empty() ? "" : "x") + std::to_string(extent);
                return result;
            }
        };

        template <class Stage, class Item, class T>
        concept last_stage = std::invocable<const Stage&, const Item&, random_numbers&, std::span<T>>;
        template <class Stage, class Item>
        concept drawing_stage = std::invocable<const Stage&, Item&, random_numbers&>;
        template <class Stage, class Item>
        concept plain_stage = std::invocable<const Stage&, Item&>;

        template <class Shape, class Item>
        void require_shape(const Item& item)
        {
            if constexpr (requires { item.shape_text(); })
            {
                constexpr auto wanted = Shape::picture;
                if (Shape::rank < 3 ? item.size() != Shape::size
                                    : item.channels() != wanted[0] || item.height() != wanted[1] || item.width() != wanted[2])
                    throw shape_error("the stages made " + item.shape_text() + " of it, but the loader's items are " +
                                      Shape::text());
            }
        }

        // Without a last stage: bytes become 0 to 1, what is of the right type is copied.
        template <class Shape, class Item, class T>
        void run_stages(Item& item, random_numbers&, std::span<T> numbers)
        {
            constexpr bool copied = requires { requires std::same_as<std::remove_cvref_t<decltype(*item.data())>, T>; };
            constexpr bool scaled = requires { normalise{}(item, numbers); };
            static_assert(copied || scaled,
                          "xgrad::loader: items that are neither pictures nor hold the loader's numbers need a "
                          "last stage: stage(item, random, numbers)");
            require_shape<Shape>(item);
            if constexpr (copied)
            {
                if (item.size() != numbers.size())
                    throw shape_error("it has " + std::to_string(item.size()) + " numbers, but the loader's items are " +
                                      Shape::text());
                std::copy_n(item.data(), numbers.size(), numbers.data());
            }
            else if constexpr (scaled)
                normalise{}(item, numbers);
        }

        // One stage after the other; only the last may write the numbers.
        template <class Shape, class Item, class T, class Stage, class... Rest>
        void run_stages(Item& item, random_numbers& random, std::span<T> numbers, const Stage& stage, const Rest&... rest)
        {
            if constexpr (last_stage<Stage, Item, T>)
            {
                static_assert(sizeof...(Rest) == 0, "xgrad::loader: the stage that writes the numbers must be the last");
                require_shape<Shape>(item);
                stage(std::as_const(item), random, numbers);
            }
            else
            {
                constexpr bool draws = drawing_stage<Stage, Item>;
                static_assert(draws || plain_stage<Stage, Item>,
                              "xgrad::loader: a stage is called as stage(item, random) or stage(item), the last one also as "
                              "stage(item, random, numbers), by several threads at once and so as a const object");
                if constexpr (draws)
                    stage(item, random);
                else if constexpr (plain_stage<Stage, Item>)
                    stage(item);
                run_stages<Shape>(item, random, numbers, rest...);
            }
        }
    }
}
