// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Layers, losses, initialisers.

#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/dropout_layer.hpp>
#include <xgrad/nn/embedding.hpp>
#include <xgrad/nn/functions.hpp>
#include <xgrad/nn/group_norm.hpp>
#include <xgrad/nn/initializers.hpp>
#include <xgrad/nn/instance_norm.hpp>
#include <xgrad/nn/layer_norm.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/prelu_layer.hpp>
#include <xgrad/nn/recurrent.hpp>
#include <xgrad/nn/recurrent_cell.hpp>
#include <xgrad/nn/rms_norm.hpp>
#include <xgrad/nn/sequential.hpp>
