// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/convolution.hpp"
#include "tensor.hpp"

namespace
{
    using namespace bench::libtorch;
    using bench::convolution, bench::convolution_input_gradient, bench::convolution_shape, bench::convolution_weight_gradient;

    torch::Tensor input(const convolution_shape& s, const bench::numbers& x)
    {
        return borrowed(x, {s.batch, s.in, s.side, s.side});
    }
    torch::Tensor weight(const convolution_shape& s, const bench::numbers& w)
    {
        return borrowed(w, {s.out, s.in / s.groups, s.taps, s.taps});
    }
    torch::Tensor output(const convolution_shape& s, const bench::numbers& y)
    {
        return borrowed(y, {s.batch, s.out, s.out_side(), s.out_side()});
    }

    struct forward
    {
        convolution_shape shape;
        torch::Tensor x, w, y;

        explicit forward(const convolution& work)
            : shape(work.shape), x(input(work.shape, work.x)), w(weight(work.shape, work.w))
        {
        }
        void operator()()
        {
            const torch::InferenceMode no_gradients;
            y = torch::conv2d(x, w, {}, shape.stride, shape.padding(), 1, shape.groups);
        }
        std::vector<float> result() const { return numbers_of(y); }
    };

    /// The gradient of x or of w; of the other one, only its shape counts.
    struct backward
    {
        convolution_shape shape;
        torch::Tensor g, x, w, gradient;
        bool of_input;

        explicit backward(const convolution_input_gradient& work)
            : shape(work.shape), g(output(work.shape, work.g)), x(torch::rand({shape.batch, shape.in, shape.side, shape.side})),
              w(weight(work.shape, work.w)), of_input(true)
        {
        }
        explicit backward(const convolution_weight_gradient& work)
            : shape(work.shape), g(output(work.shape, work.g)), x(input(work.shape, work.x)),
              w(torch::rand({shape.out, shape.in / shape.groups, shape.taps, shape.taps})), of_input(false)
        {
        }
        void operator()()
        {
            const torch::InferenceMode no_gradients;
            auto [dx, dw, db] = torch::convolution_backward(g, x, w, at::OptionalIntArrayRef{}, {shape.stride, shape.stride},
                                                            {shape.padding(), shape.padding()}, {1, 1}, false, {0, 0},
                                                            shape.groups, {of_input, !of_input, false});
            gradient = of_input ? dx : dw;
        }
        std::vector<float> result() const { return numbers_of(gradient); }
    };

    template <class Work, class Doer>
    bool add()
    {
        return bench::add_peer<Work>(
            [](const std::shared_ptr<const Work>& work) -> bench::contestant
            {
                auto doer = std::make_shared<Doer>(*work);
                return {"LibTorch", [work, doer] { (*doer)(); }, [doer] { return doer->result(); }};
            });
    }

    bench::contestant all(const std::shared_ptr<const bench::convolutions>& work)
    {
        auto doers = std::make_shared<std::vector<forward>>(work->layers.begin(), work->layers.end());
        return {"LibTorch",
                [work, doers]
                {
                    for (forward& one : *doers)
                        one();
                },
                [doers] { return bench::all_results(*doers); }};
    }

    const bool known = add<convolution, forward>() && add<convolution_input_gradient, backward>() &&
                       add<convolution_weight_gradient, backward>() && bench::add_peer<bench::convolutions>(all);
}
