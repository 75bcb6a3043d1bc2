#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the reference values in this folder with PyTorch (Debian's python3-torch, 1.13; and python3-pil), in double
precision.

    /usr/bin/python3 tests/reference/make.py

Entries are named <case>/<what>. For most cases a, b, c are inputs, y is the output, w a fixed weight of y's shape, and
da, db, dc are the gradients of sum(y * w). Integers (labels, tokens, argmax) are I32.
"""
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F
from PIL import Image

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
here = pathlib.Path(__file__).parent


def save(family, entries):
    """The safetensors format: the header's length, the header as JSON, the data."""
    header, data = {}, b""
    for name, tensor in sorted(entries.items(), key=lambda entry: entry[1].dtype == torch.int32):  # aligned: F64 first
        dtype, code = ("F64", "d") if tensor.dtype == torch.float64 else ("I32", "i")
        values = tensor.detach().contiguous().flatten().tolist()
        raw = struct.pack(f"<{len(values)}{code}", *values)
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    (here / f"{family}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    print(f"{family}.safetensors: {len(entries)} entries, {8 + len(text) + len(data)} bytes")


class family:
    """Cases of one file. Every family draws from its own generator, so that a new case changes no other file."""

    def __init__(self, name, seed):
        self.name, self.entries, self.generator = name, {}, torch.Generator().manual_seed(seed)

    def normal(self, *shape):
        return torch.randn(shape, generator=self.generator)

    def positive(self, *shape):
        return torch.rand(shape, generator=self.generator) * 2 + 0.25

    def integers(self, bound, *shape):
        return torch.randint(0, bound, shape, generator=self.generator, dtype=torch.int32)

    def put(self, case, **tensors):
        for what, tensor in tensors.items():
            self.entries[f"{case}/{what}"] = torch.as_tensor(tensor).detach().clone()

    def case(self, name, function, *inputs, **integers):
        """One case: inputs a, b, c, the output y, the weight w and the gradients of sum(y * w)."""
        inputs = [x.detach().clone().requires_grad_() for x in inputs]
        y = function(*inputs, **{what: tensor.long() for what, tensor in integers.items()})
        w = self.normal(*y.shape)
        gradients = torch.autograd.grad((y * w).sum(), inputs)
        self.put(name, **dict(zip("abc", inputs)), **integers, y=y, w=w)
        self.put(name, **{f"d{what}": gradient for what, gradient in zip("abc", gradients)})

    def save(self):
        save(self.name, self.entries)


def elementwise():
    f = family("elementwise", 1)
    binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div}
    pairs = {"same": ([5, 7], [5, 7]), "row": ([5, 7], [7]), "column": ([5, 7], [5, 1]), "one": ([5, 7], [1]),
             "both": ([3, 1, 7], [5, 1])}
    for name, function in binary.items():
        for how, (left, right) in pairs.items():
            f.case(f"{name}_{how}", function, f.normal(*left),
                   f.positive(*right) if name == "div" else f.normal(*right))
    unary = {"exp": torch.exp, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "gelu": F.gelu,
             "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "softplus": F.softplus,
             "abs": torch.abs, "square": torch.square, "neg": torch.neg,
             "clamp": lambda x: torch.clamp(x, -0.5, 0.5)}
    for name, function in unary.items():
        f.case(name, function, f.normal(5, 7) * 2)
    for name, function in {"log": torch.log, "sqrt": torch.sqrt, "pow_scalar": lambda x: torch.pow(x, 2.5)}.items():
        f.case(name, function, f.positive(5, 7))
    f.case("pow", torch.pow, f.positive(5, 7), f.normal(5, 7))
    f.case("pow_row", torch.pow, f.positive(5, 7), f.normal(7))
    for name, function in {"minimum": torch.minimum, "maximum": torch.maximum}.items():
        f.case(f"{name}_same", function, f.normal(5, 7), f.normal(5, 7))
        f.case(f"{name}_row", function, f.normal(5, 7), f.normal(7))
    where(f, "where", [5, 7], [5, 7], [5, 7])
    where(f, "where_row", [5, 7], [7], [5, 1])
    f.save()


def where(f, name, *shapes):
    """a > 0 chooses between b and c; a has no gradient."""
    a, b, c = f.normal(*shapes[0]), f.normal(*shapes[1]).requires_grad_(), f.normal(*shapes[2]).requires_grad_()
    y = torch.where(a > 0, b, c)
    w = f.normal(*y.shape)
    db, dc = torch.autograd.grad((y * w).sum(), [b, c])
    f.put(name, a=a, b=b, c=c, y=y, w=w, db=db, dc=dc)


