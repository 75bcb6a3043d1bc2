// SPDX-License-Identifier: BSD-3-Clause
// Every kernel against its definition, on the architecture that this file is compiled for.
#include "machine.hpp"

#include <xgrad/kernel/channel_norm.hpp>
#include <xgrad/kernel/convolution.hpp>
#include <xgrad/kernel/elementwise.hpp>
#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/pool.hpp>
#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/rows.hpp>
#include <xgrad/kernel/small_loop.hpp>
#include <xgrad/kernel/small_product.hpp>
#include <xgrad/kernel/small_reduce.hpp>
#include <xgrad/kernel/update.hpp>
#include <xgrad/kernel/winograd.hpp>

#include <memory>
#include <vector>

using namespace xgrad;
using namespace xgrad::kernel;
using std::ptrdiff_t;

namespace
{
    template <class T>
    constexpr const char* name = sizeof(T) == 4 ? "float" : "double";
    template <class T>
    constexpr double tolerance = 40. * static_cast<double>(std::numeric_limits<T>::epsilon());

    /// Numbers in [-1, 1) in a block of exactly their size.
    template <class T>
    struct numbers
    {
        ptrdiff_t size;
        std::unique_ptr<T[]> data;

        explicit numbers(ptrdiff_t size, std::uint32_t seed = 1) : size(size), data(new T[static_cast<std::size_t>(size)])
        {
            for (ptrdiff_t i = 0; i < size; ++i)
                data[i] = static_cast<T>(static_cast<double>((seed = seed * 1664525u + 1013904223u) >> 8) / 8388608.0 - 1);
        }
        operator T*() const { return data.get(); }
        double at(ptrdiff_t i) const { return static_cast<double>(data[i]); }
        tensor_ref as(const shape& s) const { return {address(data.get()), s}; }
    };

    template <class T>
    struct aligned
    {
        T* data;
        explicit aligned(std::size_t count)
            : data(static_cast<T*>(::operator new(count * sizeof(T) + 64, std::align_val_t(64))))
        {
        }
        aligned(const aligned&) = delete;
        ~aligned() { ::operator delete(data, std::align_val_t(64)); }
    };

    shape make(std::initializer_list<int> extents)
    {
        shape s;
        for (const int e : extents)
            s.extent[s.rank++] = e;
        return s;
    }

    template <class T>
    void gemm_case(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k)
    {
        const numbers<T> a(m * k, 1), b(k * n, 2), before(m * n, 3);
        aligned<T> room(gemm_workspace<T>(m, n, k));
        for (const int how : {0, 1, 2, 3, 4})
        {
            const bool turn_a = how & 1, turn_b = how & 2, add = how & 4;
            numbers<T> c(m * n, 3);
            gemm<T>(m, n, k, {a, turn_a ? m : k, turn_a}, {b, turn_b ? k : n, turn_b}, static_cast<T*>(c), n,
                    add ? write::accumulate : write::overwrite, room.data);
            double worst = 0;
            for (ptrdiff_t i = 0; i < m; ++i)
                for (ptrdiff_t j = 0; j < n; ++j)
                {
                    double sum = add ? before.at(i * n + j) : 0;
                    for (ptrdiff_t p = 0; p < k; ++p)
                        sum += a.at(turn_a ? p * m + i : i * k + p) * b.at(turn_b ? j * k + p : p * n + j);
                    worst = std::max(worst, std::abs(c.at(i * n + j) - sum));
                }
            machine::check(worst <= tolerance<T> * (1 + static_cast<double>(k) / 10), "gemm %s %td %td %td way %d: %g", name<T>,
                           m, n, k, how, worst);
        }
    }

    struct formula
    {
        constexpr auto operator()(const auto& a, const auto& b, const auto& c) const
        {
            return kernel::select(a < b, kernel::maximum(a, c) * b - c, kernel::abs(a) / (b * b + 1));
        }
    };
    struct is_less
    {
        constexpr auto operator()(const auto& a, const auto& b) const { return a < b && !(a == b); }
    };
    struct same
    {
        constexpr auto operator()(const auto& a) const { return a; }
    };

