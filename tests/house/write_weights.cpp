// SPDX-License-Identifier: BSD-3-Clause
// Saves a model in both formats for read_weights.py, and says what is in it as hexadecimal numbers.
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/io/npz.hpp>
#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/linear.hpp>

#include <fstream>
#include <ios>

struct model
{
    std::array<xg::conv1d<2, 3, 5>, 2> layers;
    xg::batch_norm<7> norm;
    xg::linear<1, 1> output;
};

int main(int, char** arguments)
{
    const std::filesystem::path folder = arguments[1];
    auto net = xg::network<model>(1);
    xg::save(net, folder / "model.safetensors");
    xg::save_npz(net, folder / "model.npz");
    std::ofstream text(folder / "model.txt");
    for (const xg::named_span& tensor : net.spans())
    {
        text << tensor.name << " [";
        for (int axis = 0; axis < tensor.extents.rank; ++axis)
            text << (axis ? "," : "") << tensor.extents[axis];
        text << "]" << std::hexfloat;
        for (std::ptrdiff_t i = 0; i < tensor.extents.size(); ++i)
            text << " " << static_cast<double>(reinterpret_cast<const float*>(tensor.data)[i]);
        text << "\n";
    }
    return text.flush() ? 0 : 1;
}
