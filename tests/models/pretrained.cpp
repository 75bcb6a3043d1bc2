// SPDX-License-Identifier: BSD-3-Clause
// Networks with weights that others trained, and pictures that they are known to call by their names. Neither is part of the
// project: they lie in ../shared/data, or in the folder that XGRAD_DATA names.
#include <op/check.hpp>

#include <xgrad/data/resize.hpp>
#include <xgrad/io/bmp.hpp>
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/models/cifar_resnet.hpp>
#include <xgrad/models/mobilenet_v1.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>

namespace
{
    std::optional<std::filesystem::path> data_file(const std::string& name)
    {
        const char* const folder = std::getenv("XGRAD_DATA");
        const std::filesystem::path path =
            (folder ? std::filesystem::path(folder) : std::filesystem::path(XGRAD_REFERENCE_DIR) / "../../../shared/data") /
            name;
        if (exists(path))
            return path;
        std::cout << "skipped: there is no " << path.lexically_normal().string() << "\n";
        return {};
    }

    xg::io::image<std::uint8_t> picture(const std::filesystem::path& path)
    {
        const xg::io::mapped_file file{path};
        xg::io::image<std::uint8_t> result;
        xg::io::detail::bmp_reader{file.bytes(), path.string()}.read(result, {});
        return result;
    }
}

TEST_CASE("MobileNet v1 knows a uniform and a cat", "[models]")
{
    const auto weights = data_file("mobilenet_v1_0.75_224.safetensors");
    if (!weights)
        return;
    auto net = xg::models::mobilenet_v1<75>();
    xg::load(net, *weights);
    auto classify = xg::compile<xg::input<float, 1, 3, 224, 224>>(net, [](const auto& m, auto x) { return softmax(m(x)); });
    const auto is = [&](const char* name, std::size_t expected, float probability)
    {
        INFO(name);
        const auto photo = picture(*data_file(name));
        xg::io::image<float> small(xt::xtensor<float, 3>(xt::cast<float>(photo.tensor()) / 127.5f - 1.f));
        xg::data::resize(small, 224, 224);
        const xt::xtensor<float, 2> p = classify(small.batch());
        CHECK(static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin()) == expected);
        CHECK(p(0, expected) == Approx(probability).margin(0.01));
    };
    is("grace_hopper.bmp", 652, 0.77f); // military uniform
    is("cat.bmp", 285, 0.48f);          // Egyptian cat
}

TEST_CASE("ResNet-20 gets 20 CIFAR images right", "[models]")
{
    const auto weights = data_file("cifar_resnet20.safetensors"), images = data_file("cifar10_first20.u8");
    if (!weights || !images)
        return;
    auto net = xg::models::resnet20();
    xg::load(net, *weights);
    std::ifstream file(*images, std::ios::binary);
    std::vector<char> bytes(20 * 3 * 32 * 32);
    REQUIRE(file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())));
    xt::xtensor<float, 4> x({20, 3, 32, 32});
    const std::array mean{0.485f, 0.456f, 0.406f}, deviation{0.229f, 0.224f, 0.225f};
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const std::size_t c = i / 1024 % 3;
        x.data()[i] = (static_cast<float>(static_cast<unsigned char>(bytes[i])) / 255 - mean[c]) / deviation[c];
    }
    auto classify = xg::compile<xg::batch<32, float, 3, 32, 32>>(net, [](const auto& m, auto x) { return argmax(m(x)); });
    const xt::xtensor<int, 1> found = classify(x), expected{6, 9, 9, 4, 1, 1, 2, 7, 8, 3, 4, 7, 7, 2, 9, 9, 9, 3, 2, 6};
    CHECK(found == expected);
}
