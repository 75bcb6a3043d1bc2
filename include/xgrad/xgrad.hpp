// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// xgrad: neural networks that the compiler builds. Datasets, checkpoints and reports have headers of their own.

#include <xgrad/nn/nn.hpp>
#include <xgrad/op/op.hpp>
#include <xgrad/optim/optim.hpp>
#include <xgrad/plan/plans.hpp>
