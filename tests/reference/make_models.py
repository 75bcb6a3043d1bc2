#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes models.safetensors with torchvision's networks (Debian's python3-torchvision, 0.14).

    /usr/bin/python3 tests/reference/make_models.py

The weights are not stored: both sides make them from the tensors' names (`numbers` below, models/weights.hpp in C++).
Entries: <model>/logits of two images of 64 x 64 pixels; for resnet18 in training mode resnet18/loss of labels 3 and 7, and
resnet18/<name>, the length of that parameter's gradient and its first 8 elements.
"""
import pathlib

import make
import numpy as np
import torch
import torchvision

torch.set_default_dtype(torch.float32)
torch.set_num_threads(1)


def numbers(name, count):
    """Numbers in [-1, 1) from a hash of the name and the place."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    x = (np.arange(count, dtype=np.uint32) + np.uint32(seed)) * np.uint32(2654435761)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(2246822519)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(3266489917)
    return ((x >> np.uint32(8)).astype(np.float64) / 2**23 - 1).astype(np.float32)


def values(name, shape):
    """Weights that keep signals at one size; batch norms near the identity."""
    x = numbers(name, int(np.prod(shape)))
    if len(shape) > 1:
        x = x * np.float32(np.sqrt(6 / np.prod(shape[1:])))
    elif name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        x = 1 + np.float32(0.2) * x
    else:
        x = np.float32(0.1) * x
    return torch.from_numpy(x.reshape(shape))


def fill(model):
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.dtype == torch.float32:
                tensor.copy_(values(name, tensor.shape))
    return model


images = torch.from_numpy(numbers("images", 2 * 3 * 64 * 64).reshape(2, 3, 64, 64))
entries = {}
models = {"resnet18": torchvision.models.resnet18, "resnet50": torchvision.models.resnet50,
          "mobilenet_v2": torchvision.models.mobilenet_v2, "vgg11": torchvision.models.vgg11,
          "squeezenet": torchvision.models.squeezenet1_0}
for name, build in models.items():
    with torch.no_grad():
        entries[f"{name}/logits"] = fill(build()).eval()(images).double()

model = fill(torchvision.models.resnet18()).train().double()  # batch norm over 8 numbers amplifies rounding
loss = torch.nn.functional.cross_entropy(model(images.double()), torch.tensor([3, 7]))
loss.backward()
entries["resnet18/loss"] = loss.detach().double()
for name, parameter in model.named_parameters():
    g = parameter.grad.double().flatten()
    entries[f"resnet18/{name}"] = torch.cat([g.norm().reshape(1), g[:8]])
for name in ("bn1.running_mean", "layer4.1.bn2.running_var"):
    entries[f"resnet18/{name}"] = model.state_dict()[name].double()[:8]
make.save("models", entries)
