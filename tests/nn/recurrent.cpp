// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

#include <xtensor/xview.hpp>

#include <xgrad/nn/recurrent.hpp>

namespace
{
    template <class Layer>
    struct holder
    {
        Layer layer;
        constexpr auto operator()(auto... x) const { return layer(x...); }
    };
    constexpr auto weighted = [](const auto& model, auto w, auto... x) { return sum(model(x...) * w); };

    template <class Layer>
    constexpr bool goes_both_ways = false;
    template <template <std::ptrdiff_t, std::ptrdiff_t, class> class Cell, std::size_t Layers>
    constexpr bool goes_both_ways<xg::recurrent<Cell, 3, 4, Layers, true, double>> = true;

    // visit(span of the network, PyTorch's name) for every weight
    void each_weight(const reference& torch, const std::string& name, auto& net, auto&& visit)
    {
        std::size_t found = 0;
        for (const std::string key : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"})
            for (const std::string layer : {"_l0", "_l1"})
                for (const std::string way : {"", "_reverse"})
                    if (torch.has(name + "/" + key + layer + way))
                        for (auto& span : net.spans())
                            if (xg::recurrent_name(span.name) == "layer." + key + layer + way)
                            {
                                ++found;
                                visit(span, key + layer + way);
                            }
        CHECK(found == net.spans().size());
    }

    using x_type = xg::input<double, 5, 3, 3>;
    using lengths_type = xg::input<std::int32_t, 3>;

    template <class Layer, class... Lengths>
    void against_torch(const std::string& name, bool compiled, const Lengths&... lengths)
    {
        INFO(name);
        const std::string what = name + (sizeof...(Lengths) > 0 ? "/packed" : "/full");
        const reference torch{"recurrent"};
        auto net = xg::network<holder<Layer>>();
        each_weight(torch, name, net,
                    [&](auto& span, const std::string& key)
                    {
                        const auto& values = torch(name + "/" + key).values;
                        std::copy(values.begin(), values.end(), reinterpret_cast<double*>(span.data));
                    });
        using w_type = xg::input<double, 5, 3, goes_both_ways<Layer> ? 8 : 4>;
        const auto x = check::from_reference<x_type>(torch, what + "/x");
        const auto w = check::from_reference<w_type>(torch, what + "/w");
        const auto compare = [&](const double* gradients, const double* parameters)
        {
            each_weight(torch, name, net,
                        [&](auto& span, const std::string& key)
                        {
                            INFO(key);
                            const auto& expected = torch(what + "/d." + key).values;
                            const double* const at = gradients + (reinterpret_cast<double*>(span.data) - parameters);
                            CHECK(check::distance(std::vector<double>(at, at + expected.size()), expected) < 1e-12);
                        });
        };
        if (compiled)
        {
            auto predict = xg::prediction<x_type, std::conditional_t<true, lengths_type, Lengths>...>(net);
            CHECK(check::distance(predict(x, lengths...), torch(what + "/y").values) < 1e-13);
            auto step = xg::training_step<w_type, x_type, std::conditional_t<true, lengths_type, Lengths>...>(net, weighted,
                                                                                                              xg::sgd{0.0});
            step(w, x, lengths...);
            compare(step.gradient(net.model.layer.first.forwards.weight_ih).data() -
                        net.model.layer.first.forwards.weight_ih.id,
                    net.data());
        }
        else
        {
            xg::tape tape;
            const auto model = tape.watch(net);
            const auto a = tape.variable<x_type>(x);
            const auto y = xg::named(model(a, tape.input<lengths_type>(lengths)...));
            CHECK(check::distance(y.value(), torch(what + "/y").values) < 1e-13);
            backward(sum(y * tape.input<w_type>(w)));
            CHECK(check::distance(tape.gradient(a), torch(what + "/dx").values) < 1e-12);
            compare(reinterpret_cast<const double*>(tape.gradients(net)), net.data());
        }
    }

    const std::array<std::int32_t, 3> lengths{5, 2, 3};
}

TEST_CASE("recurrent layers agree with PyTorch, compiled", "[nn]")
{
    against_torch<xg::rnn<3, 4, 1, false, double>>("rnn/one", true, lengths);
    against_torch<xg::lstm<3, 4, 2, true, double>>("lstm/two", true);
    against_torch<xg::gru<3, 4, 1, false, double>>("gru/one", true);
}

TEST_CASE("recurrent layers agree with PyTorch, on a tape", "[nn]")
{
    against_torch<xg::rnn<3, 4, 2, true, double>>("rnn/two", false);
    against_torch<xg::lstm<3, 4, 2, true, double>>("lstm/two", false, lengths);
    against_torch<xg::gru<3, 4, 2, true, double>>("gru/two", false, lengths);
    against_torch<xg::gru<3, 4, 1, false, double>>("gru/one", false);
}

TEST_CASE("a cell called step by step gives what its layer gives", "[nn]")
{
    const auto x = check::random<xg::input<float, 6, 2, 3>>(1, -1, 1);
    xg::tape tape;
    const auto quiet = tape.without_gradients();
    const auto each = [&](auto&& layer, auto&& cell, auto state, auto&& step)
    {
        const auto whole = xg::named(layer(tape.input<float, 6, 2, 3>(x)));
        for (std::size_t t = 0; t < 6; ++t)
        {
            state = step(cell, tape.input<float, 2, 3>(xt::view(x, t, xt::all(), xt::all())), state);
            const xt::xtensor<float, 2> expected = xt::view(whole.value(), t, xt::all(), xt::all());
            CHECK(check::distance(xt::xtensor<float, 2>(state.h.value()), expected) < 1e-6);
        }
    };
    const auto zeros = tape.zeros<float, 2, 4>();
    auto lstm = xg::network<holder<xg::lstm<3, 4>>>(1);
    const auto lstm_model = tape.watch(lstm);
    each(lstm_model.layer, lstm_model.layer.first.forwards, xg::lstm_state{zeros, zeros},
         [](const auto& cell, auto x, auto state) { return cell(x, state); });
    auto gru = xg::network<holder<xg::gru<3, 4>>>(1);
    const auto gru_model = tape.watch(gru);
    each(gru_model.layer, gru_model.layer.first.forwards, xg::hidden_state{zeros},
         [](const auto& cell, auto x, auto state) { return xg::hidden_state{cell(x, state.h)}; });
    auto rnn = xg::network<holder<xg::rnn<3, 4>>>(1);
    const auto rnn_model = tape.watch(rnn);
    each(rnn_model.layer, rnn_model.layer.first.forwards, xg::hidden_state{zeros},
         [](const auto& cell, auto x, auto state) { return xg::hidden_state{cell(x, state.h)}; });
}

TEST_CASE("PyTorch's names of recurrent weights", "[nn]")
{
    CHECK(xg::recurrent_name("encoder.lstm.first.forwards.weight_ih") == "encoder.lstm.weight_ih_l0");
    CHECK(xg::recurrent_name("rest.11.backwards.bias_hh") == "bias_hh_l12_reverse");
    CHECK(xg::recurrent_name("first.forwards.weight_hh") == "weight_hh_l0");
    for (const char* other : {"output.weight", "weight", "forwards.weight", "some.forwards.weight", "", ".weight"})
        CHECK(xg::recurrent_name(other) == other);
}
