// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A convolution and its two gradients.
#include <xgrad/kernel/convolution_forward.hpp>
#include <xgrad/kernel/convolution_input_gradient.hpp>
#include <xgrad/kernel/convolution_weight_gradient.hpp>
