// SPDX-License-Identifier: BSD-3-Clause
#include "measure.hpp"

#include "stopwatch.hpp"

#include <xgrad/io/markup.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench
{
    namespace
    {
        using xg::io::number_text;

        std::vector<float> results_of(const contestant& c, int runs)
        {
            std::vector<float> all;
            c.prepare();
            for (int i = 0; i < runs; ++i)
            {
                c.run();
                const std::vector<float> one = c.result();
                all.insert(all.end(), one.begin(), one.end());
            }
            return all;
        }

        double difference(const std::vector<float>& a, const std::vector<float>& b)
        {
            if (a.size() != b.size())
                throw std::runtime_error("results of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                                         " numbers");
            double largest = 0, apart = 0;
            for (std::size_t i = 0; i < a.size(); ++i)
            {
                if (!std::isfinite(a[i]) || !std::isfinite(b[i]))
                    throw std::runtime_error("results that are not finite");
                largest = std::max({largest, std::abs(double(a[i])), std::abs(double(b[i]))});
                apart = std::max(apart, std::abs(double(a[i]) - double(b[i])));
            }
            if (largest == 0)
                throw std::runtime_error("results that are all zero");
            return apart / largest;
        }

        void compare(const row& work, const std::vector<contestant>& contestants, std::vector<timing>& timings)
        {
            const std::vector<float> ours = results_of(contestants[0], work.compared_runs);
            for (std::size_t i = 0; i < contestants.size(); ++i)
            {
                const double apart =
                    i == 0 ? difference(ours, ours) : difference(ours, results_of(contestants[i], work.compared_runs));
                timings[i].difference = apart;
                if (apart > work.tolerance)
                    throw std::runtime_error("the result of " + contestants[i].name + " differs from ours by " +
                                             number_text(apart, 2) + ", more than " + number_text(work.tolerance, 2));
            }
        }

        // Processor time that threads other than this one took.
        double seconds_elsewhere() { return processor_seconds(CLOCK_PROCESS_CPUTIME_ID) - processor_seconds(); }

        void take_samples(const std::vector<contestant>& contestants, std::vector<timing>& timings, double seconds)
        {
            const std::size_t count = contestants.size();
            for (std::size_t i = 0; i < count; ++i)
            {
                contestants[i].prepare();
                timings[i].repetitions = repetitions_for(contestants[i].run);
            }
            constexpr std::size_t fewest = 5;
            std::vector<std::vector<double>> samples(count);
            const stopwatch total;
            while (samples[0].size() < fewest || total.seconds() < seconds)
                for (std::size_t i = 0; i < count; ++i)
                {
                    contestants[i].prepare();
                    contestants[i].run(); // the one before it has taken the caches
                    samples[i].push_back(seconds_of(contestants[i].run, timings[i].repetitions));
                }
            for (std::size_t i = 0; i < count; ++i)
            {
                std::sort(samples[i].begin(), samples[i].end());
                const auto at = [&](double part)
                { return samples[i][static_cast<std::size_t>(part * static_cast<double>(samples[i].size() - 1) + 0.5)]; };
                timings[i].lower = at(0.25);
                timings[i].median = at(0.5);
                timings[i].upper = at(0.75);
                timings[i].samples = static_cast<int>(samples[i].size());
            }
        }
    }

    double outcome::ratio(const std::string& peer) const
    {
        for (const timing& t : timings)
            if (t.name == peer)
                return t.median / timings[0].median;
        return 0;
    }

    outcome measure(const row& work, const limits& machine, double seconds)
    {
        outcome found{work, floor_of(work, machine), {}, {}};
        try
        {
            const std::vector<contestant> contestants = work.contestants();
            std::vector<timing> timings(contestants.size());
            for (std::size_t i = 0; i < contestants.size(); ++i)
                timings[i].name = contestants[i].name;
            const double before = seconds_elsewhere();
            const stopwatch total;
            compare(work, contestants, timings);
            take_samples(contestants, timings, seconds);
            if (threads() == 1 && seconds_elsewhere() - before > 0.05 * total.seconds())
                throw std::runtime_error("a contestant used more than one thread");
            found.timings = timings;
        }
        catch (const std::exception& e)
        {
            found.failure = e.what();
        }
        return found;
    }
}
