// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Optimizers, schedules, the training step.

#include <xgrad/optim/adam.hpp>
#include <xgrad/optim/clip.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/optim/schedule.hpp>
#include <xgrad/optim/sgd.hpp>
#include <xgrad/optim/training.hpp>
#include <xgrad/optim/updates.hpp>