    template <class T>
    void loops(int n)
    {
        const shape space = make({3, n, 5}), row = make({n, 1}), last = make({5});
        const numbers<T> a(15 * n, 1), b(n, 2), c(5, 3), out(15 * n), total(3 * n), columns(5 * n);
        elementwise<formula, T, T, T, T>(out.as(space), {a.as(space), b.as(row), c.as(last)}).run(0, 15 * n);
        const std::unique_ptr<bool[]> less(new bool[static_cast<std::size_t>(15 * n)]);
        elementwise<is_less, bool, T, T>({address(less.get()), space}, {a.as(space), b.as(row)}).run(0, 15 * n);
        reduce<add_reduction, same, T, T>::run(total.as(make({3, n, 1})), space, {a.as(space)});
        reduce<max_reduction, same, T, T>::run(columns.as(make({1, n, 5})), space, {a.as(space)});
        double sum = 0;
        for (int i = 0; i < 15 * n; ++i)
        {
            const T x = a[i], y = b[i / 5 % n], z = c[i % 5];
            machine::check(std::abs(out.at(i) - static_cast<double>(formula{}(x, y, z))) <= tolerance<T>,
                           "elementwise %s %d: %d", name<T>, n, i);
            machine::check(less[static_cast<std::size_t>(i)] == (x < y), "comparison %s %d: %d", name<T>, n, i);
            sum = i % 5 == 0 ? a.at(i) : sum + a.at(i);
            if (i % 5 == 4)
                machine::check(std::abs(total.at(i / 5) - sum) <= tolerance<T>, "sum %s %d: %d", name<T>, n, i / 5);
            if (i < 5 * n)
                machine::check(columns[i] == std::max({a[i], a[i + 5 * n], a[i + 10 * n]}), "maximum %s %d: %d", name<T>, n, i);
        }
    }

    template <class T>
    void rows(int columns)
    {
        const int count = 7;
        const numbers<T> x(count * columns, 5), y(count * columns);
        std::vector<double> log_sums(count);
        softmax_rows<T>(x, y, count, columns, [](auto, auto) {});
        logsumexp_rows<T>(static_cast<const T*>(x), count, columns, [&](ptrdiff_t row, T largest, T sum)
                          { log_sums[static_cast<std::size_t>(row)] = static_cast<double>(largest + sum); });
        for (int r = 0; r < count; ++r)
        {
            const T* const row = x + r * columns;
            double sum = 0, mean = 0, squares = 0;
            for (int i = 0; i < columns; ++i)
            {
                sum += std::exp(static_cast<double>(row[i]));
                mean += static_cast<double>(row[i]) / columns;
            }
            for (int i = 0; i < columns; ++i)
            {
                squares += (static_cast<double>(row[i]) - mean) * (static_cast<double>(row[i]) - mean);
                machine::check(std::abs(y.at(r * columns + i) - std::exp(static_cast<double>(row[i])) / sum) <= tolerance<T>,
                               "softmax %s %d", name<T>, columns);
            }
            machine::check(std::abs(log_sums[static_cast<std::size_t>(r)] - std::log(sum)) <= tolerance<T>, "logsumexp %s %d",
                           name<T>, columns);
            const row_moments<T> moments(row, columns, T(1e-5));
            const double deviation = 1 / std::sqrt(squares / columns + static_cast<double>(T(1e-5)));
            machine::check(std::abs(static_cast<double>(moments.mean) - mean) <= tolerance<T> &&
                               std::abs(static_cast<double>(moments.inverse_deviation) / deviation - 1) <= tolerance<T>,
                           "moments %s %d", name<T>, columns);
        }
    }

