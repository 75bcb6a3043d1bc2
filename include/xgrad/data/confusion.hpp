// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <ostream>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Counts which class is taken for which: row = the true class, column = the one that was guessed.
    class confusion_matrix
    {
    public:
        explicit confusion_matrix(std::size_t classes) : counts_(classes, std::vector<int>(classes)) {}

        /// Counts a batch: integer labels and guesses, equally many.
        void add(const auto& labels, const auto& guesses)
        {
            if (labels.size() != guesses.size())
                throw range_error("confusion_matrix: " + std::to_string(labels.size()) + " labels, but " +
                                  std::to_string(guesses.size()) + " guesses");
            auto guess = guesses.begin();
            for (const auto label : labels)
                ++counts_.at(static_cast<std::size_t>(label)).at(static_cast<std::size_t>(*guess++));
        }

        const std::vector<std::vector<int>>& counts() const { return counts_; }

        /// The share of right guesses, in percent.
        double accuracy() const
        {
            double right = 0, all = 0;
            for (std::size_t label = 0; label < counts_.size(); ++label)
            {
                right += counts_[label][label];
                all += total(label);
            }
            return all > 0 ? 100 * right / all : 0;
        }

        /// The share of right guesses among the items of one class, in percent.
        double accuracy(std::size_t label) const
        {
            return total(label) > 0 ? 100.0 * counts_.at(label)[label] / total(label) : 0;
        }

        /// Prints a bar for each class.
        void print(std::ostream& out, const std::vector<std::string>& classes) const
        {
            std::size_t width = 0;
            for (const std::string& name : classes)
                width = std::max(width, name.size());
            for (std::size_t label = 0; label < counts_.size(); ++label)
            {
                const auto length = static_cast<std::size_t>(accuracy(label) / 2 + 0.5);
                out << std::setw(static_cast<int>(width)) << classes.at(label) << ' ' << std::string(length, '#')
                    << std::string(50 - length, '.') << ' ' << accuracy(label) << " %\n";
            }
        }

    private:
        double total(std::size_t label) const
        {
            double sum = 0;
            for (const int count : counts_.at(label))
                sum += count;
            return sum;
        }

        std::vector<std::vector<int>> counts_;
    };
}
