// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Networks, predictions, plans.

#include <xgrad/plan/compiled.hpp>
#include <xgrad/plan/evaluate.hpp>
#include <xgrad/plan/gradient_check.hpp>
#include <xgrad/plan/network.hpp>
#include <xgrad/plan/prediction.hpp>
#include <xgrad/plan/print.hpp>
#include <xgrad/plan/recompute.hpp>
#include <xgrad/plan/tape.hpp>
