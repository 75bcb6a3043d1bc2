// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

#include <cstdint>
#include <vector>

namespace bench
{
    /// One training step with AdamW of a small transformer that continues text: learned positions, blocks with the norm first,
    /// causal attention, gelu. Its result is the loss.
    struct gpt_training
    {
        static constexpr int alphabet = 65, time = 64, width = 128, heads = 4, blocks = 4, batch = 8;
        static constexpr double learning_rate = 1e-3, weight_decay = 0.01;

        /// [batch, time]
        std::vector<std::int32_t> text, following;
        /// letter [alphabet, width], position [time, width]; of each block the first norm's weight and bias, query, key and value
        /// [3 width, width] and bias, projection [width, width] and bias, the second norm's, up [4 width, width] and bias, down
        /// [width, 4 width] and bias; the last norm's; next [alphabet, width] and bias.
        std::vector<numbers> parameters;

        gpt_training()
        {
            for (const float x : random_numbers(2 * time * batch))
                (text.size() < time * batch ? text : following).push_back(static_cast<std::int32_t>((x + 1) / 2 * alphabet));
            const auto add = [&](std::size_t count) { parameters.push_back(random_numbers(count, 0.1f)); };
            const auto norm = [&]
            {
                parameters.push_back(numbers(width, 1.f));
                add(width);
            };
            add(alphabet * width);
            add(time * width);
            for (int block = 0; block < blocks; ++block)
            {
                norm();
                for (const int outputs : {3 * width, width})
                {
                    add(static_cast<std::size_t>(outputs * width));
                    add(static_cast<std::size_t>(outputs));
                }
                norm();
                for (const int outputs : {4 * width, width})
                {
                    add(4 * width * width);
                    add(static_cast<std::size_t>(outputs));
                }
            }
            norm();
            add(alphabet * width);
            add(alphabet);
        }

        static double parameter_count()
        {
            return blocks * (12. * width * width + 13 * width) + (2. * alphabet + time + 2) * width + alphabet;
        }
        /// Products alone, three for each that predicts; of attention only the half that is seen.
        static double flops()
        {
            const double token = blocks * (12. * width * width + time * width) + alphabet * width;
            return 3. * 2 * batch * time * token;
        }
    };
}
