// SPDX-License-Identifier: BSD-3-Clause
// Products, loops, rows and channels against their definitions, on the architecture that this file is compiled for.
#include "numbers.hpp"

#include <xgrad/kernel/channel_norm.hpp>
#include <xgrad/kernel/elementwise.hpp>
#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/limits.hpp>
#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/rows.hpp>
#include <xgrad/kernel/small_loop.hpp>
#include <xgrad/kernel/small_product.hpp>
#include <xgrad/kernel/small_reduce.hpp>
#include <xgrad/kernel/softmax_rows.hpp>
#include <xgrad/kernel/update.hpp>

#include <cstring>
#include <limits>
#include <vector>

namespace
{
    // all transpositions, written and added to; rows are `gap` longer than they seem, and what is between them is left alone
    template <class T>
    void gemm_case(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t gap)
    {
        const auto size = [=](ptrdiff_t rows, ptrdiff_t columns) { return (rows - 1) * (columns + gap) + columns; };
        const ptrdiff_t to = n + gap;
        const numbers<T> before(size(m, n), 3);
        aligned<T> room(gemm_workspace<T>(m, n, k));
        for (int how = 0; how < 8; ++how)
        {
            const bool turn_a = how & 1, turn_b = how & 2, add = how & 4;
            const numbers<T> a(turn_a ? size(k, m) : size(m, k), 1), b(turn_b ? size(n, k) : size(k, n), 2), c(size(m, n), 3);
            const ptrdiff_t row_a = (turn_a ? m : k) + gap, row_b = (turn_b ? k : n) + gap;
            gemm<T>(m, n, k, {a, row_a, turn_a}, {b, row_b, turn_b}, static_cast<T*>(c), to,
                    add ? write::accumulate : write::overwrite, room.data);
            double worst = 0;
            bool others = true;
            for (ptrdiff_t i = 0; i < m; ++i)
            {
                for (ptrdiff_t j = 0; j < n; ++j)
                {
                    double sum = add ? before.at(i * to + j) : 0;
                    for (ptrdiff_t p = 0; p < k; ++p)
                        sum += a.at(turn_a ? p * row_a + i : i * row_a + p) * b.at(turn_b ? j * row_b + p : p * row_b + j);
                    worst = std::max(worst, std::abs(c.at(i * to + j) - sum));
                }
                for (ptrdiff_t j = i * to + n; j < std::min((i + 1) * to, c.size); ++j)
                    others = others && c[j] == before[j];
            }
            machine::check(worst <= tolerance<T> * (1 + static_cast<double>(k) / 10), "gemm %s %td %td %td way %d: %g", name<T>,
                           m, n, k, how, worst);
            machine::check(others, "gemm %s %td %td %td way %d: writes between rows", name<T>, m, n, k, how);
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
            [](const auto& k, const auto& v) { return v - k[0]; }, [](auto, auto) {}, nullptr, static_cast<const T*>(x));
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
        small::product<M, N, K, TransposedA, TransposedB, small::full_width<T>>(a.data.get(), b.data.get(), c.data.get());
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
        small::loop<decltype(f), T, Rows, Columns, small::full_width<T>, lie::whole, lie::one, lie::row, lie::column>::run(
            to.data.get(), x.data.get(), factor.data.get(), row.data.get(), column.data.get());
        small::reduce_columns<add_reduction, Rows, Columns, small::full_width<T>>(x.data.get(), sums.data.get());
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

    // lanes and one number, NaN and the zeros among them: the same bits
    template <class T>
    void limits()
    {
        using batch = xsimd::batch<T, kernel::default_arch>;
        const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
        for (const T x : {nan, T(-0.0), T(0), T(-3), T(0.5), T(7), infinity, -infinity})
            for (const T low : {T(0), T(-2), -infinity})
            {
                const T high = low == -infinity ? infinity : low + 6;
                T lanes[3][batch::size];
                kernel::at_least(batch(x), batch(low)).store_unaligned(lanes[0]);
                kernel::at_most(batch(x), batch(high)).store_unaligned(lanes[1]);
                kernel::clamp(batch(x), batch(low), batch(high)).store_unaligned(lanes[2]);
                const T expected[]{x < low ? low : x, x > high ? high : x, x < low ? low : x > high ? high : x};
                for (int k = 0; k < 3; ++k)
                    machine::check(std::memcmp(lanes[k], expected + k, sizeof(T)) == 0 ||
                                       (std::isnan(x) && std::isnan(lanes[k][0])),
                                   "limits %s %d: %g", name<T>, k, static_cast<double>(x));
            }
    }

    template <class T>
    void everything()
    {
        for (const ptrdiff_t m : {1, 2, 3, 5, 8, 9, 13})
            for (const ptrdiff_t n : {1, 2, 4, 7, 8, 16, 17, 33})
                for (const ptrdiff_t k : {1, 2, 7, 32, 67})
                    gemm_case<T>(m, n, k, 3 * (k % 2));
        gemm_case<T>(64, 100, 260, 0); // packed
        gemm_case<T>(140, 97, 300, 5); // several blocks
        gemm_case<T>(17, 129, 16, 3);
        gemm_case<T>(9, 250, 70, 1);
        for (const ptrdiff_t n : {32, 61, 64, 125, 128, 256}) // a row in registers
            gemm_case<T>(1, n, 19, 2);
        gemm_case<T>(7, 5, 1100, 1); // dot products in blocks
        for (const int n : {1, 2, 3, 4, 8, 17, 64, 67})
        {
            loops<T>(n);
            rows<T>(n);
            channels<T>(n);
        }
        rows<T>(300);
        limits<T>();
        optimizer<T>();
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
