// SPDX-License-Identifier: BSD-3-Clause
// The numbers of docs/networks.md, and its programs.
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/models/cifar_resnet.hpp>
#include <xgrad/models/lenet.hpp>
#include <xgrad/models/mobilenet_v1.hpp>
#include <xgrad/models/mobilenet_v2.hpp>
#include <xgrad/models/resnet.hpp>
#include <xgrad/models/squeezenet.hpp>
#include <xgrad/models/vgg.hpp>
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

#include <unistd.h>

namespace
{
    namespace models = xg::models;

    struct size
    {
        std::int64_t parameters, megaflops;
        constexpr bool operator==(const size&) const = default;
    };

    template <class Input, class Network>
    constexpr size size_of(Network (*)(std::uint64_t))
    {
        using builder = xg::function_builder<xg::model_call, typename Network::source_type, Input>;
        return {Network::parameter_count(), xg::graph_of<builder>.view().flops() / 1000000};
    }
    using photo = xg::input<float, 1, 3, 224, 224>;
    using tiny = xg::input<float, 1, 3, 32, 32>;
    static_assert(size_of<photo>(models::resnet18<>) == size{11689512, 3638});
    static_assert(size_of<photo>(models::resnet34<>) == size{21797672, 7341});
    static_assert(size_of<photo>(models::resnet50<>) == size{25557032, 8217});
    static_assert(size_of<photo>(models::resnet101<>) == size{44549160, 15661});
    static_assert(size_of<photo>(models::resnet152<>) == size{60192808, 23108});
    static_assert(size_of<photo>(models::mobilenet_v1<>) == size{4231976, 1152});
    static_assert(size_of<photo>(models::mobilenet_v1<75>) == size{2585560, 662});
    static_assert(size_of<photo>(models::mobilenet_v2<>) == size{3504872, 621});
    static_assert(size_of<photo>(models::vgg11<>) == size{132863336, 15239});
    static_assert(size_of<photo>(models::vgg16<>) == size{138357544, 30973});
    static_assert(size_of<photo>(models::squeezenet<>) == size{1248424, 1651});
    static_assert(size_of<tiny>(models::resnet20<>) == size{269722, 81});
    static_assert(size_of<tiny>(models::resnet32<>) == size{464154, 138});
    static_assert(size_of<tiny>(models::resnet44<>) == size{658586, 195});
    static_assert(size_of<tiny>(models::resnet56<>) == size{853018, 252});
    static_assert(size_of<xg::input<float, 1, 1, 28, 28>>(models::lenet<>) == size{44426, 0});

    const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("xgrad_zoo_" + std::to_string(::getpid()));

    bool same_numbers(const auto& a, const auto& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }
}

TEST_CASE("a network is loaded, used, and given another last layer", "[models]")
{
    std::filesystem::create_directories(folder);
    const auto file = folder / "resnet18.safetensors";
    auto trained = xg::models::resnet18(7);
    xg::save(trained, file);
    const xt::xtensor<float, 4> picture = xt::ones<float>({1, 3, 64, 64});
    {
        // [predict]
        auto net = xg::models::resnet18(); // float, 1000 classes
        xg::load(net, file);
        auto classify = xg::prediction<xg::input<float, 1, 3, 64, 64>>(net, xg::frozen);
        const xt::xtensor<float, 2> logits = classify(picture); // before the softmax
        // [predict end]
        CHECK(logits.shape(1) == 1000);
        auto same = xg::prediction<xg::input<float, 1, 3, 64, 64>>(trained, xg::frozen);
        CHECK(same_numbers(logits, same(picture)));
    }
    // [fine_tune]
    auto mine = xg::models::resnet18<float, 3>(1); // three classes; what has no name in the file stays as the seed drew it
    xg::load(mine, file,
             {.name_in_file = [](const std::string& name) { return name.starts_with("fc.") ? std::string{} : name; }});
    // [fine_tune end]
    CHECK(same_numbers(mine[mine.model.layer4.rest[0].conv2.weight], trained[trained.model.layer4.rest[0].conv2.weight]));
    CHECK(mine[mine.model.fc.weight].shape(0) == 3);
    CHECK_THROWS_WITH(xg::load(mine, file), Catch::Contains("wrong shape: \"fc.weight\" must be [3, 512], but is [1000, 512]"));
    std::filesystem::remove_all(folder);
}
