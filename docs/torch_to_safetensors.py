#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turns a PyTorch state_dict into a safetensors file that xgrad loads, with nothing but PyTorch itself.

    docs/torch_to_safetensors.py model.pt model.safetensors [--key state_dict] [--strip module.] [--list]

model.pt is what torch.save wrote: a state_dict, or a dictionary that holds one ("state_dict", "model" and the like are
found without --key). No code in the file is run. From Python: import torch_to_safetensors; write(model.state_dict(), path).
"""
import argparse
import json
import os
import pickle
import struct
import sys

import torch

TYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}
SAME_SIZE = {8: torch.int64, 4: torch.int32, 2: torch.int16, 1: torch.uint8}


def raw(tensor):
    """The tensor's bytes, row by row; NumPy has no bfloat16, so every type goes through an integer of its size."""
    tensor = tensor.detach().cpu().contiguous().flatten()
    if tensor.dtype == torch.bool:
        tensor = tensor.to(torch.uint8)
    return tensor.view(SAME_SIZE[tensor.element_size()]).numpy().tobytes()


def write(state_dict, path):
    """Writes the tensors of a state_dict, larger element types first so that all are aligned."""
    unknown = [f"{name} ({type(t).__name__} {getattr(t, 'dtype', '')})" for name, t in state_dict.items()
               if not torch.is_tensor(t) or t.dtype not in TYPES]
    if unknown:
        raise ValueError("safetensors has no type for: " + ", ".join(unknown))
    names = sorted(state_dict, key=lambda name: -state_dict[name].element_size())
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name in names:
        size = state_dict[name].numel() * state_dict[name].element_size()
        header[name] = {"dtype": TYPES[state_dict[name].dtype], "shape": list(state_dict[name].shape),
                        "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            file.write(raw(state_dict[name]))
    os.replace(f"{path}.part", path)


def find_state_dict(loaded, key=None):
    """The dictionary of tensors in what a file holds."""
    if hasattr(loaded, "state_dict"):
        loaded = loaded.state_dict()
    if key is not None:
        for part in key.split("."):
            loaded = loaded[part]
        return loaded
    if isinstance(loaded, dict) and not any(torch.is_tensor(t) for t in loaded.values()):
        inner = {k: v for k, v in loaded.items() if isinstance(v, dict) and any(torch.is_tensor(t) for t in v.values())}
        for usual in ("state_dict", "model_state_dict", "model", "net", "weights"):
            if usual in inner:
                return inner[usual]
        if len(inner) == 1:
            return next(iter(inner.values()))
        raise ValueError(f"which of {sorted(inner)} is the state_dict? Say --key" if inner else "there are no tensors in it")
    return loaded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--key", help="where the state_dict is in the file: model.ema")
    parser.add_argument("--strip", default="", help="the beginning of names to drop: module.")
    parser.add_argument("--list", action="store_true", help="print names, types and shapes")
    given = parser.parse_args()
    try:
        tensors = find_state_dict(torch.load(given.source, map_location="cpu", weights_only=True), given.key)
        tensors = {name[len(given.strip):] if name.startswith(given.strip) else name: t for name, t in tensors.items()}
        write(tensors, given.target)
    except pickle.UnpicklingError:
        sys.exit(f"{given.source}: holds more than tensors, and code in it is not run; save model.state_dict() instead")
    except Exception as error:  # a sentence instead of a trace: the user is no Python programmer
        sys.exit(f"{given.source}: {error}")
    if given.list:
        for name, tensor in tensors.items():
            print(f"{name:48} {TYPES[tensor.dtype]:5} {list(tensor.shape)}")
    print(f"{given.target}: {len(tensors)} tensors, {os.path.getsize(given.target)} bytes")


if __name__ == "__main__":
    main()
