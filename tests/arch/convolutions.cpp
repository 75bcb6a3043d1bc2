// SPDX-License-Identifier: BSD-3-Clause
// Convolutions and pooling against their definitions, on the architecture that this file is compiled for; whole, and in the
// parts that threads share.
#define XGRAD_THREADS
#include "numbers.hpp"

#include <xgrad/kernel/max_pool_gradient.hpp>
#include <xgrad/kernel/mean_pool_gradient.hpp>
#include <xgrad/kernel/pool.hpp>
#include <xgrad/kernel/winograd.hpp>
#include <xgrad/op/convolution.hpp>

#include <cstring>
#include <optional>
#include <vector>

namespace
{
    /// Threads as kernels see them, in one thread: the last part is computed first.
    struct three_workers : workers
    {
        std::optional<aligned<std::byte>> mutable rooms;

        three_workers()
        {
            count = 3;
            run = [](const workers&, int parts, void (*task)(const void* context, int part), const void* context)
            {
                while (parts-- > 0)
                    task(context, parts);
            };
            reserve = [](const workers& self, int parts, std::size_t bytes) -> void*
            { return static_cast<const three_workers&>(self).rooms.emplace(static_cast<std::size_t>(parts) * bytes).data; };
        }
    };

    /// What the shapes of a convolution leave open, as the operation has it.
    attributes attributes_of(const convolution_extents& e)
    {
        attributes with;
        for (int k = 0; k < 3; ++k)
        {
            const window_axis& a = e.axis[static_cast<std::size_t>(k)];
            with.value[0] |= (a.stride | a.dilation << 8) << 16 * k;
            with.value[1] |= a.padding << 16 * k;
        }
        return with;
    }

    template <class Operation, class T>
    void in_parts(const tensor_ref& a, const tensor_ref& b, const tensor_ref& to, const convolution_extents& e, T* room,
                  std::int64_t more = 0)
    {
        const three_workers threads;
        const tensor_ref in[]{a, b};
        call c;
        c.in = in;
        c.count = 2;
        c.out = to;
        c.with = attributes_of(e);
        c.with.value[0] |= more;
        c.workspace = address(room);
        c.threads = &threads;
        Operation::template forward<T, T, T>(c, [](auto, auto) {});
    }

