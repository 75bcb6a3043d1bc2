#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the networks of the prediction rows with one set of random weights, for everybody who takes part.

    bench/networks/export.py FOLDER NETWORK...

NETWORK is a function of torchvision.models; FOLDER gets NETWORK.safetensors for xgrad, NETWORK.pt (TorchScript) for LibTorch
and NETWORK.onnx for onnxruntime. Needs Debian's python3-torchvision.
"""
import pathlib
import sys
import warnings

import torch
import torchvision

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs"))
import torch_to_safetensors  # noqa: E402


def trained_like(net):
    """Batch norms near the identity, but not at it: nobody may leave them out."""
    with torch.no_grad():
        for layer in net.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                for scale in (layer.weight, layer.running_var):
                    scale.uniform_(0.8, 1.2)
                for shift in (layer.bias, layer.running_mean):
                    shift.uniform_(-0.1, 0.1)
    return net.eval()


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        torch.manual_seed(1)
        net = trained_like(getattr(torchvision.models, name)())
        image = torch.zeros(1, 3, 224, 224)
        torch.jit.trace(net, image).save(str(folder / f"{name}.pt"))
        torch.onnx.export(net, image, str(folder / f"{name}.onnx"), opset_version=13, input_names=["image"],
                          output_names=["logits"])
        torch_to_safetensors.write(net.state_dict(), folder / f"{name}.safetensors")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")  # this PyTorch warns of itself
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
