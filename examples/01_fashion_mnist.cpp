// SPDX-License-Identifier: BSD-3-Clause
// Trains a perceptron on Fashion-MNIST and shows what it has learned. Argument: the number of epochs, 12 if none is given.
// test-arguments: 2
#include <xgrad/xgrad.hpp>
#include <xgrad/data/confusion.hpp>
#include <xgrad/data/fashion_mnist.hpp>
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/io/progress.hpp>
#include <xgrad/io/report.hpp>
#include <xgrad/io/terminal_image.hpp>

#include <iostream>

struct classifier
{
    xg::linear<784, 256> hidden1;
    xg::linear<256, 128> hidden2;
    xg::linear<128, 10> output;
    constexpr auto operator()(auto image) const { return output(relu(hidden2(relu(hidden1(image))))); }
};

using images = xg::batch<64, float, 784>;
using labels = xg::batch<64, std::int32_t>;
constexpr auto loss = [](const auto& model, auto images, auto labels) { return cross_entropy(model(images), labels); };
constexpr auto judge = [](const auto& model, auto images) { return argmax(model(images)); };

auto evaluate(auto& net, const auto& test)
{
    auto classify = xg::compile<images>(net, judge);
    xg::data::confusion_matrix matrix(test.classes.size());
    for (const auto& batch : xg::data::in_order(test, 64))
        matrix.add(batch.labels, classify(batch.images));
    return matrix;
}

int main(int argc, char** argv)
{
    const std::uint64_t epochs = argc > 1 ? std::stoul(argv[1]) : 12;
    const auto train = xg::data::fashion_mnist(xg::data::split::train), test = xg::data::fashion_mnist(xg::data::split::test);
    auto net = xg::network<classifier>(2); // the seed
    auto step = xg::training_step<images, labels>(net, loss, xg::adam{});
    std::cout << "a training step: " << net.parameter_count() << " parameters, " << step.graph.view().statements()
              << " statements, " << step.plan.bytes << " bytes planned, " << step.graph.view().flops() << " FLOPs\n";
    const xg::cosine_schedule rate{.learning_rate = 1e-3, .steps = static_cast<int>(epochs * ((train.size() + 63) / 64))};
    std::vector<double> losses, accuracies;
    for (std::uint64_t epoch = 0; epoch < epochs; ++epoch)
    {
        xg::io::progress_bar bar(std::cout, "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(epochs), train.size());
        double mean = 0;
        for (std::size_t done = 0; const auto& batch : xg::data::batches(train, 64, 2, epoch))
        {
            step.optimizer.learning_rate = rate(step.steps());
            mean += (step(batch.images, batch.labels) - mean) / static_cast<double>(batch.index + 1);
            bar.update(done += batch.count, "loss " + xg::io::number_text(mean));
        }
        losses.push_back(mean);
        accuracies.push_back(evaluate(net, test).accuracy());
        bar.finish("loss " + xg::io::number_text(mean) + ", test accuracy " + xg::io::number_text(accuracies.back()) + " %");
    }
    xg::save(net, step, "fashion_mnist.safetensors");
    auto loaded = xg::network<classifier>();
    xg::load(loaded, "fashion_mnist.safetensors");
    const auto matrix = evaluate(loaded, test);
    std::cout << "saved and loaded fashion_mnist.safetensors: test accuracy " << matrix.accuracy() << " %\n";
    matrix.print(std::cout, test.classes);
    auto classify = xg::compile<xg::input<float, 784>>(loaded, judge);
    for (std::size_t i = 0; i < 3; ++i)
    {
        const std::span image(test.images.data() + 784 * i, 784);
        xg::io::draw_image(std::cout, image, 28, 28);
        std::cout << "called " << test.classes.at(classify(image)()) << ", is " << test.classes.at(test.labels(i)) << "\n";
    }
    xg::io::report page("Fashion-MNIST");
    page.curves("Loss", "epoch", "cross-entropy", {{"training", losses}});
    page.curves("Accuracy", "epoch", "% of the test images", {{"test", accuracies}});
    page.confusion_matrix("Which class is taken for which", test.classes, matrix.counts());
    page.save("fashion_mnist.html");
    std::cout << "report: fashion_mnist.html\n";
}