    struct momentum
    {
        static constexpr std::array<std::string_view, 1> names{"velocity"};
        static constexpr int scalar_count = 2;
        template <class V>
        static constexpr void update(V& p, V g, std::array<V, 1>& state, const std::array<V, 2>& s)
        {
            state[0] = s[0] * state[0] + g;
            p = p - s[1] * state[0] / (kernel::sqrt(kernel::abs(state[0])) + V(1));
        }
    };

    template <class T>
    void optimizer()
    {
        const shape form = make({64});
        numbers<T> p(64, 1), g(64, 2), scalars(2, 3), v(64, 4);
        const numbers<T> p_before(64, 1), v_before(64, 4);
        const tensor_ref in[]{p.as(form), g.as(form), scalars.as(make({2})), v.as(form)};
        call c;
        c.in = in;
        c.count = 4;
        c.out = p.as(form);
        kernel::update<momentum, T>(c);
        for (int i = 0; i < 64; ++i)
        {
            const double state = scalars.at(0) * v_before.at(i) + g.at(i);
            const double expected = p_before.at(i) - scalars.at(1) * state / (std::sqrt(std::abs(state)) + 1);
            machine::check(std::abs(v.at(i) - state) <= tolerance<T> && std::abs(p.at(i) - expected) <= tolerance<T>,
                           "update %s %d", name<T>, i);
        }
        double squares = 0;
        for (int i = 0; i < 64; ++i)
            squares += p.at(i) * p.at(i);
        machine::check(std::abs(static_cast<double>(norm<T>(p, 64)) - std::sqrt(squares)) <= tolerance<T> * 4, "norm %s",
                       name<T>);
    }

