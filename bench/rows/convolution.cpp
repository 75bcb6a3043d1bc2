// SPDX-License-Identifier: BSD-3-Clause
#include "../tasks/convolution.hpp"
#include "../row.hpp"

#include <xgrad/kernel/convolution.hpp>
#include <xgrad/kernel/winograd.hpp>

namespace
{
    namespace kernel = xg::kernel;
    using bench::convolution, bench::convolution_input_gradient, bench::convolution_shape, bench::convolution_weight_gradient;

    kernel::convolution_extents extents_of(const convolution_shape& s)
    {
        const kernel::window_axis axis{s.side, s.out_side(), s.taps, s.stride, 1, s.padding()};
        return {s.batch, s.groups, s.in / s.groups, s.out / s.groups, {kernel::window_axis{}, axis, axis}};
    }

    bench::numbers room(std::ptrdiff_t elements) { return bench::numbers(static_cast<std::size_t>(elements)); }

    constexpr auto nothing = [](std::ptrdiff_t, std::ptrdiff_t) {};

    /// One image as a frozen prediction does it, with weights transformed or packed beforehand; a batch as training does it.
    struct forward
    {
        const convolution* work;
        kernel::convolution_extents e = extents_of(work->shape);
        bool transforms = e.batch == 1 && kernel::winograd_extents::serves(e);
        bool packs = e.batch == 1 && !transforms && kernel::packs_weights<float>(e);
        bench::numbers y = bench::numbers(work->shape.y_size()), weights = prepared();
        bench::numbers workspace = room(transforms ? kernel::winograd_workspace(e) : kernel::convolution_workspace<float>(e));

        bench::numbers prepared() const
        {
            bench::numbers to = room(transforms ? kernel::winograd_extents(e).weights_size()
                                     : packs    ? kernel::packed_channels(e.out_channels) * e.depth()
                                                : 0);
            if (transforms)
                kernel::winograd_weights<float>(e, work->w.data(), to.data());
            else if (packs)
                kernel::pack_weights<float>(e.out_channels, e.depth(), work->w.data(), to.data());
            return to;
        }
        void operator()()
        {
            if (transforms)
                kernel::winograd_convolution<float>(e, work->x.data(), weights.data(), y.data(), workspace.data(), nothing);
            else
                kernel::convolution<float>(e, work->x.data(), packs ? weights.data() : work->w.data(), y.data(),
                                           workspace.data(), nothing, nullptr, packs);
        }
        std::vector<float> result() const { return bench::copy_of(y); }
    };

    struct input_gradient
    {
        const convolution_input_gradient* work;
        kernel::convolution_extents e = extents_of(work->shape);
        bench::numbers x = bench::numbers(work->shape.x_size());
        bench::numbers workspace = room(kernel::convolution_input_gradient_workspace<float>(e));

        void operator()()
        {
            kernel::convolution_input_gradient<float>(e, work->g.data(), work->w.data(), x.data(), workspace.data(), nothing);
        }
        std::vector<float> result() const { return bench::copy_of(x); }
    };

    struct weight_gradient
    {
        const convolution_weight_gradient* work;
        kernel::convolution_extents e = extents_of(work->shape);
        bench::numbers w = bench::numbers(work->shape.w_size());
        bench::numbers workspace = room(kernel::convolution_weight_gradient_workspace<float>(e));

        void operator()()
        {
            kernel::convolution_weight_gradient<float>(e, work->g.data(), work->x.data(), w.data(), workspace.data(), nothing);
        }
        std::vector<float> result() const { return bench::copy_of(w); }
    };

    template <class Work, class Doer>
    bench::contestant ours(const std::shared_ptr<const Work>& work)
    {
        auto doer = std::make_shared<Doer>(Doer{work.get()});
        return {"xgrad", [work, doer] { (*doer)(); }, [doer] { return doer->result(); }};
    }

