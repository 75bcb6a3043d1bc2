// SPDX-License-Identifier: BSD-3-Clause
// Says what a photo shows, with MobileNet v1 and weights that were trained on ImageNet: 15_classify_photo IMAGE [FOLDER]
// The folder (default: the variable XGRAD_DATA, or ../shared/data) has the weights and the names of the 1000 classes.
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/io/read_image.hpp>
#include <xgrad/data/resize.hpp>
#include <xgrad/models/mobilenet_v1.hpp>
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <numeric>

using photo = xg::input<float, 1, 3, 224, 224>;
constexpr auto probabilities = [](const auto& model, auto x) { return softmax(model(x)); };

int main(int argc, char** argv)
try
{
    const char* const known = std::getenv("XGRAD_DATA");
    const std::filesystem::path folder = argc > 2 ? argv[2] : known ? known : "../shared/data";
    const auto weights = folder / "mobilenet_v1_0.75_224.safetensors";
    if (!exists(weights))
    {
        std::cout << "there is no " << weights << ": the folder is named by a second argument or by XGRAD_DATA\n";
        return argc < 2 ? 0 : 1; // without a photo there is nothing to do
    }
    auto net = xg::models::mobilenet_v1<75>();
    load(net, weights);

    auto picture = xg::io::read_image(argc > 1 ? argv[1] : (folder / "cat.bmp").string());
    std::cout << (argc > 1 ? argv[1] : "cat.bmp") << ", " << picture.width() << " x " << picture.height() << " pixels\n\n";
    xg::io::image<float> small(xt::xtensor<float, 3>(xt::cast<float>(picture.tensor()) / 127.5f - 1.f));
    xg::data::resize(small, 224, 224);

    auto classify = xg::compile<photo>(net, probabilities);
    const xt::xtensor<float, 2> p = classify(small.batch());

    std::vector<std::string> names;
    std::ifstream file(folder / "imagenet_labels.txt");
    for (std::string line; std::getline(file, line);)
        names.push_back(line);
    names.resize(1001); // the first is the background
    std::vector<std::size_t> best(1000);
    std::iota(best.begin(), best.end(), std::size_t{0});
    std::partial_sort(best.begin(), best.begin() + 5, best.end(), [&](auto a, auto b) { return p(0, a) > p(0, b); });
    for (std::size_t k = 0; k < 5; ++k)
    {
        std::string bar;
        for (float left = p(0, best[k]) * 40; left > 0.25f; left -= 1)
            bar += left > 0.75f ? "█" : "▌";
        std::cout << std::setw(28) << names[best[k] + 1] << std::fixed << std::setprecision(1) << std::setw(7)
                  << p(0, best[k]) * 100 << " %  " << bar << "\n";
    }
}
catch (const std::exception& error)
{
    std::cerr << error.what() << "\n";
    return 1;
}