def matmul():
    f = family("matmul", 2)
    f.case("nn", lambda a, b: a @ b, f.normal(3, 5), f.normal(5, 7))
    f.case("nt", lambda a, b: a @ b.T, f.normal(3, 5), f.normal(7, 5))
    f.case("tn", lambda a, b: a.T @ b, f.normal(5, 3), f.normal(5, 7))
    f.case("tt", lambda a, b: a.T @ b.T, f.normal(5, 3), f.normal(7, 5))
    shapes = {"batched": ([2, 3, 5], [2, 5, 7]), "batched_one": ([2, 3, 5], [5, 7]),
              "batched_two": ([2, 4, 3, 5], [2, 4, 5, 7]), "one": ([1, 1], [1, 1]), "inner": ([1, 5], [5, 1]),
              "outer": ([5, 1], [1, 7]), "one_row": ([1, 5], [5, 7]), "one_column": ([3, 5], [5, 1])}
    for name, (left, right) in shapes.items():
        f.case(name, torch.matmul, f.normal(*left), f.normal(*right))
    f.case("batched_nt", lambda a, b: a @ b.mT, f.normal(2, 3, 5), f.normal(2, 7, 5))
    f.case("batched_tn", lambda a, b: a.mT @ b, f.normal(2, 5, 3), f.normal(2, 5, 7))
    f.case("batched_tt", lambda a, b: a.mT @ b.mT, f.normal(2, 5, 3), f.normal(2, 7, 5))
    f.save()


def reduce():
    f = family("reduce", 3)
    functions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "logsumexp": torch.logsumexp}
    axes = {"0": [0], "1": [1], "2": [2], "02": [0, 2], "01": [0, 1], "12": [1, 2], "all": [0, 1, 2]}
    for name, function in functions.items():
        for which, dim in axes.items():
            f.case(f"{name}_{which}", lambda a: function(a, dim), f.normal(3, 5, 7))
            f.case(f"{name}_{which}_keep", lambda a: function(a, dim, keepdim=True), f.normal(3, 5, 7))
    for dim in range(3):
        a = f.normal(3, 5, 7)
        f.put(f"argmax_{dim}", a=a, y=a.argmax(dim).int())
        f.put(f"argmax_{dim}_keep", a=a, y=a.argmax(dim, keepdim=True).int())
    f.save()