    template <class T>
    void convolve(const convolution_extents& e)
    {
        const auto& [d, h, v] = e.axis;
        const shape of_x = make({e.batch, e.groups * e.in_channels, d.in, h.in, v.in}),
                    of_w = make({e.groups * e.out_channels, e.in_channels, d.taps, h.taps, v.taps}),
                    of_y = make({e.batch, e.groups * e.out_channels, d.out, h.out, v.out});
        const numbers<T> x(of_x.size(), 1), w(of_w.size(), 2), g(of_y.size(), 3), y(g.size), dx(x.size), dw(w.size),
            y_parts(g.size), dx_parts(x.size), dw_parts(w.size);
        const auto zeros = [](const numbers<T>& like) { return std::vector<double>(static_cast<std::size_t>(like.size)); };
        std::vector<double> true_y = zeros(y), true_dx = zeros(x), true_dw = zeros(w);
        each_term(e,
                  [&](ptrdiff_t i, ptrdiff_t k, ptrdiff_t o)
                  {
                      true_y[static_cast<std::size_t>(o)] += x.at(i) * w.at(k);
                      true_dx[static_cast<std::size_t>(i)] += g.at(o) * w.at(k);
                      true_dw[static_cast<std::size_t>(k)] += g.at(o) * x.at(i);
                  });
        const auto all = [](auto, auto) {};
        const auto terms = [](ptrdiff_t count) { return 1 + static_cast<double>(count) / 50; };
        const auto compare = [&](const numbers<T>& ours, const std::vector<double>& truth, const char* what, double factor)
        {
            double worst = 0;
            for (ptrdiff_t i = 0; i < ours.size; ++i)
                worst = std::max(worst, std::abs(ours.at(i) - truth[static_cast<std::size_t>(i)]));
            machine::check(worst <= factor * tolerance<T>, "%s %s, %td to %td channels, %td x %td outputs: %g", what, name<T>,
                           e.in_channels, e.out_channels, h.out, v.out, worst);
        };
        const auto same = [&](const numbers<T>& parts, const numbers<T>& whole, const char* what)
        {
            machine::check(std::memcmp(parts, whole, static_cast<std::size_t>(whole.size) * sizeof(T)) == 0,
                           "%s %s in parts, %td to %td channels, %td x %td outputs: other bits", what, name<T>, e.in_channels,
                           e.out_channels, h.out, v.out);
        };
        aligned<T> room(static_cast<std::size_t>(
            std::max({convolution_workspace<T>(e), winograd_workspace(e), convolution_input_gradient_workspace<T>(e),
                      convolution_weight_gradient_workspace<T>(e)})));
        const double minimal = sizeof(T) == 4 && winograd_extents::pays(e) ? 10 : 1; // filtered minimally, which rounds more

        convolution<T>(e, x, w, y, room.data, all);
        compare(y, true_y, "convolution", minimal * terms(e.depth()));
        in_parts<op::convolution>(x.as(of_x), w.as(of_w), y_parts.as(of_y), e, room.data);
        same(y_parts, y, "convolution");

        if (e.groups == 1 && !winograd_extents::pays(e))
        {
            const shape of_packed = make({packed_channels(e.out_channels), e.in_channels, d.taps, h.taps, v.taps});
            const numbers<T> packed(of_packed.size());
            std::fill_n(packed.data.get(), packed.size, std::numeric_limits<T>::quiet_NaN()); // what no channel has is not read
            pack_weights<T>(e.out_channels, e.depth(), w, packed);
            convolution<T>(e, x, packed, y, room.data, all, nullptr, true);
            compare(y, true_y, "convolution with packed weights", terms(e.depth()));
            in_parts<op::convolution>(x.as(of_x), packed.as(of_packed), y_parts.as(of_y), e, room.data, op::weights_are_packed);
            same(y_parts, y, "convolution with packed weights");
        }

        convolution_input_gradient<T>(e, g, w, dx, room.data, all);
        compare(dx, true_dx, "input gradient", minimal * terms(e.out_channels * e.taps()));
        in_parts<op::convolution_input_gradient>(g.as(of_y), w.as(of_w), dx_parts.as(of_x), e, room.data);
        same(dx_parts, dx, "input gradient");

        convolution_weight_gradient<T>(e, g, x, dw, room.data, all);
        compare(dw, true_dw, "weight gradient", terms(e.batch * e.out_size()));
        in_parts<op::convolution_weight_gradient>(g.as(of_y), x.as(of_x), dw_parts.as(of_w), e, room.data);
        compare(dw_parts, true_dw, "weight gradient in parts", terms(e.batch * e.out_size()));

        if (winograd_extents::pays(e))
        {
            aligned<T> weights(static_cast<std::size_t>(winograd_extents(e).weights_size()));
            winograd_weights<T>(e, w, weights.data);
            winograd_convolution<T>(e, x, weights.data, y, room.data, all);
            compare(y, true_y, "winograd", 10 * terms(e.depth()));
            const three_workers threads;
            winograd_convolution<T>(e, x, weights.data, y_parts, room.data, all, &threads);
            same(y_parts, y, "winograd");
        }
    }

    window_axis axis(ptrdiff_t in, ptrdiff_t taps, ptrdiff_t stride, ptrdiff_t padding, ptrdiff_t dilation = 1,
                     ptrdiff_t padding_end = -1)
    {
        const ptrdiff_t padded = in + padding + (padding_end < 0 ? padding : padding_end);
        return {in, (padded - dilation * (taps - 1) - 1) / stride + 1, taps, stride, dilation, padding};
    }

