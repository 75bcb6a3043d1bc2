#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the files in this folder: weights as PyTorch's and NumPy's users have them, and small pictures.

    /usr/bin/python3 tests/samples/make.py        (Debian's python3-torch, python3-numpy and python3-pil)
"""
import pathlib
import struct
import sys
import zlib

import numpy
import torch
from PIL import Image, ImageOps

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


def interlaced_png(pixels):
    """Adam7 by hand, for PIL does not write it."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    height, width, _ = pixels.shape
    raw = b""
    for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        part = pixels[y0::dy, x0::dx]
        raw += b"".join(b"\0" + row.tobytes() for row in part) if part.size else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def bmp(pixels, bits, down):
    """16 bits (5-5-5) or 24, upwards or downwards: PIL writes neither 16 bits nor downwards."""
    height, width, _ = pixels.shape
    rows = b""
    for row in pixels if down else pixels[::-1]:
        if bits == 24:
            line = row[:, ::-1].tobytes()
        else:
            r, g, b = (row[:, i].astype("<u2") >> 3 for i in range(3))
            line = (r << 10 | g << 5 | b).astype("<u2").tobytes()
        rows += line + b"\0" * (-len(line) % 4)
    return struct.pack("<2sIIIIiiHHIIIIII", b"BM", 54 + len(rows), 0, 54, 40, width, -height if down else height, 1, bits, 0,
                       len(rows), 0, 0, 0, 0) + rows


def pictures():
    """13 x 10 pixels; what PIL makes of each file is in pictures.npz, [3, height, width], and [1, height, width] in grey."""
    y, x = numpy.mgrid[0:10, 0:13]
    rgb = numpy.stack([x * 19 % 256, (y * 25 + x * 3) % 256, (x * y * 2 + 40) % 256], axis=-1).astype("u1")
    picture = Image.fromarray(rgb)
    grey = picture.convert("L")
    alpha = picture.copy()
    alpha.putalpha(grey)
    picture.save(here / "rgb.png")
    grey.save(here / "grey.png")
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=30).save(here / "palette.png", transparency=3)
    alpha.save(here / "alpha.png")
    picture.convert("1").save(here / "one_bit.png")
    (here / "interlaced.png").write_bytes(interlaced_png(rgb))
    sixteen = ((y * 13 + x) * 503).astype("u2")
    Image.fromarray(sixteen).save(here / "sixteen.png")
    picture.save(here / "rgb.jpg", quality=90)
    grey.save(here / "grey.jpg", quality=90)
    picture.save(here / "progressive.jpg", quality=90, progressive=True, subsampling=0)
    picture.convert("CMYK").save(here / "four_inks.jpg", quality=90)
    picture.save(here / "rgb.bmp")
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=12).save(here / "palette.bmp")
    picture.convert("1").save(here / "one_bit.bmp")
    alpha.save(here / "masks.bmp")
    (here / "down.bmp").write_bytes(bmp(rgb, 24, True))
    (here / "sixteen.bmp").write_bytes(bmp(rgb, 16, False))

    expected = {}
    for path in sorted(here.iterdir()):
        if path.suffix not in (".png", ".jpg", ".bmp") or path.name.startswith("turned"):
            continue
        if path.name == "sixteen.png":  # PIL clips these to 255
            seen = Image.fromarray(numpy.round(sixteen / 257).astype("u1")).convert("RGB")
        else:
            seen = Image.open(path).convert("RGB")
        expected[path.name] = numpy.asarray(seen).transpose(2, 0, 1)
        expected[path.name + "/grey"] = numpy.asarray(seen.convert("L"))[None]
    numpy.savez_compressed(here / "pictures.npz", **expected)


def turned():
    """A photo as cameras write it that are held in each of the eight ways; what PIL makes upright is in turned.npz."""
    picture = Image.open(here / "rgb.png")
    expected = {}
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x010F] = "a maker"
        exif[0x0112] = orientation
        name = f"turned_{orientation}.jpg"
        picture.save(here / name, quality=90, exif=exif)
        seen = ImageOps.exif_transpose(Image.open(here / name))
        expected[name] = numpy.asarray(seen).transpose(2, 0, 1)
    numpy.savez_compressed(here / "turned.npz", **expected)


weights()
pictures()
turned()