def recurrent():
    """Layers with and without lengths: x, the output y, w, and the gradients of sum(y * w) in x and in all weights."""
    f = family("recurrent", 11)
    for name, kind in (("rnn", torch.nn.RNN), ("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)):
        for case, layers, both in (("one", 1, False), ("two", 2, True)):
            net = kind(3, 4, num_layers=layers, bidirectional=both)
            for weight in net.parameters():
                weight.data = 0.5 * f.normal(*weight.shape)
            x, lengths = f.normal(5, 3, 3), torch.tensor([5, 2, 3])
            w = f.normal(5, 3, 8 if both else 4)
            for what in ("full", "packed"):
                net.zero_grad()
                a = x.clone().requires_grad_()
                if what == "full":
                    y, _ = net(a)
                else:
                    packed = torch.nn.utils.rnn.pack_padded_sequence(a, lengths, enforce_sorted=False)
                    y, _ = torch.nn.utils.rnn.pad_packed_sequence(net(packed)[0], total_length=5)
                (y * w).sum().backward()
                gradients = {"d." + key: weight.grad for key, weight in net.named_parameters()}
                f.put(f"{name}/{case}/{what}", x=x, y=y, w=w, dx=a.grad, lengths=lengths.int(), **gradients)
            f.put(f"{name}/{case}", **dict(net.named_parameters()))
    f.save()


def nn():
    f = family("nn", 4)
    for name, function in {"softmax": F.softmax, "log_softmax": F.log_softmax}.items():
        f.case(f"{name}_last", lambda a: function(a, -1), f.normal(5, 7) * 3)
        f.case(f"{name}_0", lambda a: function(a, 0), f.normal(5, 7) * 3)
    f.case("cross_entropy", lambda a, labels: F.cross_entropy(a, labels), f.normal(5, 7) * 3, labels=f.integers(7, 5))
    f.case("cross_entropy_large", lambda a, labels: F.cross_entropy(a, labels), f.normal(5, 7) * 300,
           labels=f.integers(7, 5))
    f.case("mse_loss", F.mse_loss, f.normal(5, 7), f.normal(5, 7))
    target = (f.normal(5, 7) > 0).double()
    f.case("bce_with_logits", F.binary_cross_entropy_with_logits, f.normal(5, 7) * 3, target)
    f.case("bce_with_logits_soft", F.binary_cross_entropy_with_logits, f.normal(5, 7) * 3,
           torch.sigmoid(f.normal(5, 7)))
    f.case("layer_norm", lambda a, b, c: F.layer_norm(a, [7], b, c, 1e-5), f.normal(5, 7) * 2 + 1, f.normal(7),
           f.normal(7))
    f.case("layer_norm_3", lambda a, b, c: F.layer_norm(a, [7], b, c, 1e-5), f.normal(2, 3, 7) * 2 + 1, f.normal(7),
           f.normal(7))
    f.case("embedding", lambda a, tokens: F.embedding(tokens, a), f.normal(5, 7), tokens=f.integers(5, 6))
    f.case("embedding_2", lambda a, tokens: F.embedding(tokens, a), f.normal(5, 7), tokens=f.integers(5, 2, 3))
    f.case("linear", F.linear, f.normal(3, 5), f.normal(7, 5), f.normal(7))
    f.case("linear_relu", lambda a, b, c: F.relu(F.linear(a, b, c)), f.normal(3, 5), f.normal(7, 5), f.normal(7))

    def causal(a):
        ahead = torch.ones(a.shape[-2:], dtype=torch.bool).triu(1 + a.shape[-1] - a.shape[-2])
        return F.softmax(a.masked_fill(ahead, -math.inf), -1)

    f.case("causal_softmax", causal, f.normal(2, 3, 7, 7) * 3)
    f.case("causal_softmax_past", causal, f.normal(3, 5) * 3)
    f.save()



def convolution():
    f = family("convolution", 8)
    one, two, three = F.conv1d, F.conv2d, F.conv3d
    cases = {
        "1d": (one, [2, 3, 11], [5, 3, 3], dict(stride=2, padding=1)),
        "1d_dilated": (one, [1, 2, 13], [3, 2, 3], dict(padding=2, dilation=3)),
        "2d": (two, [2, 3, 7, 6], [4, 3, 3, 3], dict(padding=1)),
        "2d_stride": (two, [2, 3, 9, 8], [4, 3, 3, 2], dict(stride=(2, 3), padding=(1, 0))),
        "2d_plain": (two, [2, 5, 3, 4], [7, 5, 1, 1], dict()),
        "2d_groups": (two, [2, 6, 5, 5], [4, 3, 3, 3], dict(padding=1, groups=2)),
        "2d_depthwise": (two, [2, 3, 6, 7], [3, 1, 3, 3], dict(padding=1, groups=3)),
        "2d_depthwise_stride": (two, [2, 3, 6, 7], [6, 1, 3, 3], dict(stride=2, padding=1, groups=3)),
        "3d": (three, [1, 2, 4, 5, 6], [3, 2, 2, 3, 3], dict(stride=(1, 2, 1), padding=(0, 1, 1))),
    }
    for name, (function, x, w, options) in cases.items():
        f.case(name, lambda a, b: function(a, b, **options), f.normal(*x), f.normal(*w))
    f.case("2d_one_sided", lambda a, b: two(F.pad(a, (0, 1, 0, 1)), b, stride=2), f.normal(2, 3, 6, 6),
           f.normal(4, 3, 3, 3))
    transposed = {
        "transpose_1d": (F.conv_transpose1d, [2, 3, 5], [3, 4, 3], dict(stride=2, padding=1, output_padding=1)),
        "transpose_2d": (F.conv_transpose2d, [2, 3, 4, 5], [3, 2, 3, 3], dict(padding=1)),
        "transpose_2d_stride": (F.conv_transpose2d, [2, 4, 3, 4], [4, 3, 3, 2],
                                dict(stride=(2, 3), padding=(1, 0), groups=2)),
        "transpose_3d": (F.conv_transpose3d, [1, 2, 2, 3, 3], [2, 3, 2, 2, 2], dict(stride=2)),
    }
    for name, (function, x, w, options) in transposed.items():
        f.case(name, lambda a, b: function(a, b, **options), f.normal(*x), f.normal(*w))
    f.save()


def pool():
    f = family("pool", 9)
    one, two, three = [2, 3, 11], [2, 3, 9, 8], [1, 2, 5, 6, 7]
    cases = {
        "max_1d": (F.max_pool1d, one, dict(kernel_size=3, stride=2, padding=1)),
        "max_2d": (F.max_pool2d, two, dict(kernel_size=2)),
        "max_2d_overlap": (F.max_pool2d, two, dict(kernel_size=3, stride=2, padding=1)),
        "max_2d_ceil": (F.max_pool2d, two, dict(kernel_size=(2, 3), stride=(2, 3), ceil_mode=True)),
        "max_2d_dilated": (F.max_pool2d, two, dict(kernel_size=3, stride=1, padding=1, dilation=2)),
        "max_3d": (F.max_pool3d, three, dict(kernel_size=(2, 3, 2), stride=(1, 2, 2), padding=(1, 0, 1))),
        "avg_1d": (F.avg_pool1d, one, dict(kernel_size=4, stride=3, padding=2)),
        "avg_2d": (F.avg_pool2d, two, dict(kernel_size=2)),
        "avg_2d_overlap": (F.avg_pool2d, two, dict(kernel_size=3, stride=2, padding=1)),
        "avg_2d_exclude": (F.avg_pool2d, two, dict(kernel_size=3, stride=2, padding=1, count_include_pad=False)),
        "avg_2d_ceil": (F.avg_pool2d, two, dict(kernel_size=3, stride=2, padding=1, ceil_mode=True)),
        "avg_3d": (F.avg_pool3d, three, dict(kernel_size=(2, 3, 2), stride=(1, 2, 2), padding=(1, 0, 1))),
        "adaptive_avg_1d": (F.adaptive_avg_pool1d, one, dict(output_size=4)),
        "adaptive_avg_2d": (F.adaptive_avg_pool2d, two, dict(output_size=(4, 3))),
        "adaptive_max_2d": (F.adaptive_max_pool2d, two, dict(output_size=(4, 3))),
    }
    for name, (function, x, options) in cases.items():
        f.case(name, lambda a: function(a, **options), f.normal(*x))
    f.save()


def spatial():
    f = family("spatial", 24)
    functions = {
        "pad_zeros": lambda x: F.pad(x, (3, 1, 1, 2)),
        "pad_reflect": lambda x: F.pad(x, (3, 1, 1, 2), mode="reflect"),
        "pad_replicate": lambda x: F.pad(x, (3, 1, 0, 0), mode="replicate"),
        "nearest": lambda x: F.interpolate(x, scale_factor=2),
        "nearest_to": lambda x: F.interpolate(x, (7, 11)),
        "bilinear": lambda x: F.interpolate(x, scale_factor=(2, 3), mode="bilinear", align_corners=False),
        "bilinear_to": lambda x: F.interpolate(x, (7, 3), mode="bilinear", align_corners=False),
        "pad_constant": lambda x: F.pad(x, (3, 1, 1, 2), value=-0.3),
        "pad_circular": lambda x: F.pad(x, (5, 1, 1, 2), mode="circular"),
        "bilinear_corners": lambda x: F.interpolate(x, (7, 3), mode="bilinear", align_corners=True),
        "bilinear_corners_one": lambda x: F.interpolate(x, (1, 13), mode="bilinear", align_corners=True),
    }
    for name, function in functions.items():
        f.case(name, function, f.normal(2, 3, 4, 5))
    f.save()


def activation():
    f = family("activation", 23)
    functions = {"relu6": F.relu6, "hardsigmoid": lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid's gradient has the digits of float
                 "hardswish": F.hardswish, "mish": F.mish,
                 "leaky_relu": lambda x: F.leaky_relu(x, 0.25), "elu": lambda x: F.elu(x, 1.5)}
    for name, function in functions.items():
        f.case(name, function, f.normal(5, 7) * 4)
    for name, (x, slopes) in {"prelu": ([2, 3, 4, 5], 3), "prelu_matrix": ([5, 7], 7), "prelu_one": ([5, 7], 1)}.items():
        f.case(name, F.prelu, f.normal(*x), f.normal(slopes))
    f.save()


def norm():
    f = family("norm", 22)
    for name, shape in {"batch_0d": [7, 5], "batch_1d": [3, 3, 37], "batch_2d": [4, 3, 5, 7]}.items():
        f.case(name, lambda a, b, c: F.batch_norm(a, None, None, b, c, True), f.normal(*shape) * 2 + 1,
               f.normal(shape[1]), f.normal(shape[1]))
    for name, (groups, shape) in {"group_2d": (2, [2, 6, 5, 3]), "group_1d": (3, [3, 6, 7]), "group_all": (1, [2, 4, 3, 3]),
                                  "group_0d": (2, [3, 6])}.items():
        f.case(name, lambda a, b, c: F.group_norm(a, groups, b, c), f.normal(*shape) * 2 + 1, f.normal(shape[1]),
               f.normal(shape[1]))
    for name, shape in {"instance_1d": [3, 2, 11], "instance_2d": [2, 3, 5, 4]}.items():
        f.case(name, lambda a, b, c: F.instance_norm(a, weight=b, bias=c), f.normal(*shape) * 2 + 1, f.normal(shape[1]),
               f.normal(shape[1]))
    f.case("instance_plain", lambda a: F.instance_norm(a), f.normal(2, 3, 5, 4) * 2 + 1)
    # PyTorch 1.13 has no rms_norm: its definition
    f.case("rms", lambda a, b: a * torch.rsqrt(a.square().mean(-1, keepdim=True) + 1e-5) * b, f.normal(5, 7) * 2 + 1,
           f.normal(7))
    f.save()


def optim():
    """p0 [7], g [10, 7] and p [10, 7], the parameters after each step; the learning rate is lr []."""
    f = family("optim", 5)
    kinds = {
        "sgd": (torch.optim.SGD, dict(lr=0.1)),
        "sgd_momentum": (torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
        "sgd_nesterov": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True)),
        "sgd_decay": (torch.optim.SGD, dict(lr=0.1, weight_decay=0.01)),
        "sgd_nesterov_decay": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
        "adam": (torch.optim.Adam, dict(lr=0.01, eps=1e-8)),
        "adam_decay": (torch.optim.Adam, dict(lr=0.01, eps=1e-8, weight_decay=0.01)),
        "adamw": (torch.optim.AdamW, dict(lr=0.01, eps=1e-8, weight_decay=0.01)),
    }
    for name, (kind, options) in kinds.items():
        p0, g, steps = f.normal(7), f.normal(10, 7), []
        p = p0.clone().requires_grad_()
        optimizer = kind([p], **options)
        for gradient in g:
            p.grad = gradient.clone()
            optimizer.step()
            steps.append(p.detach().clone())
        f.put(name, p0=p0, g=g, p=torch.stack(steps), lr=options["lr"])
    f.save()


def schedule():
    """y[i] is the learning rate of step i."""
    f = family("schedule", 6)
    kinds = {
        "step": lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=30, gamma=0.1),
        "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=100),
        "cosine_floor": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=100, eta_min=0.01),
        "one_cycle": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=100),
        "warm_up": lambda o: torch.optim.lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=10),
    }
    for name, kind in kinds.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = kind(optimizer)
        rates = []
        for i in range(100):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if i < 99:
                scheduler.step()
        f.put(name, y=torch.tensor(rates))
    f.save()


