// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/convolution.hpp"
#include "primitive.hpp"

namespace
{
    using namespace bench::onednn;
    using bench::convolution, bench::convolution_input_gradient, bench::convolution_shape, bench::convolution_weight_gradient;
    using format = dnnl::memory::format_tag;

    /// x, w and y in the order of PyTorch, or in any that oneDNN likes.
    struct layouts
    {
        dnnl::memory::desc x, w, y;

        layouts(const convolution_shape& s, bool any)
        {
            const auto desc = [any](const dnnl::memory::dims& extents, format plain)
            { return dnnl::memory::desc(extents, dnnl::memory::data_type::f32, any ? format::any : plain); };
            x = desc({s.batch, s.in, s.side, s.side}, format::nchw);
            y = desc({s.batch, s.out, s.out_side(), s.out_side()}, format::nchw);
            w = s.groups == 1 ? desc({s.out, s.in, s.taps, s.taps}, format::oihw)
                              : desc({s.groups, s.out / s.groups, s.in / s.groups, s.taps, s.taps}, format::goihw);
        }
    };

    // direct, or Winograd's where oneDNN thinks that it pays
    constexpr auto algorithm = dnnl::algorithm::convolution_auto;

    dnnl::convolution_forward::primitive_desc forward_desc(const convolution_shape& s, dnnl::prop_kind why)
    {
        const layouts any(s, true);
        const dnnl::memory::dims strides{s.stride, s.stride}, padding{s.padding(), s.padding()};
        return {dnnl::convolution_forward::desc(why, algorithm, any.x, any.w, any.y, strides, padding, padding), engine()};
    }

    /// Operands in the layouts that a primitive prefers: brought there before the time is taken, and back after it.
    class converted
    {
    public:
        dnnl::memory give(const dnnl::memory::desc& plain, const dnnl::memory::desc& preferred, const bench::numbers& values)
        {
            dnnl::memory from = borrowed(plain, values), to(preferred, engine());
            dnnl::reorder(from, to).execute(stream_, from, to);
            stream_.wait();
            return to;
        }
        void todo(const dnnl::primitive& what, std::unordered_map<int, dnnl::memory> operands, const dnnl::memory& result,
                  const dnnl::memory::desc& plain, std::size_t size)
        {
            primitive_ = what, operands_ = std::move(operands), result_ = result, plain_ = plain, size_ = size;
        }
        void operator()()
        {
            primitive_.execute(stream_, operands_);
            stream_.wait();
        }
        std::vector<float> result() const
        {
            bench::numbers values(size_);
            dnnl::memory from = result_, to = borrowed(plain_, values);
            dnnl::stream stream = stream_;
            dnnl::reorder(from, to).execute(stream, from, to);
            stream.wait();
            return bench::copy_of(values);
        }

    private:
        dnnl::stream stream_{engine()};
        dnnl::primitive primitive_;
        std::unordered_map<int, dnnl::memory> operands_;
        dnnl::memory result_;
        dnnl::memory::desc plain_;
        std::size_t size_ = 0;
    };

    converted make(const convolution& work)
    {
        const auto chosen = forward_desc(work.shape, dnnl::prop_kind::forward_inference);
        const layouts plain(work.shape, false);
        converted c;
        const dnnl::memory y(chosen.dst_desc(), engine());
        c.todo(dnnl::convolution_forward(chosen),
               {{DNNL_ARG_SRC, c.give(plain.x, chosen.src_desc(), work.x)},
                {DNNL_ARG_WEIGHTS, c.give(plain.w, chosen.weights_desc(), work.w)},
                {DNNL_ARG_DST, y}},
               y, plain.y, work.shape.y_size());
        return c;
    }

    converted make(const convolution_input_gradient& work)
    {
        const convolution_shape& s = work.shape;
        const auto hint = forward_desc(s, dnnl::prop_kind::forward_training);
        const layouts plain(s, false), any(s, true);
        const dnnl::memory::dims strides{s.stride, s.stride}, padding{s.padding(), s.padding()};
        const dnnl::convolution_backward_data::primitive_desc chosen(
            dnnl::convolution_backward_data::desc(algorithm, any.x, any.w, any.y, strides, padding, padding), engine(), hint);
        converted c;
        const dnnl::memory x(chosen.diff_src_desc(), engine());
        c.todo(dnnl::convolution_backward_data(chosen),
               {{DNNL_ARG_DIFF_DST, c.give(plain.y, chosen.diff_dst_desc(), work.g)},
                {DNNL_ARG_WEIGHTS, c.give(plain.w, chosen.weights_desc(), work.w)},
                {DNNL_ARG_DIFF_SRC, x}},
               x, plain.x, s.x_size());
        return c;
    }

    converted make(const convolution_weight_gradient& work)
    {
        const convolution_shape& s = work.shape;
        const auto hint = forward_desc(s, dnnl::prop_kind::forward_training);
        const layouts plain(s, false), any(s, true);
        const dnnl::memory::dims strides{s.stride, s.stride}, padding{s.padding(), s.padding()};
        const dnnl::convolution_backward_weights::primitive_desc chosen(
            dnnl::convolution_backward_weights::desc(algorithm, any.x, any.w, any.y, strides, padding, padding), engine(),
            hint);
        converted c;
        const dnnl::memory w(chosen.diff_weights_desc(), engine());
        c.todo(dnnl::convolution_backward_weights(chosen),
               {{DNNL_ARG_SRC, c.give(plain.x, chosen.src_desc(), work.x)},
                {DNNL_ARG_DIFF_DST, c.give(plain.y, chosen.diff_dst_desc(), work.g)},
                {DNNL_ARG_DIFF_WEIGHTS, w}},
               w, plain.w, s.w_size());
        return c;
    }

    template <class Work>
    bool add()
    {
        return bench::add_peer<Work>(
            [](const std::shared_ptr<const Work>& work) -> bench::contestant
            {
                auto doer = std::make_shared<converted>(make(*work));
                return {"oneDNN", [work, doer] { (*doer)(); }, [doer] { return doer->result(); }};
            });
    }

    bench::contestant all(const std::shared_ptr<const bench::convolutions>& work)
    {
        auto doers = std::make_shared<std::vector<converted>>();
        for (const convolution& one : work->layers)
            doers->push_back(make(one));
        return {"oneDNN",
                [work, doers]
                {
                    for (converted& one : *doers)
                        one();
                },
                [doers] { return bench::all_results(*doers); }};
    }

    const bool known = add<convolution>() && add<convolution_input_gradient>() && add<convolution_weight_gradient>() &&
                       bench::add_peer<bench::convolutions>(all);
}
