// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/mlp.hpp"
#include "primitive.hpp"

namespace
{
    using namespace bench::onednn;
    using operands = std::unordered_map<int, dnnl::memory>;

    /// Inner products with the activation fused, weights in the layout that oneDNN prefers.
    struct layers
    {
        dnnl::stream stream{engine()};
        std::vector<std::pair<dnnl::inner_product_forward, operands>> steps;
        dnnl::memory last;

        explicit layers(const bench::perceptron_prediction& work)
        {
            const auto batch = work.shape.batch;
            last = borrowed(dense({batch, work.shape.sizes[0]}), work.images);
            for (std::size_t i = 0; i + 1 < work.shape.sizes.size(); ++i)
            {
                const auto inputs = work.shape.sizes[i], outputs = work.shape.sizes[i + 1];
                const dnnl::memory::desc any({outputs, inputs}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::any);
                const dnnl::inner_product_forward::desc what(dnnl::prop_kind::forward_inference, last.get_desc(), any,
                                                             dense({outputs}), dense({batch, outputs}));
                dnnl::primitive_attr attributes;
                if (i + 2 < work.shape.sizes.size())
                {
                    dnnl::post_ops after;
                    after.append_eltwise(1,
                                         work.activation == bench::activation::relu ? dnnl::algorithm::eltwise_relu
                                                                                    : dnnl::algorithm::eltwise_tanh,
                                         0, 0);
                    attributes.set_post_ops(after);
                }
                const dnnl::inner_product_forward::primitive_desc chosen(what, attributes, engine());
                dnnl::memory plain = borrowed(dense({outputs, inputs}), work.parameters[2 * i]);
                dnnl::memory weight(chosen.weights_desc(), engine()), to(dense({batch, outputs}), engine());
                dnnl::reorder(plain, weight).execute(stream, plain, weight);
                steps.push_back({dnnl::inner_product_forward(chosen),
                                 {{DNNL_ARG_SRC, last},
                                  {DNNL_ARG_WEIGHTS, weight},
                                  {DNNL_ARG_BIAS, borrowed(dense({outputs}), work.parameters[2 * i + 1])},
                                  {DNNL_ARG_DST, to}}});
                last = to;
            }
            stream.wait();
        }
    };

    const bool known = bench::add_peer<bench::perceptron_prediction>(
        [](const std::shared_ptr<const bench::perceptron_prediction>& work) -> bench::contestant
        {
            auto net = std::make_shared<layers>(*work);
            return {"oneDNN",
                    [work, net]
                    {
                        for (const auto& [layer, with] : net->steps)
                            layer.execute(net->stream, with);
                        net->stream.wait();
                    },
                    [work, net]
                    {
                        const auto* data = static_cast<const float*>(net->last.get_data_handle());
                        return std::vector<float>(data, data + work->shape.batch * work->shape.sizes.back());
                    }};
        });
}
