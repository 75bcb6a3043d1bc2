// SPDX-License-Identifier: BSD-3-Clause
// Trains a small residual network on Fashion-MNIST on two threads; images are cropped and mirrored at random in the background.
// Argument: the number of epochs, 10 if none is given. Stopped, it goes on from fashion_resnet.safetensors where it was.
// test-arguments: 1 100
// links: xgrad::threads
#include <xgrad/xgrad.hpp>
#include <xgrad/data/augment.hpp>
#include <xgrad/data/confusion.hpp>
#include <xgrad/data/fashion_mnist.hpp>
#include <xgrad/data/loader.hpp>
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/io/progress.hpp>
#include <xgrad/io/report.hpp>
#include <xgrad/kernel/threads.hpp>
#include <xgrad/models/resnet.hpp>
#include <iostream>

// [model]
template <std::ptrdiff_t In, std::ptrdiff_t Width, int Stride>
using block = xg::models::basic_block<In, Width, Stride, float>;
struct classifier // [batch, 1, 28, 28] to [batch, 10]
{
    xg::models::plain_conv2d<1, 32, 3, 1, float> conv1;
    xg::batch_norm<32> bn1;
    xg::sequential<block<32, 32, 2>, block<32, 64, 2>, block<64, 128, 2>> blocks;
    xg::linear<128, 10> fc;
    constexpr auto operator()(auto x) const { return fc(xg::global_avg_pool(blocks(relu(bn1(conv1(x)))))); }
};
// [model end]
using images = xg::batch<128, float, 1, 28, 28>;
using xg::io::number_text;
constexpr auto loss = [](const auto& model, auto x, auto y) { return cross_entropy(model(x), y); };

int main(int argc, char** argv)
{
    const std::int64_t epochs = argc > 1 ? std::stol(argv[1]) : 10;
    const auto train = xg::data::fashion_mnist<3>(xg::data::split::train), test = xg::data::fashion_mnist<3>(xg::data::split::test);
    const std::size_t items = argc > 2 ? std::stoul(argv[2]) : train.size(); // fewer for a quick look
    const std::string checkpoint = argc > 2 ? "fashion_resnet_short.safetensors" : "fashion_resnet.safetensors";
    auto loader = xg::data::loader<float, 1, 28, 28>(train, {.batch_size = 128, .seed = 1, .threads = 1},
        [](auto& picture, auto& random) { random_crop(picture, random, 28, 28, 2), random_flip(picture, random); });
    auto net = xg::network<classifier>(1);
    auto step = xg::training_step<images, xg::batch<128, std::int32_t>>(net, loss, xg::adamw{.weight_decay = 0.05});
    auto classify = xg::compile<images>(net, [](const auto& model, auto x) { return argmax(model(x)); });
    const xg::threads both(2);
    step.use(both), classify.use(both);
    if (argc <= 2 && std::filesystem::exists(checkpoint)) xg::load(net, step, checkpoint);
    const std::int64_t steps = (items + 127) / 128, first = step.steps() / steps; // first: 0, or where it was stopped
    const xg::one_cycle_schedule rate{.largest = 4e-3, .steps = epochs * steps};
    std::cout << net.parameter_count() << " parameters, " << step.graph.view().flops() / 1e9 << " GFLOP a step\n";
    std::vector<double> losses(first, NAN), accuracies = losses, waits = losses; // a chart leaves gaps for what is no number
    xg::data::confusion_matrix matrix(test.classes.size());
    for (std::int64_t epoch = first; epoch < epochs; ++epoch)
    {
        xg::io::progress_bar bar(std::cout, "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(epochs), items);
        double mean = 0;
        for (std::size_t done = 0; const auto& batch : loader.in(xg::data::shuffled(items, 1, epoch), epoch))
        {
            step.optimizer.learning_rate = rate(step.steps());
            mean += (step(batch.images, batch.labels) - mean) / static_cast<double>(batch.index + 1);
            bar.update(done += batch.count, "loss " + number_text(mean));
        }
        xg::save(net, step, checkpoint);
        matrix = xg::data::confusion_matrix(test.classes.size());
        for (const auto& batch : xg::data::in_order(test, 128))
            matrix.add(batch.labels, classify(batch.images));
        losses.push_back(mean), accuracies.push_back(matrix.accuracy()), waits.push_back(std::round(1e4 * loader.waited_share()) / 100);
        bar.finish("loss " + number_text(mean) + ", test accuracy " + number_text(accuracies.back()) + " %");
    }
    if (first >= epochs) return std::cout << checkpoint << " has gone through all epochs already; remove it to begin anew\n", 0;
    matrix.print(std::cout, test.classes);
    xg::io::report page("A residual network on Fashion-MNIST");
    page.curves("Loss", "epoch", "cross-entropy", {{"training", losses}});
    page.curves("Accuracy", "epoch", "% of the test images", {{"test", accuracies}});
    page.curves("Waiting for batches", "epoch", "% of the time", {{"training step", waits}});
    page.confusion_matrix("Which class is taken for which", test.classes, matrix.counts());
    page.save("fashion_resnet.html");
    std::cout << "checkpoint: " << checkpoint << ", report: fashion_resnet.html\n";
}
