# SPDX-License-Identifier: BSD-3-Clause
"""Opens files that the library saved as others do, with json, struct and NumPy alone: read_weights.py PROGRAM.

The program, write_weights, is given a folder for model.safetensors, model.npz and, of the same tensors, model.txt: a name, a
shape and hexadecimal numbers on each line.
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    print("NumPy is not installed: skipped")
    sys.exit(77)

place = tempfile.TemporaryDirectory()
folder = pathlib.Path(place.name)
subprocess.run([sys.argv[1], folder], check=True)
expected = {}
for line in (folder / "model.txt").read_text().splitlines():
    name, shape, *values = line.split(" ")
    expected[name] = numpy.array([float.fromhex(value) for value in values], "<f4").reshape(json.loads(shape))

data = (folder / "model.safetensors").read_bytes()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + size])
header.pop("__metadata__", None)
safetensors = {}
end = 0
for name, each in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    assert each["dtype"] == "F32" and each["data_offsets"][0] == end, (name, each)  # without gaps, as the format wants it
    end = each["data_offsets"][1]
    safetensors[name] = numpy.frombuffer(data[8 + size:][slice(*each["data_offsets"])], "<f4").reshape(each["shape"])
assert size % 8 == 0 and 8 + size + end == len(data)

archive = numpy.load(folder / "model.npz", allow_pickle=False)
for found in (safetensors, archive):
    assert sorted(found) == sorted(expected), (sorted(found), sorted(expected))
    for name, values in expected.items():
        assert found[name].shape == values.shape and found[name].dtype == numpy.float32, name
        assert (found[name] == values).all(), name
print(len(expected), "tensors, twice, as they should be")