    template <class T>
    void convolve(const convolution_extents& e)
    {
        const ptrdiff_t x_size = e.batch * e.groups * e.in_channels * e.in_size();
        const ptrdiff_t y_size = e.batch * e.groups * e.out_channels * e.out_size();
        const numbers<T> x(x_size, 1), w(e.groups * e.out_channels * e.depth(), 2), g(y_size, 3), y(y_size), dx(x_size),
            dw(w.size), filtered(y_size);
        std::vector<double> true_y(static_cast<std::size_t>(y_size)), true_dx(static_cast<std::size_t>(x_size)),
            true_dw(static_cast<std::size_t>(w.size));
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
            machine::check(worst <= factor * tolerance<T>, "%s %s, %td to %td channels: %g", what, name<T>, e.in_channels,
                           e.out_channels, worst);
        };
        aligned<T> room(static_cast<std::size_t>(
            std::max({convolution_workspace<T>(e), winograd_workspace(e), convolution_input_gradient_workspace<T>(e),
                      convolution_weight_gradient_workspace<T>(e)})));
        convolution<T>(e, x, w, y, room.data, all);
        const double minimal = sizeof(T) == 4 && winograd_extents::pays(e) ? 10 : 1; // filtered minimally, which rounds more
        compare(y, true_y, "convolution", minimal * terms(e.depth()));
        convolution_input_gradient<T>(e, g, w, dx, room.data, all);
        compare(dx, true_dx, "input gradient", minimal * terms(e.out_channels * e.taps()));
        convolution_weight_gradient<T>(e, g, x, dw, room.data, all);
        compare(dw, true_dw, "weight gradient", terms(e.batch * e.out_size()));
        if (winograd_extents::pays(e))
        {
            aligned<T> weights(static_cast<std::size_t>(winograd_extents(e).weights_size()));
            winograd_weights<T>(e, w, weights.data);
            winograd_convolution<T>(e, x, weights.data, filtered, room.data, all);
            compare(filtered, true_y, "winograd", 10 * terms(e.depth()));
        }
    }

    window_axis axis(ptrdiff_t in, ptrdiff_t taps, ptrdiff_t stride, ptrdiff_t padding)
    {
        return {in, (in + 2 * padding - taps) / stride + 1, taps, stride, 1, padding};
    }

    template <class T>
    void pools()
    {
        pool_extents e;
        e.planes = 3;
        e.axis[1] = {9, 5, 3, 2, 1, 1, 10};
        e.axis[2] = {37, 19, 3, 2, 1, 1, 38};
        const numbers<T> x(e.planes * e.in_size(), 1), largest(e.planes * e.out_size()), mean(e.planes * e.out_size());
        aligned<T> room(static_cast<std::size_t>(pool_workspace(e)));
        const auto all = [](auto, auto) {};
        pool<pool_max, T>(e, x, largest, room.data, all);
        pool<pool_mean, T>(e, x, mean, room.data, all);
        for (ptrdiff_t plane = 0; plane < e.planes; ++plane)
            e.each_output(
                [&](ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
                {
                    double most = -2, sum = 0;
                    e.each_input(d, h, v,
                                 [&](ptrdiff_t i)
                                 {
                                     most = std::max(most, x.at(plane * e.in_size() + i));
                                     sum += x.at(plane * e.in_size() + i);
                                 });
                    const ptrdiff_t at = plane * e.out_size() + o;
                    const auto seen = static_cast<double>(d.divisor * h.divisor * v.divisor);
                    machine::check(largest.at(at) == most, "max pool %s %td", name<T>, at);
                    machine::check(std::abs(mean.at(at) - sum / seen) <= tolerance<T>, "mean pool %s %td", name<T>, at);
                });
    }

    template <class T>
    void channels(int inner)
    {
        const int batch = 4, count = 5;
        const channel_extents e(make({batch, count, inner}));
        const numbers<T> x(batch * e.row(), 1), g(batch * e.row(), 2), mean(count), squares(count), plain(count),
            centred(count);
        const numbers<T> to(batch * e.row());
        aligned<T> room(static_cast<std::size_t>(e.workspace<T>(4)));
        channel_moments<T>(e, x, mean, squares, room.data);
        channel_sums<T>(e, g, x, mean, plain, centred, room.data);
        map_channels<T, 1>(
            e, static_cast<T*>(to), room.data, [&](ptrdiff_t c) { return std::array<T, 1>{mean[c]}; },
            [](const auto& k, const auto& v) { return v - k[0]; }, [](auto, auto) {}, static_cast<const T*>(x));
        for (int c = 0; c < count; ++c)
        {
            double sums[4]{};
            const auto each = [&](auto&& body)
            {
                for (int n = 0; n < batch; ++n)
                    for (int k = 0; k < inner; ++k)
                        body(n * e.row() + c * inner + k);
            };
            each([&](ptrdiff_t i) { sums[0] += x.at(i) / static_cast<double>(e.count()); });
            each(
                [&](ptrdiff_t i)
                {
                    sums[1] += (x.at(i) - sums[0]) * (x.at(i) - sums[0]);
                    sums[2] += g.at(i);
                    sums[3] += g.at(i) * (x.at(i) - sums[0]);
                    machine::check(to[i] == x[i] - mean[c], "channels mapped %s %d", name<T>, inner);
                });
            const double ours[4]{mean.at(c), squares.at(c), plain.at(c), centred.at(c)};
            for (int k = 0; k < 4; ++k)
                machine::check(std::abs(ours[k] - sums[k]) <= 4 * tolerance<T> * (1 + std::abs(sums[k])),
                               "channels %s %d: number %d is %g, not %g", name<T>, inner, k, ours[k], sums[k]);
        }
    }

    template <class T, int M, int N, int K, bool TransposedA, bool TransposedB>
    void small_product()
    {
        const numbers<T> a(M * K, 1), b(K * N, 2), c(M * N);
        small::product<M, N, K, TransposedA, TransposedB>(a.data.get(), b.data.get(), c.data.get());
        for (int i = 0; i < M; ++i)
            for (int j = 0; j < N; ++j)
            {
                double sum = 0;
                for (int p = 0; p < K; ++p)
                    sum += a.at(TransposedA ? p * M + i : i * K + p) * b.at(TransposedB ? j * K + p : p * N + j);
                machine::check(std::abs(c.at(i * N + j) - sum) <= K * tolerance<T>, "small product %s %d x %d x %d", name<T>, M,
                               N, K);
            }
    }

    // loops of constant extents: rows that fill vectors, that lie in one several times, that leave a rest
    template <class T, int Rows, int Columns>
    void small_loops()
    {
        using small::lie;
        const auto f = [](const auto& a, const auto& b, const auto& c, const auto& d) { return a * b + c - d; };
        const numbers<T> x(Rows * Columns, 1), factor(1, 2), row(Columns, 3), column(Rows, 4), to(Rows * Columns),
            sums(Columns);
        small::loop<decltype(f), T, Rows, Columns, lie::whole, lie::one, lie::row, lie::column>::run(
            to.data.get(), x.data.get(), factor.data.get(), row.data.get(), column.data.get());
        small::reduce_columns<add_reduction, Rows, Columns>(x.data.get(), sums.data.get());
        for (int j = 0; j < Columns; ++j)
        {
            double sum = 0;
            for (int i = 0; i < Rows; ++i)
            {
                sum += x.at(i * Columns + j);
                const double exact = x.at(i * Columns + j) * factor.at(0) + row.at(j) - column.at(i);
                machine::check(std::abs(to.at(i * Columns + j) - exact) <= tolerance<T>, "small loop %s %d x %d", name<T>, Rows,
                               Columns);
            }
            machine::check(std::abs(sums.at(j) - sum) <= Rows * tolerance<T>, "small sums %s %d x %d", name<T>, Rows, Columns);
        }
    }

    template <class T>
    void small_kernels()
    {
        small_product<T, 1, 40, 16, false, true>();
        small_product<T, 1, 37, 5, false, false>();
        small_product<T, 13, 2, 16, false, true>();
        small_product<T, 16, 2, 9, true, false>();
        small_product<T, 9, 25, 7, true, true>();
        small_loops<T, 16, 2>();
        small_loops<T, 7, 4>();
        small_loops<T, 3, 37>();
    }

    template <class T>
    void everything()
    {
        for (const ptrdiff_t m : {1, 2, 3, 5, 8, 9, 13})
            for (const ptrdiff_t n : {1, 2, 4, 7, 8, 16, 17, 33})
                for (const ptrdiff_t k : {1, 2, 7, 32, 67})
                    gemm_case<T>(m, n, k);
        gemm_case<T>(64, 100, 260); // packed
        gemm_case<T>(140, 97, 300); // several blocks
        gemm_case<T>(17, 129, 16);
        for (const int n : {1, 2, 3, 4, 8, 17, 64, 67})
        {
            loops<T>(n);
            rows<T>(n);
            channels<T>(n);
        }
        rows<T>(300);
        optimizer<T>();
        const window_axis none;
        convolve<T>({2, 1, 5, 9, {none, axis(13, 3, 1, 1), axis(11, 3, 1, 1)}});
        convolve<T>({1, 1, 3, 20, {none, axis(30, 7, 2, 3), axis(31, 7, 2, 3)}});
        convolve<T>({2, 1, 6, 7, {none, axis(5, 1, 1, 0), axis(7, 1, 1, 0)}});
        convolve<T>({1, 2, 3, 4, {axis(4, 3, 1, 1), axis(5, 2, 2, 0), axis(6, 3, 2, 1)}});
        convolve<T>({2, 5, 1, 1, {none, axis(9, 3, 1, 1), axis(37, 3, 1, 1)}});
        convolve<T>({1, 5, 1, 1, {none, axis(10, 3, 2, 1), axis(12, 5, 2, 2)}});
        convolve<T>({1, 1, 33, 34, {none, axis(13, 3, 1, 1), axis(14, 3, 1, 1)}});
        pools<T>();
        small_kernels<T>();
    }
}

int main()
{
    machine::skip_if_too_weak();
    everything<float>();
    everything<double>();
    return machine::result();
}
