// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

namespace bench
{
    /// A character-level language model: letters, an LSTM, letters again; text and what follows it [time, batch].
    struct letters
    {
        static constexpr int alphabet = 64, width = 128, time = 64, batch = 32;

        std::vector<std::int32_t> text, following;
        /// letter [alphabet, width]; weight_ih, weight_hh, bias_ih, bias_hh; next [alphabet, width], bias.
        std::vector<numbers> parameters;

        letters()
        {
            for (const float x : random_numbers(2 * time * batch))
                (text.size() < time * batch ? text : following).push_back(static_cast<std::int32_t>((x + 1) / 2 * alphabet));
            const float scale = 1 / std::sqrt(static_cast<float>(width));
            for (const int count :
                 {alphabet * width, 4 * width * width, 4 * width * width, 4 * width, 4 * width, alphabet * width, alphabet})
                parameters.push_back(random_numbers(static_cast<std::size_t>(count), scale));
        }

        static double parameter_count() { return 2. * alphabet * width + 8. * width * width + 8. * width + alphabet; }
        /// Three products for each matrix and letter.
        static double flops() { return 3. * 2 * time * batch * (8. * width * width + alphabet * width); }
    };

    /// One training step with Adam, the layer's way; its result is the loss.
    struct letters_layer : letters
    {
    };

    /// One training step with Adam, a plain loop over cells; its result is the loss.
    struct letters_loop : letters
    {
    };

    /// h = h + x, of one number and recorded for a gradient; its result is h.
    struct many_sums
    {
        static constexpr int count = 1000;
    };

    /// A plain loop over a tanh cell of 16 numbers, and its gradient: h' = tanh(x W^T + a + h U^T + b), the sum of the last
    /// state's squares. Its result is the gradient of U.
    struct small_loop
    {
        static constexpr int width = 16, time = 32;
        numbers x = random_numbers(time * width);
        /// W, U, a, b.
        std::vector<numbers> parameters{random_numbers(width * width, 0.25f), random_numbers(width* width, 0.25f),
                                        random_numbers(width, 0.25f), random_numbers(width, 0.25f)};
    };

    /// One number in, one out: a recurrent cell that keeps its state from sample to sample, and a linear layer to one number,
    /// which is the result. A run is one sample; the samples are gone through again and again.
    struct stream
    {
        int width, gates;
        numbers samples = random_numbers(64);
        /// weight_ih [gates * width, 1], weight_hh, bias_ih, bias_hh; weight [1, width], bias.
        std::vector<numbers> parameters;

        stream(int w, int g) : width(w), gates(g)
        {
            const float scale = 1 / std::sqrt(static_cast<float>(width));
            for (const int count : {gates * width, gates * width * width, gates * width, gates * width, width, 1})
                parameters.push_back(random_numbers(static_cast<std::size_t>(count), scale));
        }

        double parameter_count() const { return gates * width * (width + 3.) + width + 1; }
        double flops() const { return 2. * gates * width * (width + 1) + 2 * width; }
    };
    struct lstm_stream : stream
    {
        explicit lstm_stream(int w) : stream(w, 4) {}
    };
    struct gru_stream : stream
    {
        explicit gru_stream(int w) : stream(w, 3) {}
    };
}
