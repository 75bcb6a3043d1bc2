# SPDX-License-Identifier: BSD-3-Clause
"""Runs docs/torch_to_safetensors.py on files as torch.save writes them; skipped (77) where PyTorch is not installed."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import torch
except ImportError:
    print("PyTorch is not installed: skipped")
    sys.exit(77)

script = pathlib.Path(__file__).parents[2] / "docs" / "torch_to_safetensors.py"


def run(*arguments):
    return subprocess.run([sys.executable, "-B", str(script), *map(str, arguments)], capture_output=True, text=True)


def read(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {name: (each["dtype"], each["shape"], data[8 + size:][slice(*each["data_offsets"])])
            for name, each in header.items() if name != "__metadata__"}


with tempfile.TemporaryDirectory() as folder:
    source, target = pathlib.Path(folder) / "a.pt", pathlib.Path(folder) / "a.safetensors"
    state = {"module.w": torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t(), "module.h": torch.tensor([0.5]).half(),
             "module.b": torch.tensor([1.5]).bfloat16(), "module.n": torch.tensor(7), "module.flag": torch.tensor([True, False])}
    torch.save({"epoch": 3, "state_dict": state}, source)
    done = run(source, target, "--strip", "module.", "--list")
    assert done.returncode == 0 and "5 tensors" in done.stdout, done
    assert read(target) == {
        "w": ("F32", [2, 2], struct.pack("<4f", 1, 3, 2, 4)), "h": ("F16", [1], struct.pack("<e", 0.5)),
        "b": ("BF16", [1], struct.pack("<f", 1.5)[2:]), "n": ("I64", [], struct.pack("<q", 7)), "flag": ("BOOL", [2], b"\1\0")}

    torch.save(torch.nn.Linear(1, 1), source)
    refused = run(source, target)
    assert refused.returncode != 0 and "save model.state_dict() instead" in refused.stderr, refused
    torch.save({"c": torch.zeros(2, dtype=torch.complex64)}, source)
    refused = run(source, target)
    assert refused.returncode != 0 and "no type for: c" in refused.stderr, refused
print("as it should be")
