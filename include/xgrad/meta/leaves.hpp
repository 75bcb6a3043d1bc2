// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/aggregate.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        template <class T>
        struct array_element_of
        {
            using type = T;
        };
        template <class T, std::size_t N>
        struct array_element_of<T[N]> : array_element_of<T>
        {
            using part = T;
            static constexpr std::size_t extent = N;
        };
        template <class T, std::size_t N>
        struct array_element_of<std::array<T, N>> : array_element_of<T[N]>
        {
        };
        template <class T, std::size_t N>
        struct array_element_of<const std::array<T, N>> : array_element_of<const T[N]>
        {
        };

        // What T is, or what it is an array of.
        template <class T>
        using array_element = std::remove_cv_t<typename array_element_of<std::remove_cv_t<T>>::type>;

        template <class T>
        concept array = std::is_array_v<T> || is_std_array<std::remove_cv_t<T>>;

        // A struct of parts that go by their numbers instead of by names; nested inside, they are one list.
        template <class T>
        concept sequence = requires { typename T::sequence_parts; };

        template <template <class> class Leaf, class Visit>
        struct leaf_walk
        {
            Visit& visit;

            template <class... Member>
            constexpr void operator()(Member&... member) const
            {
                (one(member), ...);
            }

            template <class T>
            constexpr void one(T& object) const
            {
                if constexpr (Leaf<std::remove_cv_t<T>>::value)
                    visit(object);
                else if constexpr (aggregate<T>)
                    visit_members(object, *this);
                else if constexpr (array<T>)
                    if constexpr (Leaf<array_element<T>>::value || aggregate<array_element<T>>)
                        for (auto& part : object)
                            one(part);
            }
        };
    }

    /// Calls visit(leaf) for each object inside of `object` whose type satisfies Leaf, looking into aggregates and
    /// arrays, in the order of declaration. Other members are passed over.
    template <template <class> class Leaf, class T, class Visit>
    constexpr void for_each_leaf(T& object, Visit&& visit)
    {
        detail::leaf_walk<Leaf, std::remove_reference_t<Visit>>{visit}.one(object);
    }

    namespace detail
    {
        // What a type contains, as data: one function walks all of them.
        struct outline
        {
            enum
            {
                leaf,
                array,
                aggregate,
                other
            } kind = other;
            std::size_t count = 0;
            const outline* const* parts = nullptr;
            const std::string_view* names = nullptr;
        };

        inline void append_leaf_names(const outline& type, std::string& path, std::vector<std::string>& names)
        {
            if (type.kind == outline::leaf)
                names.push_back(path);
            const std::size_t size = path.size();
            for (std::size_t i = 0; i < type.count; ++i)
            {
                const bool is_array = type.kind == outline::array;
                if (size > 0)
                    path += '.';
                path += is_array ? std::to_string(i) : std::string(type.names[i]);
                append_leaf_names(*type.parts[is_array ? 0 : i], path, names);
                path.resize(size);
            }
        }

        inline constexpr outline leaf_outline{outline::leaf}, other_outline{};

        template <template <class> class Leaf, class T>
        consteval const outline* outline_of();

        template <class T, class Parts>
        struct names_and_parts;
        template <class T, std::size_t... I, class... Member>
        struct names_and_parts<T, member_pointers<std::index_sequence<I...>, Member...>>
        {
            static constexpr std::size_t count = sizeof...(I);
            static constexpr std::string_view names[] = {name_at<pointer_at<I>(pointers_of<T>)>()..., {}};
            template <template <class> class Leaf>
            static constexpr const outline* parts[] = {outline_of<Leaf, std::remove_cv_t<Member>>()..., nullptr};
        };

        template <template <class> class Leaf, class T>
        inline constexpr const outline* array_part = outline_of<Leaf, std::remove_cv_t<typename array_element_of<T>::part>>();
        template <template <class> class Leaf, class T>
        inline constexpr outline array_outline{outline::array, array_element_of<T>::extent, &array_part<Leaf, T>};

        template <class T>
        using members_of = names_and_parts<T, std::remove_const_t<decltype(pointers_of<T>)>>;
        template <template <class> class Leaf, class T>
        inline constexpr outline aggregate_outline{outline::aggregate, members_of<T>::count,
                                                   members_of<T>::template parts<Leaf>, members_of<T>::names};

        template <std::size_t I>
        struct decimal
        {
            static constexpr std::array<char, 3> digits{'0' + I / 100, '0' + I / 10 % 10, '0' + I % 10};
            static constexpr std::size_t zeros = I < 10 ? 2 : I < 100 ? 1 : 0;
            static constexpr std::string_view text{digits.data() + zeros, digits.size() - zeros};
        };
        template <template <class> class Leaf, class Parts, class = std::make_index_sequence<std::tuple_size_v<Parts>>>
        struct sequence_outline;
        template <template <class> class Leaf, class... Part, std::size_t... I>
        struct sequence_outline<Leaf, std::tuple<Part...>, std::index_sequence<I...>>
        {
            static_assert(sizeof...(Part) <= 1000, "xgrad: a sequence has at most 1000 parts");
            static constexpr std::string_view names[] = {decimal<I>::text..., {}};
            static constexpr const outline* parts[] = {outline_of<Leaf, Part>()..., nullptr};
            static constexpr outline value{outline::aggregate, sizeof...(Part), parts, names};
        };

        template <template <class> class Leaf, class T>
        consteval const outline* outline_of()
        {
            if constexpr (Leaf<T>::value)
                return &leaf_outline;
            else if constexpr (!Leaf<array_element<T>>::value && !xgrad::aggregate<array_element<T>>)
                return &other_outline;
            else if constexpr (array<T>)
                return &array_outline<Leaf, T>;
            else if constexpr (sequence<T>)
                return &sequence_outline<Leaf, typename T::sequence_parts>::value;
            else
                return &aggregate_outline<Leaf, T>;
        }
    }

    /// The paths of the leaves that for_each_leaf<Leaf> visits in a T, in the same order: "blocks.0.a.weight".
    template <template <class> class Leaf, class T>
    std::vector<std::string> leaf_names()
    {
        std::vector<std::string> names;
        std::string path;
        detail::append_leaf_names(*detail::outline_of<Leaf, std::remove_cv_t<T>>(), path, names);
        return names;
    }
}