    template <class Work, class Doer>
    void add(const std::string& name, const convolution_shape& shape)
    {
        bench::add_row({.name = name + shape.name(),
                        .flops = shape.flops(),
                        .bytes = shape.bytes(),
                        .working_set = shape.bytes(),
                        .traffic = bench::traffic::read,
                        .tolerance = 1e-4, // minimal filtering rounds more than sums do
                        .contestants = bench::contest<Work>(ours<Work, Doer>, [=] { return Work{shape}; })});
    }

    struct layer
    {
        int times;
        convolution_shape shape;
    };

    // ResNet-50's layers for a picture of 224 x 224, and how often it has them.
    const layer resnet50[] = {
        {1, {3, 64, 7, 224, 2}},     {1, {64, 64, 1, 56}},    {3, {64, 64, 3, 56}},       {4, {64, 256, 1, 56}},
        {2, {256, 64, 1, 56}},       {1, {256, 128, 1, 56}},  {1, {128, 128, 3, 56, 2}},  {4, {128, 512, 1, 28}},
        {1, {256, 512, 1, 56, 2}},   {3, {512, 128, 1, 28}},  {3, {128, 128, 3, 28}},     {1, {512, 256, 1, 28}},
        {1, {256, 256, 3, 28, 2}},   {6, {256, 1024, 1, 14}}, {1, {512, 1024, 1, 28, 2}}, {5, {1024, 256, 1, 14}},
        {5, {256, 256, 3, 14}},      {1, {1024, 512, 1, 14}}, {1, {512, 512, 3, 14, 2}},  {3, {512, 2048, 1, 7}},
        {1, {1024, 2048, 1, 14, 2}}, {2, {2048, 512, 1, 7}},  {2, {512, 512, 3, 7}},
    };

    // All of them, each with data of its own, as the network has.
    void add_sum()
    {
        double flops = 0, bytes = 0;
        for (const auto& [times, shape] : resnet50)
            flops += times * shape.flops(), bytes += times * shape.bytes();
        const auto all = [](const std::shared_ptr<const bench::convolutions>& work) -> bench::contestant
        {
            auto doers = std::make_shared<std::vector<forward>>();
            for (const convolution& one : work->layers)
                doers->push_back({&one});
            return {"xgrad",
                    [work, doers]
                    {
                        for (forward& one : *doers)
                            one();
                    },
                    [doers] { return bench::all_results(*doers); }};
        };
        const auto make_work = []
        {
            bench::convolutions work;
            for (const auto& [times, shape] : resnet50)
                for (int i = 0; i < times; ++i)
                    work.layers.push_back({shape});
            return work;
        };
        bench::add_row({.name = "conv_all_of_resnet50",
                        .flops = flops,
                        .bytes = bytes,
                        .working_set = bytes,
                        .traffic = bench::traffic::read,
                        .tolerance = 1e-4,
                        .contestants = bench::contest<bench::convolutions>(all, make_work)});
    }

    const bool known = []
    {
        add_sum();
        for (const auto& [times, shape] : resnet50)
            add<convolution, forward>("conv_", shape);
        // MobileNet v2's filters of single channels
        for (const auto& [channels, side, stride] :
             {std::array{32, 112, 1}, {96, 112, 2}, {144, 56, 1}, {192, 28, 1}, {384, 14, 1}, {960, 7, 1}})
            add<convolution, forward>("conv_depthwise_", {channels, channels, 3, side, stride, 1, channels});
        // the training rows
        for (const convolution_shape& shape : {convolution_shape{1, 6, 5, 28, 1, 64, 1, true},
                                               {6, 16, 5, 12, 1, 64, 1, true},
                                               {3, 32, 3, 32, 1, 64},
                                               {32, 32, 3, 32, 1, 64},
                                               {32, 64, 3, 16, 1, 64},
                                               {64, 64, 3, 16, 1, 16},
                                               {128, 256, 3, 8, 2, 16},
                                               {512, 512, 3, 2, 1, 16}})
        {
            add<convolution, forward>("conv_", shape);
            if (shape.in > 3)
                add<convolution_input_gradient, input_gradient>("conv_dx_", shape);
            add<convolution_weight_gradient, weight_gradient>("conv_dw_", shape);
        }
        return true;
    }();
}
