// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench
{
    /// One library doing the work of a row.
    struct contestant
    {
        /// The library's, and if it takes part in several ways, a word for all but the first: "LibTorch", "LibTorch loop".
        std::string name;
        /// The work, once.
        std::function<void()> run;
        /// What the last run computed.
        std::function<std::vector<float>()> result;
        /// Goes back to the start of the work; called before every sample, and not timed.
        std::function<void()> prepare = [] {};
    };

    /// What a row measures; tables and charts are in this order.
    enum class kind
    {
        training,
        prediction,
        kernel
    };

    /// How a row's data move: bandwidth depends on it. What is updated is read and written in the same place.
    enum class traffic
    {
        read,
        copy,
        update
    };

    /// One piece of work that all contestants do.
    struct row
    {
        std::string name;
        bench::kind kind = kind::kernel;
        /// Floating-point operations that no way of doing the work can save; a function such as exp is one.
        double flops = 0;
        /// Bytes that have to be read and written at least.
        double bytes = 0;
        /// Bytes that are touched in all: they decide how near to the processor the data can stay.
        double working_set = 0;
        bench::traffic traffic = traffic::copy;
        /// The largest difference between results, relative to the largest number in them.
        double tolerance = 1e-4;
        /// The results of so many runs are compared.
        int compared_runs = 1;
        /// Whether its contestants share their work when they are given threads.
        bool shares = false;
        /// Makes the contestants when it is the row's turn: ours, and then the peers.
        std::function<std::vector<contestant>()> contestants;
    };

    /// All rows that the program was linked with.
    inline std::vector<row>& all_rows()
    {
        static std::vector<row> rows;
        return rows;
    }

    /// Adds a row: `const bool known = bench::add_row({..});`
    inline bool add_row(row added)
    {
        all_rows().push_back(std::move(added));
        return true;
    }

    /// Makes a contestant of some work, which it shares with the other contestants; one that cannot run takes no part.
    template <class Work>
    using maker = std::function<contestant(std::shared_ptr<const Work>)>;

    /// The peers that can do this kind of work.
    template <class Work>
    std::vector<maker<Work>>& peers_of()
    {
        static std::vector<maker<Work>> makers;
        return makers;
    }

    /// Adds a peer for all rows with this kind of work: `const bool known = bench::add_peer<bench::product>(make);`
    template <class Work>
    bool add_peer(maker<Work> make)
    {
        peers_of<Work>().push_back(std::move(make));
        return true;
    }

    /// The contestants of a row: ours, and every peer that can do this work.
    template <class Work>
    std::function<std::vector<contestant>()> contest(maker<Work> ours, std::function<Work()> make_work)
    {
        return [ours, make_work]
        {
            const auto work = std::make_shared<const Work>(make_work());
            std::vector<contestant> all{ours(work)};
            for (const auto& peer : peers_of<Work>())
                if (contestant one = peer(work); one.run)
                    all.push_back(std::move(one));
            return all;
        };
    }
}