def clip():
    """Two parameters' gradients a and b become ya and yb; norm is the total norm before clipping."""
    f = family("clip", 7)

    def gradients(scale):
        parameters = [torch.zeros(5, 7, requires_grad=True), torch.zeros(7, requires_grad=True)]
        for p in parameters:
            p.grad = f.normal(*p.shape) * scale
        return parameters, [p.grad.clone() for p in parameters]

    for name, scale in {"norm": 1.0, "norm_small": 0.01}.items():
        parameters, (a, b) = gradients(scale)
        norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm=1.0)
        f.put(name, a=a, b=b, ya=parameters[0].grad, yb=parameters[1].grad, norm=norm, limit=1.0)
    parameters, (a, b) = gradients(1.0)
    torch.nn.utils.clip_grad_value_(parameters, 0.5)
    f.put("value", a=a, b=b, ya=parameters[0].grad, yb=parameters[1].grad, limit=0.5)
    f.save()


def resize():
    """A picture a [3, height, width] resized: bytes by PIL (y), and by PyTorch without (plain) and with antialias (smooth)."""
    f = family("resize", 21)
    sizes = {"shrink": (13, 17, 5, 6), "grow": (5, 4, 11, 9), "both": (7, 19, 16, 3), "half": (16, 12, 8, 6), "wide": (6, 40, 6, 7),
             "one": (5, 7, 1, 1), "from_one": (1, 1, 3, 4)}
    for name, (height, width, to_height, to_width) in sizes.items():
        a = f.integers(256, 3, height, width)
        planes = [Image.fromarray(plane.numpy().astype("uint8")).resize((to_width, to_height), Image.BILINEAR) for plane in a]
        y = torch.stack([torch.tensor(list(plane.getdata()), dtype=torch.int32).reshape(to_height, to_width) for plane in planes])
        x = a.double()[None]
        plain = F.interpolate(x, (to_height, to_width), mode="bilinear", align_corners=False)[0]
        smooth = F.interpolate(x, (to_height, to_width), mode="bilinear", align_corners=False, antialias=True)[0]
        f.put(name, a=a, y=y, plain=plain, smooth=smooth)
    f.save()


if __name__ == "__main__":
    for write in (elementwise, matmul, reduce, nn, convolution, pool, optim, schedule, clip, resize, recurrent, norm,
                  activation, spatial):
        write()