    template <class T>
    void convolutions()
    {
        const window_axis none;
        convolve<T>({2, 1, 5, 9, {none, axis(13, 3, 1, 1), axis(11, 3, 1, 1)}});
        convolve<T>({1, 1, 3, 20, {none, axis(30, 7, 2, 3), axis(31, 7, 2, 3)}});
        convolve<T>({1, 2, 3, 4, {axis(4, 3, 1, 1), axis(5, 2, 2, 0), axis(6, 3, 2, 1)}});
        convolve<T>({2, 1, 3, 4, {none, axis(9, 3, 1, 2, 2), axis(14, 3, 2, 3, 3)}});       // dilated
        convolve<T>({2, 1, 3, 4, {none, axis(8, 4, 1, 1, 1, 2), axis(10, 2, 3, 0, 1, 1)}}); // padded on one side more
        convolve<T>({2, 1, 2, 3, {none, axis(4, 2, 1, 3), axis(5, 1, 1, 2)}});              // padded more than a window
        for (const ptrdiff_t n : {1, 2, 7, 8, 9, 15, 16, 17, 18, 19, 31, 33, 36, 49, 65})   // rests of registers and tiles
            for (const ptrdiff_t batch : {1, 3})
            {
                convolve<T>({batch, 1, 3, 5, {none, none, axis(n, 3, 1, 1)}});
                convolve<T>({batch, 1, 18, 10, {none, none, axis(n, 1, 1, 0)}}); // a product, also with a few last outputs
            }
        convolve<T>({2, 1, 6, 7, {none, axis(5, 1, 1, 0), axis(7, 1, 1, 0)}});
        convolve<T>({2, 1, 40, 9, {none, axis(7, 1, 1, 0), axis(7, 1, 1, 0)}});
        convolve<T>({1, 1, 30, 37, {none, axis(13, 3, 2, 1), axis(13, 3, 2, 1)}}); // gathered, and a lonely last output
        convolve<T>({1, 1, 30, 37, {none, axis(27, 3, 2, 1), axis(28, 3, 2, 1)}}); // four of them
        convolve<T>({1, 1, 20, 131, {none, axis(7, 1, 1, 0), axis(7, 1, 1, 0)}});
        convolve<T>({2, 1, 3, 5, {none, axis(10, 5, 1, 0), axis(12, 5, 1, 0)}});  // few channels, read where they lie
        convolve<T>({2, 2, 3, 9, {none, axis(9, 3, 1, 1), axis(24, 3, 1, 1)}});   // so many outputs and half a register
        convolve<T>({1, 1, 4, 12, {none, axis(17, 3, 2, 1), axis(31, 3, 2, 1)}}); // from sorted rows
        convolve<T>({1, 1, 2, 16, {axis(4, 3, 1, 1), axis(5, 2, 1, 0), axis(8, 3, 1, 1)}});
        convolve<T>({1, 1, 1, 13, {none, axis(73, 3, 1, 1), axis(72, 3, 1, 1)}}); // in several blocks of columns
        convolve<T>({2, 1, 530, 28, {none, axis(14, 1, 1, 0), axis(14, 1, 1, 0)}});
        convolve<T>({1, 1, 600, 70, {none, axis(9, 1, 1, 0), axis(9, 1, 1, 0)}}); // of several blocks of depth
        for (const ptrdiff_t batch : {1, 2})                                      // one tap of every second or third input
        {
            convolve<T>({batch, 1, 20, 9, {none, axis(9, 1, 2, 0), axis(14, 1, 2, 0)}});
            convolve<T>({batch, 1, 18, 7, {none, axis(13, 1, 3, 0), axis(29, 1, 3, 0)}});
        }

        // single channels
        for (const ptrdiff_t n : {2, 7, 14, 16, 18, 36, 37, 66})
            for (const ptrdiff_t stride : {1, 2})
                convolve<T>({2, 3, 1, 1, {none, axis(n / 2 + 1, 3, stride, 1), axis(n, 3, stride, 1)}});
        convolve<T>({1, 5, 1, 1, {none, axis(10, 3, 2, 1), axis(12, 5, 2, 2)}});
        convolve<T>({1, 5, 1, 1, {none, axis(9, 3, 1, 2, 2), axis(20, 3, 1, 2, 2)}});
        convolve<T>({1, 2, 1, 1, {axis(4, 3, 1, 1), axis(8, 5, 1, 2), axis(9, 5, 1, 2)}}); // more taps than a table has

        // filtered minimally, and large enough for threads: images, groups, output channels
        convolve<T>({1, 1, 33, 34, {none, axis(13, 3, 1, 1), axis(14, 3, 1, 1)}});
        convolve<T>({3, 1, 32, 35, {none, axis(13, 3, 1, 1), axis(14, 3, 1, 0)}});
        // parts for which the whole decides: of their own extents they would not be filtered minimally
        convolve<T>({3, 1, 32, 35, {none, axis(11, 3, 1, 1), axis(15, 3, 1, 0)}});
        convolve<T>({1, 1, 512, 288, {none, axis(13, 3, 1, 1), axis(12, 3, 1, 1)}});
        convolve<T>({2, 1, 64, 64, {none, axis(3, 3, 1, 1), axis(11, 3, 1, 1)}}); // joined images
        convolve<T>({16, 1, 24, 40, {none, axis(8, 3, 2, 1), axis(8, 3, 2, 1)}}); // whose gradients are scattered together
        convolve<T>({3, 1, 9, 200, {none, axis(2, 3, 1, 1), axis(2, 3, 1, 1)}});
        convolve<T>({5, 1, 8, 20, {none, axis(20, 3, 1, 1), axis(23, 3, 1, 1)}});
        convolve<T>({1, 4, 16, 20, {none, axis(20, 3, 1, 1), axis(23, 3, 2, 1)}});
        convolve<T>({1, 1, 16, 110, {none, axis(16, 3, 2, 1), axis(23, 3, 1, 1)}});
        convolve<T>({1, 1, 36, 97, {none, axis(13, 3, 1, 1), axis(14, 3, 1, 1)}});
        convolve<T>({1, 1, 256, 33, {none, axis(13, 3, 1, 1), axis(12, 3, 1, 1)}}); // by tiles of 2x2 outputs
        convolve<T>({1, 1, 90, 130, {none, axis(10, 1, 1, 0), axis(11, 1, 1, 0)}});
        convolve<T>({1, 1, 90, 130, {none, axis(20, 1, 2, 0), axis(22, 1, 2, 0)}});
    }

