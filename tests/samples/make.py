#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the files in this folder: weights as PyTorch's and NumPy's users have them, and small pictures.

    /usr/bin/python3 tests/samples/make.py        (Debian's python3-torch, python3-numpy and python3-pil)
"""
import pathlib
import sys

import numpy
import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "docs"))
import torch_to_safetensors


def numbers(*shape):
    """0, 0.5, -1, 1.5, ..: exact in half precision and in bfloat16."""
    count = int(numpy.prod(shape))
    values = (torch.arange(count) % 64) * 0.5
    return (values * (1 - 2 * (torch.arange(count) // 2 % 2))).reshape(shape)


def weights():
    net = torch.nn.Sequential()
    net.add_module("hidden", torch.nn.Linear(3, 4))
    net.add_module("norm", torch.nn.BatchNorm1d(4))
    net.add_module("output", torch.nn.Linear(4, 2))
    state = {name: numbers(*tensor.shape) if tensor.is_floating_point() else tensor + 7
             for name, tensor in net.state_dict().items()}
    torch.save(state, here / "float.pt")
    torch_to_safetensors.write(state, here / "float.safetensors")
    (here / "float.pt").unlink()
    mixed = dict(state)
    for name, dtype in zip(sorted(state), [torch.float16, torch.bfloat16, torch.float64] * 4):
        if mixed[name].is_floating_point():
            mixed[name] = mixed[name].to(dtype)
    torch_to_safetensors.write(mixed, here / "mixed.safetensors")

    arrays = {name: tensor.numpy() for name, tensor in state.items() if tensor.is_floating_point()}
    numpy.savez(here / "stored.npz", **arrays)
    arrays["hidden.weight"] = numpy.asfortranarray(arrays["hidden.weight"].astype("<f8"))
    arrays["hidden.bias"] = arrays["hidden.bias"].astype("<f2")
    numpy.savez_compressed(here / "deflated.npz", **arrays)

    numpy.save(here / "columns.npy", numpy.asfortranarray(numpy.arange(24, dtype="<i4").reshape(2, 3, 4)))
    numpy.save(here / "scalar.npy", numpy.float32(2.5))


weights()
