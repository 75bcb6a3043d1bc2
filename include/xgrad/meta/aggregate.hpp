// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        template <class>
        inline constexpr bool is_std_array = false;
        template <class T, std::size_t N>
        inline constexpr bool is_std_array<std::array<T, N>> = true;

        // Initialises a base class of T and nothing else.
        template <class T>
        struct any_base
        {
            template <class Base>
                requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>)
            operator Base() const noexcept;
        };
    }

    /// A plain struct: data members for all to see, no constructor, no base.
    template <class T>
    concept aggregate = std::is_class_v<T> && std::is_aggregate_v<T> && !detail::is_std_array<std::remove_cv_t<T>> &&
                        !requires { std::remove_cv_t<T>{detail::any_base<std::remove_cv_t<T>>{}}; };

    /// A struct that can be a model: an aggregate that {} initialises.
    template <class T>
    concept plain_model = aggregate<T> && requires { std::remove_cv_t<T>{}; };

    namespace detail
    {
        // Every {} initialises one member, whatever its type: braces are not elided around braces.
        template <class T>
        consteval std::size_t count_members()
        {
            // clang-format off
            if constexpr (!requires { T{{}}; }) return 0;
            else if constexpr (!requires { T{{}, {}}; }) return 1;
            else if constexpr (!requires { T{{}, {}, {}}; }) return 2;
            else if constexpr (!requires { T{{}, {}, {}, {}}; }) return 3;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}}; }) return 4;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}}; }) return 5;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}}; }) return 6;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}}; }) return 7;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 8;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 9;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 10;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 11;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 12;
            else if constexpr (!requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 13;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; }) return 14;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; }) return 15;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; }) return 16;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; }) return 17;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; }) return 18;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; }) return 19;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 20;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 21;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 22;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 23;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 24;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 25;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 26;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 27;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 28;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 29;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 30;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 31;
            else if constexpr (!requires { T{{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}}; })
                return 32;
            else return 33;
            // clang-format on
        }
    }

    /// The number of direct members of T: an array counts as one, a nested aggregate too. {} must initialise each of
    /// them.
    template <aggregate T>
    consteval std::size_t member_count()
    {
        constexpr std::size_t count = detail::count_members<std::remove_cv_t<T>>();
        static_assert(count <= 32, "xgrad: an aggregate of more than 32 members cannot be taken apart; group some of its "
                                   "members in a struct or an array");
        return count;
    }

    /// Calls visit(member0, member1, ...) with all direct members of an aggregate and returns what it returns.
    template <class T, class Visit>
        requires aggregate<T>
    constexpr decltype(auto) visit_members(T& object, Visit&& visit)
    {
        constexpr std::size_t count = member_count<T>();
        // clang-format off
        if constexpr (count == 0) return visit();
        else if constexpr (count == 1) { auto& [a] = object; return visit(a); }
        else if constexpr (count == 2) { auto& [a, b] = object; return visit(a, b); }
        else if constexpr (count == 3) { auto& [a, b, c] = object; return visit(a, b, c); }
        else if constexpr (count == 4) { auto& [a, b, c, d] = object; return visit(a, b, c, d); }
        else if constexpr (count == 5) { auto& [a, b, c, d, e] = object; return visit(a, b, c, d, e); }
        else if constexpr (count == 6) { auto& [a, b, c, d, e, f] = object; return visit(a, b, c, d, e, f); }
        else if constexpr (count == 7) { auto& [a, b, c, d, e, f, g] = object; return visit(a, b, c, d, e, f, g); }
        else if constexpr (count == 8) { auto& [a, b, c, d, e, f, g, h] = object;
            return visit(a, b, c, d, e, f, g, h); }
        else if constexpr (count == 9) { auto& [a, b, c, d, e, f, g, h, i] = object;
            return visit(a, b, c, d, e, f, g, h, i); }
        else if constexpr (count == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = object;
            return visit(a, b, c, d, e, f, g, h, i, j); }
        else if constexpr (count == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k); }
        else if constexpr (count == 12) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l); }
        else if constexpr (count == 13) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m); }
        else if constexpr (count == 14) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n); }
        else if constexpr (count == 15) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o); }
        else if constexpr (count == 16) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p); }
        else if constexpr (count == 17) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q); }
        else if constexpr (count == 18) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r); }
        else if constexpr (count == 19) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s); }
        else if constexpr (count == 20) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t); }
        else if constexpr (count == 21) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u); }
        else if constexpr (count == 22) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v); }
        else if constexpr (count == 23) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w); }
        else if constexpr (count == 24) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x); }
        else if constexpr (count == 25) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y); }
        else if constexpr (count == 26) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z); }
        else if constexpr (count == 27) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A); }
        else if constexpr (count == 28) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B); }
        else if constexpr (count == 29) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C); }
        else if constexpr (count == 30) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D); }
        else if constexpr (count == 31) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E); }
        else if constexpr (count == 32) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F] = object;
            return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F); }
        // clang-format on
    }

    namespace detail
    {
        template <class Visit, std::size_t... I>
        struct numbered
        {
            Visit& visit;

            template <class... Member>
            constexpr void operator()(Member&... member) const
            {
                (static_cast<void>(visit(std::integral_constant<std::size_t, I>{}, member)), ...);
            }
        };

        template <class Visit, std::size_t... I>
        constexpr numbered<Visit, I...> number(Visit& visit, std::index_sequence<I...>)
        {
            return {visit};
        }
    }

    /// Calls visit(std::integral_constant<std::size_t, I>{}, member) for each direct member of an aggregate, in order.
    template <class T, class Visit>
        requires aggregate<T>
    constexpr void for_each_member(T& object, Visit&& visit)
    {
        visit_members(object, detail::number(visit, std::make_index_sequence<member_count<T>()>{}));
    }

    namespace detail
    {
        // An object that is never constructed: only the addresses of its members are looked at. A definition, because
        // compilers refuse an extern declaration whose type is local or in an unnamed namespace.
        template <class T>
        union specimen_storage
        {
            char none;
            T value;
            constexpr specimen_storage() : none{} {}
            constexpr ~specimen_storage() {}
        };
        template <class T>
        inline constexpr specimen_storage<T> specimen{};

        // The last identifier of "... &specimen.value.hidden]" (Clang), "... model::hidden)]" (GCC).
        consteval std::string_view last_identifier(std::string_view text)
        {
            const auto in_identifier = [](char c)
            {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       static_cast<unsigned char>(c) > 127;
            };
            std::size_t end = text.size();
            while (end > 0 && !in_identifier(text[end - 1]))
                --end;
            std::size_t begin = end;
            while (begin > 0 && in_identifier(text[begin - 1]))
                --begin;
            return text.substr(begin, end - begin);
        }

        // `auto`, because GCC would explain the name of a return type in the text too.
        template <auto Pointer>
        consteval auto name_at()
        {
            return last_identifier({__PRETTY_FUNCTION__, sizeof(__PRETTY_FUNCTION__) - 1});
        }

        template <std::size_t I, class T>
        struct member_pointer
        {
            const T* pointer;
        };
        template <class, class...>
        struct member_pointers;
        template <std::size_t... I, class... Member>
        struct member_pointers<std::index_sequence<I...>, Member...> : member_pointer<I, Member>...
        {
        };

        struct point_to_members
        {
            template <class... Member>
            constexpr auto operator()(const Member&... member) const
            {
                return member_pointers<std::index_sequence_for<Member...>, Member...>{{&member}...};
            }
        };

        template <class T>
        inline constexpr auto pointers_of = visit_members(specimen<T>.value, point_to_members{});

        template <std::size_t I, class T>
        consteval const T* pointer_at(const member_pointer<I, T>& member)
        {
            return member.pointer;
        }
    }

    /// The name of the direct member I of T, as written in the struct.
    template <class T, std::size_t I>
        requires aggregate<T>
    consteval std::string_view member_name()
    {
        return detail::name_at<detail::pointer_at<I>(detail::pointers_of<std::remove_cv_t<T>>)>();
    }
}
