// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/linear.hpp>

#include <catch2/catch.hpp>

#include <unistd.h>

namespace
{
    using Catch::Contains;

    struct classifier
    {
        xg::linear<3, 4> hidden;
        xg::batch_norm<4> norm;
        xg::linear<4, 2> output;
    };
    struct other_names
    {
        std::array<xg::linear<3, 4>, 1> first;
        xg::batch_norm<4> bn;
        xg::linear<4, 2> fc;
    };

    // What make.py's numbers() has at a place.
    float number(std::size_t i) { return static_cast<float>(i % 64) * 0.5f * (i / 2 % 2 ? -1.f : 1.f); }

    bool holds_numbers(const auto& tensor)
    {
        for (std::size_t i = 0; i < tensor.size(); ++i)
            if (tensor.data()[i] != number(i))
                return false;
        return tensor.size() > 0;
    }

    const std::filesystem::path samples = XGRAD_SAMPLES_DIR;

    struct scratch_file
    {
        std::filesystem::path path =
            std::filesystem::temp_directory_path() / ("xgrad_weights_" + std::to_string(::getpid()) + ".safetensors");
        ~scratch_file() { std::filesystem::remove(path); }
    };
}

TEST_CASE("PyTorch's state_dict is loaded by name, in any floating type", "[io]")
{
    for (const char* file : {"float.safetensors", "mixed.safetensors"})
    {
        auto net = xg::network<classifier>(1);
        const xg::load_result result = xg::load(net, samples / file); // its num_batches_tracked is passed over
        CHECK((result.missing.empty() && result.unexpected.empty()));
        for (const xg::named_span& span : net.spans())
            for (std::size_t i = 0; i < static_cast<std::size_t>(span.extents.size()); ++i)
                CHECK(reinterpret_cast<const float*>(span.data)[i] == number(i));
    }
}

TEST_CASE("names that differ are mapped by a table or a function", "[io]")
{
    // [names]
    auto net = xg::network<other_names>(1);
    xg::load(net, samples / "float.safetensors",
             {.name_in_file = xg::io::name_table{{"first.0", "hidden"}, {"bn", "norm"}, {"fc", "output"}}});

    auto fresh = xg::network<classifier>(1);
    const xt::xtensor<float, 2> before = fresh[fresh.model.output.weight];
    xg::load(fresh, samples / "float.safetensors", // a new last layer: an empty name leaves a tensor as it is
             {.name_in_file = [](const std::string& name) { return name.starts_with("output.") ? "" : name; }});
    // [names end]
    CHECK(holds_numbers(net[net.model.first[0].weight]));
    CHECK(holds_numbers(net[net.model.bn.running_var]));

    auto same = xg::network<classifier>(1);
    xg::load(same, samples / "float.safetensors", {.name_in_file = [](const std::string& name) { return name; }});
    CHECK(holds_numbers(same[same.model.output.bias]));

    CHECK((fresh[fresh.model.output.weight] == before));
    CHECK(holds_numbers(fresh[fresh.model.hidden.weight]));
}

TEST_CASE("a table replaces the longest beginning of a name", "[io]")
{
    const xg::io::name_table table{{"a", "x"}, {"a.b", "y.z"}, {"a.b.weight", "w"}, {"c", ""}};
    CHECK(table("a") == "x");
    CHECK(table("a.c") == "x.c");
    CHECK(table("ab.c") == "ab.c");
    CHECK(table("a.b.bias") == "y.z.bias");
    CHECK(table("a.b.weight") == "w");
    CHECK(table("c.bias") == "bias");
    CHECK(table("") == "");
    const xg::io::name_table all{{"", "module"}, {"fc", "head"}};
    CHECK(all("conv1.weight") == "module.conv1.weight");
    CHECK(all("fc.weight") == "head.weight");
}

TEST_CASE("all misfits are listed in one error and nothing changes", "[io]")
{
    const scratch_file file;
    const std::vector<float> f(8, 1.f);
    const std::vector<std::int32_t> i(4, 1);
    const auto bytes = [](const auto& values, std::size_t count)
    { return std::as_bytes(std::span{values}).first(count * sizeof(values[0])); };
    const std::vector<xg::io::entry> entries{{"hidden.weight", xg::io::element::f32, {3, 2}, bytes(f, 6)},
                                             {"hidden.bias", xg::io::element::i32, {4}, bytes(i, 4)},
                                             {"output.weight", xg::io::element::f32, {2, 4}, bytes(f, 8)},
                                             {"norm.num_batches_tracked", xg::io::element::f32, {}, bytes(f, 1)},
                                             {"head.bias", xg::io::element::f32, {2}, bytes(f, 2)}};
    xg::io::write_safetensors(file.path, entries);
    auto net = xg::network<classifier>(1);
    const xt::xtensor<float, 1> before = net.parameters();
    CHECK_THROWS_WITH(xg::load(net, file.path), file.path.string() +
                                                    " does not fit the network, which is left as it was:\n"
                                                    "  wrong shape: \"hidden.weight\" must be [4, 3], but is [3, 2]\n"
                                                    "  wrong type: \"hidden.bias\" must be F64, F32, F16 or BF16, but is I32\n"
                                                    "  missing: \"norm.weight\" [4]\n"
                                                    "  missing: \"norm.bias\" [4]\n"
                                                    "  missing: \"norm.running_mean\" [4]\n"
                                                    "  missing: \"norm.running_var\" [4]\n"
                                                    "  missing: \"output.bias\" [2]\n"
                                                    "  unexpected: \"norm.num_batches_tracked\" []\n"
                                                    "  unexpected: \"head.bias\" [2]");
    CHECK_THROWS_WITH(xg::load(net, file.path, {.strict = false}), Contains("wrong shape: \"hidden.weight\"") &&
                                                                       Contains("wrong type: \"hidden.bias\"") &&
                                                                       !Contains("missing") && !Contains("unexpected"));
    CHECK_THROWS_WITH(xg::load(net, file.path, {.name_in_file = xg::io::name_table{{"output", "head"}}}),
                      Contains("missing: \"head.weight\" for \"output.weight\" [2, 4]"));
    CHECK_THROWS_WITH(xg::load(net, "weights.npz"), Contains("weights.npz: is read with <xgrad/io/npz.hpp>"));
    CHECK((net.parameters() == before));
}

TEST_CASE("what is not strict reports what it passed over", "[io]")
{
    const scratch_file file;
    auto whole = xg::network<classifier>(1);
    auto spans = xg::detail::entries_of(whole.spans());
    spans.erase(spans.begin());
    spans.push_back({"head.bias", xg::io::element::u8, {0}, {}});
    xg::io::write_safetensors(file.path, spans);
    auto net = xg::network<classifier>(2);
    const xt::xtensor<float, 2> before = net[net.model.hidden.weight];
    const auto result = xg::load(net, file.path, {.strict = false});
    CHECK(result.missing == std::vector<std::string>{"hidden.weight"});
    CHECK(result.unexpected == std::vector<std::string>{"head.bias"});
    CHECK((net[net.model.hidden.weight] == before));
    CHECK((net[net.model.output.weight] == whole[whole.model.output.weight]));
}

TEST_CASE("a network of doubles takes any floating type too", "[io]")
{
    struct wide
    {
        xg::linear<3, 4, double> hidden;
    };
    auto net = xg::network<wide>(1);
    xg::load(net, samples / "mixed.safetensors", {.strict = false});
    CHECK(holds_numbers(net[net.model.hidden.weight]));
}
