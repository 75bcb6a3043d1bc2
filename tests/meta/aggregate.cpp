// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/meta/leaves.hpp>

#include <catch2/catch.hpp>

#include <optional>

namespace outside
{
    template <class T>
    struct weights
    {
        T data{};
        int id = -1;
    };
    struct empty
    {
    };
}

namespace
{
    using namespace xgrad;
    using outside::empty;
    using weights = outside::weights<float>;

    template <class T>
    struct is_weights : std::false_type
    {
    };
    template <class T>
    struct is_weights<outside::weights<T>> : std::true_type
    {
    };

    struct linear
    {
        weights weight, bias;
    };
    struct block
    {
        linear a, b;
    };
    template <class T>
    struct model
    {
        bool flag = true;
        std::array<block, 24> blocks{};
        empty activation;
        linear head{.weight = {T(1)}, .bias = {}};
    };
    struct arrays
    {
        std::array<block, 24> first;
        linear second;
        weights grid[2][3];
        std::array<std::array<linear, 2>, 2> nested;
        const std::array<weights, 2> constants{};
        double table[1000] = {};
    };
    struct odd
    {
        std::string name = "odd";
        std::vector<weights> many;
        std::optional<int> perhaps;
        int* pointer = nullptr;
        enum
        {
            yes,
            no
        } answer = no;
        weights only;
    };
    struct one
    {
        one* next;
    };
    struct one_empty
    {
        empty e;
    };
    struct one_array
    {
        int a[3];
    };
    struct with_base : empty
    {
        int i;
    };
    struct with_full_base : linear
    {
    };
    struct with_constructor
    {
        with_constructor() {}
        weights hidden;
    };
    struct with_private
    {
        int get() const { return i; }

    private:
        int i = 0;
    };
    struct hiding
    {
        linear a;
        std::array<with_constructor, 2> b;
    };
    struct needs_value
    {
        explicit needs_value(int) {}
    };
    struct not_default
    {
        needs_value v;
    };
    struct many
    {
        int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, last;
    };
    union either
    {
        int i;
        float f;
    };

    static_assert(aggregate<linear> && aggregate<const linear> && aggregate<model<float>> && aggregate<empty> &&
                  aggregate<odd>);
    static_assert(aggregate<one_empty> && aggregate<one_array> && aggregate<arrays> && aggregate<many>);
    static_assert(!aggregate<int> && !aggregate<int[2]> && !aggregate<std::array<linear, 2>> && !aggregate<std::string>);
    static_assert(!aggregate<with_base> && !aggregate<with_full_base> && !aggregate<with_constructor>);
    static_assert(!aggregate<with_private> && !aggregate<either>);

    static_assert(plain_model<model<float>> && !plain_model<with_constructor> && !plain_model<not_default>);

    static_assert(member_count<empty>() == 0);
    static_assert(member_count<one>() == 1 && member_count<one_empty>() == 1 && member_count<one_array>() == 1);
    static_assert(member_count<linear>() == 2 && member_count<const block>() == 2);
    static_assert(member_count<model<float>>() == 4);
    static_assert(member_count<arrays>() == 6);
    static_assert(member_count<odd>() == 6);
    static_assert(member_count<many>() == 32);

    static_assert(member_name<linear, 0>() == "weight" && member_name<linear, 1>() == "bias");
    static_assert(member_name<model<float>, 1>() == "blocks" && member_name<model<double>, 2>() == "activation");
    static_assert(member_name<weights, 1>() == "id" && member_name<const arrays, 2>() == "grid");
    static_assert(member_name<many, 26>() == "aa" && member_name<many, 31>() == "last");
    static_assert(member_name<odd, 4>() == "answer" && member_name<one_empty, 0>() == "e");

    // Members change in a constant expression, and through a visitor that returns something.
    constexpr int changed = []
    {
        weights w{};
        visit_members(w, [](float& data, int& id) { data = 2, id = 3; });
        return static_cast<int>(w.data) * 10 + visit_members(w, [](const float&, const int& id) { return id; });
    }();
    static_assert(changed == 23);

    constexpr std::size_t numbered = []
    {
        many object{};
        for_each_member(object, [](auto index, int& member) { member = index(); });
        return static_cast<std::size_t>(object.last) + member_count<many>();
    }();
    static_assert(numbered == 63);

    template <class T>
    constexpr int count_leaves()
    {
        T object{};
        int count = 0;
        for_each_leaf<is_weights>(object, [&](auto& leaf) { leaf.id = count++; });
        int sum = 0;
        for_each_leaf<is_weights>(std::as_const(object), [&](const auto& leaf) { sum += leaf.id; });
        return sum == count * (count - 1) / 2 ? count : -1;
    }
    static_assert(count_leaves<weights>() == 1 && count_leaves<weights[3]>() == 3);
    static_assert(count_leaves<empty>() == 0);
    static_assert(count_leaves<model<float>>() == 24 * 4 + 2);

    // A large model stays far below the compiler's limit of steps.
    static_assert(count_leaves<std::array<linear, 4096>>() == 8192);

    TEST_CASE("leaves are visited and named in the order of declaration")
    {
        arrays object{};
        std::vector<const void*> visited;
        for_each_leaf<is_weights>(object, [&](auto& leaf) { visited.push_back(&leaf); });
        const auto names = leaf_names<is_weights, arrays>();
        REQUIRE(names.size() == 24 * 4 + 2 + 6 + 8 + 2);
        REQUIRE(visited.size() == names.size());

        const auto named = [&](std::string_view name) -> const void*
        {
            for (std::size_t i = 0; i < names.size(); ++i)
                if (names[i] == name)
                    return visited[i];
            return nullptr;
        };
        CHECK(named("first.0.a.weight") == &object.first[0].a.weight);
        CHECK(named("first.23.b.bias") == &object.first[23].b.bias);
        CHECK(named("second.bias") == &object.second.bias);
        CHECK(named("grid.1.2") == &object.grid[1][2]);
        CHECK(named("nested.1.0.weight") == &object.nested[1][0].weight);
        CHECK(named("constants.1") == &object.constants[1]);
    }

    TEST_CASE("members that are neither leaves nor aggregates are passed over")
    {
        CHECK(leaf_names<is_weights, odd>() == std::vector<std::string>{"only"});
        CHECK(leaf_names<is_weights, hiding>() == std::vector<std::string>{"a.weight", "a.bias"});
        CHECK(leaf_names<is_weights, empty>().empty());
        CHECK(leaf_names<is_weights, weights>() == std::vector<std::string>{""});
        odd object;
        for_each_leaf<is_weights>(object, [](auto& leaf) { leaf.id = 7; });
        CHECK(object.only.id == 7);
    }

    TEST_CASE("a local struct is a model like any other")
    {
        struct local
        {
            linear input_, output;
        };
        CHECK(leaf_names<is_weights, const local>() ==
              std::vector<std::string>{"input_.weight", "input_.bias", "output.weight", "output.bias"});
    }
}