    // numbers some of which are equal, one no number
    template <class T>
    void pool_case(const pool_extents& e)
    {
        const numbers<T> x(e.planes * e.in_size(), 1), g(e.planes * e.out_size(), 2), largest(g.size), mean(g.size), dx(x.size),
            picked(g.size), spread(x.size);
        for (ptrdiff_t i = 0; i < x.size; ++i)
            x[i] = std::round(x[i] * T(4)) / T(4);
        const ptrdiff_t most = std::max(max_pool_gradient_workspace<T>(e), mean_pool_gradient_workspace<T>(e));
        aligned<T> room(static_cast<std::size_t>(std::max(pool_workspace<T>(e), most)));
        const auto all = [](auto, auto) {};
        pool<pool_mean, T>(e, x, mean, room.data, all);
        mean_pool_gradient<T>(e, g, spread, room.data, all);
        std::vector<double> true_dx(static_cast<std::size_t>(x.size)), even(true_dx.size());
        const auto each_window = [&](auto&& body)
        {
            for (ptrdiff_t plane = 0; plane < e.planes; ++plane)
                e.each_output([&](ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
                              { body(plane * e.in_size(), plane * e.out_size() + o, d, h, v); });
        };
        each_window(
            [&](ptrdiff_t plane, ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
            {
                double sum = 0;
                const auto seen = static_cast<double>(d.divisor * h.divisor * v.divisor);
                e.each_input(d, h, v,
                             [&](ptrdiff_t i)
                             {
                                 sum += x.at(plane + i);
                                 even[static_cast<std::size_t>(plane + i)] += g.at(o) / seen;
                             });
                machine::check(std::abs(mean.at(o) - sum / seen) <= tolerance<T>, "mean pool %s %td", name<T>, o);
            });
        x[x.size / 2] = std::numeric_limits<T>::quiet_NaN();
        pool<pool_max, T>(e, x, largest, room.data, all);
        max_pool_gradient<T>(e, g, x, dx, room.data, all);
        max_pool_pick<T>(e, spread, x, picked, room.data, all);
        each_window(
            [&](ptrdiff_t plane, ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
            {
                const ptrdiff_t at = plane + e.largest(x + plane, d, h, v);
                machine::check(std::memcmp(largest + o, x + at, sizeof(T)) == 0 && picked[o] == spread[at], "max pool %s %td",
                               name<T>, o);
                true_dx[static_cast<std::size_t>(at)] += g.at(o);
            });
        for (ptrdiff_t i = 0; i < x.size; ++i)
            machine::check(std::abs(dx.at(i) - true_dx[static_cast<std::size_t>(i)]) <= tolerance<T> &&
                               std::abs(spread.at(i) - even[static_cast<std::size_t>(i)]) <= tolerance<T>,
                           "gradient of pooling %s %td x %td: %td", name<T>, e.axis[1].in, e.axis[2].in, i);
    }

    template <class T>
    void pools()
    {
        pool_extents e;
        e.planes = 3;
        e.axis[1] = {9, 5, 3, 2, 1, 1, 10};
        e.axis[2] = {37, 19, 3, 2, 1, 1, 38};
        pool_case<T>(e);
        e.axis[0] = {5, 3, 3, 2, 1, 1, 6};
        pool_case<T>(e);
        e.axis[0] = {};
        for (const ptrdiff_t n : {2, 3, 4, 7, 8, 16, 17, 30, 33, 74}) // windows of 2x2, with and without a rest
            for (const ptrdiff_t rows : {2, 6, 7})
            {
                e.axis[1] = {rows, rows / 2, 2, 2, 1, 0, rows};
                e.axis[2] = {n, n / 2, 2, 2, 1, 0, n};
                pool_case<T>(e);
            }
        e.axis[1] = {4, 4, 1, 1, 1, 0, 4};
        for (const pool_axis& columns : {pool_axis{41, 20, 2, 2, 1, 0, 41}, pool_axis{29, 29, 3, 1, 1, 1, 30},
                                         pool_axis{40, 12, 3, 3, 2, 0, 40}, pool_axis{10, 4, 1, 1, 1, 0, 10, false, true}})
        {
            e.axis[2] = columns;
            pool_case<T>(e);
        }
    }
}

int main()
{
    machine::skip_if_too_weak();
    convolutions<float>();
    convolutions<double>();
    pools<float>();
    pools<double>();
    return machine::result();
}
