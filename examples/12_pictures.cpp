// SPDX-License-Identifier: BSD-3-Clause
// Draws discs, squares and crosses into PNG files and learns them from there, read and augmented by a thread in the background.
#include <xgrad/xgrad.hpp>
#include <xgrad/data/augment.hpp>
#include <xgrad/data/image_folder.hpp>
#include <xgrad/data/loader.hpp>
#include <xgrad/io/write_image.hpp>

#include <iostream>

struct classifier
{
    xg::conv2d<3, 8, 5> conv1;
    xg::conv2d<8, 16, 3> conv2;
    xg::linear<16 * 6 * 6, 3> output;

    constexpr auto operator()(auto x) const // [batch, 3, 32, 32]
    {
        auto h = max_pool<2>(relu(conv1(x)));
        return output(flatten(max_pool<2>(relu(conv2(h)))));
    }
};
using inputs = xg::batch<32, float, 3, 32, 32>;
using labels = xg::batch<32, std::int32_t>;
constexpr auto loss = [](const auto& model, auto x, auto y) { return cross_entropy(model(x), y); };
constexpr auto hits = [](const auto& model, auto x, auto y) { return sum(xg::cast<float>(argmax(model(x)) == y)); };

void draw(const std::filesystem::path& folder)
{
    for (int i = 0; i < 600; ++i)
    {
        xg::data::random_numbers random(1, static_cast<std::uint64_t>(i));
        const auto pixel = [&](int low, int high) { return static_cast<std::uint8_t>(random.between(low, high)); };
        const double y0 = pixel(15, 25), x0 = pixel(15, 25), size = pixel(7, 12);
        const std::array colour{pixel(99, 255), pixel(99, 255), pixel(99, 255)};
        xg::io::image<std::uint8_t> picture(3, 40, 40);
        for (std::size_t y = 0; y < 40; ++y)
            for (std::size_t x = 0; x < 40; ++x)
            {
                const double dy = std::abs(double(y) - y0), dx = std::abs(double(x) - x0);
                const bool square = std::max(dy, dx) < size, arms = std::min(dy, dx) < size / 3;
                const bool in = i % 3 == 0 ? std::hypot(dy, dx) < size : square && (i % 3 == 1 || arms);
                for (std::size_t c = 0; c < 3; ++c)
                    picture(c, y, x) = in ? colour[c] : pixel(0, 90);
            }
        const auto path = folder / std::array{"disc", "square", "cross"}[i % 3] / (std::to_string(i) + ".png");
        std::filesystem::create_directories(path.parent_path());
        xg::io::write_image(path, picture);
    }
}

int main()
{
    draw("pictures");
    // [train]
    const xg::data::image_folder pictures("pictures"); // its folders are the classes
    const xg::data::normalise numbers({0.3f}, {0.3f}); // (x / 255 - mean) / deviation
    auto loader = xg::data::loader<float, 3, 32, 32>(pictures, {.batch_size = 32, .seed = 1, .threads = 1},
        [](auto& picture, auto& random)
        {
            random_resized_crop(picture, random, 32, 32, {.smallest = 0.6}); // as torchvision's
            random_flip(picture, random);
        }, numbers);
    auto net = xg::network<classifier>(1);
    auto step = xg::training_step<inputs, labels>(net, loss, xg::adam{2e-3});
    for (std::uint64_t epoch = 0; epoch < 8; ++epoch)
        for (const auto& batch : loader.epoch(epoch))
            step(batch.images, batch.labels);
    // [train end]
    auto plain = xg::data::loader<float, 3, 32, 32>(pictures, {.batch_size = 32, .shuffle = false},
                                                    [](auto& x) { xg::data::resize_antialiased(x, 32, 32); }, numbers);
    auto count_hits = xg::compile<inputs, labels>(net, hits);
    float right = 0;
    for (const auto& batch : plain.epoch(0))
        right += count_hits(batch.images, batch.labels)();
    std::cout << right << " of " << plain.size() << " pictures are told apart; the last epoch took " << loader.elapsed()
              << " s, of which the step waited " << 100 * loader.waited_share() << " % for pictures\n";
    return right > 560 ? 0 : 1;
}
