// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All operations.

#include <xgrad/op/abs.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/argmax.hpp>
#include <xgrad/op/cast.hpp>
#include <xgrad/op/clamp.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/concatenate.hpp>
#include <xgrad/op/cross_entropy.hpp>
#include <xgrad/op/divide.hpp>
#include <xgrad/op/dropout.hpp>
#include <xgrad/op/erf.hpp>
#include <xgrad/op/exp.hpp>
#include <xgrad/op/gather.hpp>
#include <xgrad/op/gelu.hpp>
#include <xgrad/op/gelu_tanh.hpp>
#include <xgrad/op/gradient.hpp>
#include <xgrad/op/identity.hpp>
#include <xgrad/op/log.hpp>
#include <xgrad/op/logsumexp.hpp>
#include <xgrad/op/matmul.hpp>
#include <xgrad/op/max.hpp>
#include <xgrad/op/maximum.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/minimum.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/negative.hpp>
#include <xgrad/op/one_hot.hpp>
#include <xgrad/op/pow.hpp>
#include <xgrad/op/relu.hpp>
#include <xgrad/op/reshape.hpp>
#include <xgrad/op/sigmoid.hpp>
#include <xgrad/op/sign.hpp>
#include <xgrad/op/silu.hpp>
#include <xgrad/op/slice.hpp>
#include <xgrad/op/softmax.hpp>
#include <xgrad/op/softplus.hpp>
#include <xgrad/op/sqrt.hpp>
#include <xgrad/op/square.hpp>
#include <xgrad/op/subtract.hpp>
#include <xgrad/op/sum.hpp>
#include <xgrad/op/tanh.hpp>
#include <xgrad/op/transpose.hpp>
#include <xgrad/op/where.hpp>
