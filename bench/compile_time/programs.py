# SPDX-License-Identifier: BSD-3-Clause
"""The programs that are compiled: a few fixed ones, and families that grow."""

import re
from dataclasses import dataclass

# The standard that PyTorch's headers are written for: Clang refuses those of version 1.13 in C++20.
TORCH_STANDARD = "c++17"

MAIN = """
constexpr auto loss = [](const auto& model, auto x, auto y) {{ return mse_loss(model(x), y); }};

int main()
{{
    auto net = xg::network<perceptron>(1);
    auto step = xg::training_step<xg::batch<64, float, {inputs}>, xg::batch<64, float, {outputs}>>(net, loss, xg::adam{{}});
    const xt::xtensor<float, 2> x = xt::zeros<float>({{64, {inputs}}}), y = xt::zeros<float>({{64, {outputs}}});
    return step(x, y) < 0;
}}
"""


@dataclass(frozen=True)
class Program:
    name: str
    source: str
    guess: float  # seconds, for the time that is left
    family: str = ""
    size: int = 0
    standard: str = "c++20"
    includes: tuple = ()
    raised_limits: bool = False  # of what the compiler evaluates


def mlp_equal(layers):
    return f"""#include <xgrad/xgrad.hpp>

struct perceptron
{{
    std::array<xg::linear<128, 128>, {layers}> layers;

    constexpr auto operator()(auto x) const
    {{
        auto h = xg::named(x);
        for (const auto& layer : layers)
            h = xg::named(relu(layer(h)));
        return h;
    }}
}};
""" + MAIN.format(inputs=128, outputs=128)


def mlp_different(layers):
    """No two sizes are equal, and all are large, so that kernels are shared."""
    widths = [1024 + 8 * i for i in range(layers + 1)]
    text = "#include <xgrad/xgrad.hpp>\n"
    blocks = [range(first, min(first + 16, layers)) for first in range(0, layers, 16)]  # a struct has at most 32 members
    for number, block in enumerate(blocks):
        members = "".join(f"    xg::linear<{widths[i]}, {widths[i + 1]}> layer{i};\n" for i in block)
        lines = "".join(f"        auto h{i + 1} = relu(layer{i}(h{i}));\n" for i in block)
        text += f"""
struct block{number}
{{
{members}
    constexpr auto operator()(auto h{block[0]}) const
    {{
{lines}        return h{block[-1] + 1};
    }}
}};
"""
    members = "".join(f"    block{i} part{i};\n" for i in range(len(blocks)))
    result = "x"
    for i in range(len(blocks)):
        result = f"part{i}({result})"
    text += f"""
struct perceptron
{{
{members}
    constexpr auto operator()(auto x) const {{ return {result}; }}
}};
"""
    return text + MAIN.format(inputs=widths[0], outputs=widths[-1])


def recurrent(steps):
    return f"""#include <xgrad/xgrad.hpp>

constexpr int letters = 64, width = 128, texts = 16, time_steps = {steps};

struct reader
{{
    xg::embedding<letters, width> letter;
    xg::linear<width, width> from_letter, from_state;
    xg::linear<width, letters> next;

    constexpr auto read(auto c, auto state) const {{ return named(tanh(from_letter(letter(c)) + from_state(state))); }}
}};

constexpr auto loss = [](const auto& model, auto text, auto state, auto following)
{{
    std::array<decltype(state), time_steps> states{{}};
    for (int t = 0; auto c : text)
        states[t++] = state = model.read(c, state);
    return cross_entropy(model.next(stack(states)), following);
}};

int main()
{{
    auto net = xg::network<reader>(1);
    using text = xg::input<std::int32_t, time_steps, texts>;
    auto step = xg::training_step<text, xg::input<float, texts, width>, text>(net, loss, xg::clip_by_norm{{xg::adam{{}}, 1.0}});
    const xt::xtensor<std::int32_t, 2> some = xt::zeros<std::int32_t>({{time_steps, texts}});
    const xt::xtensor<float, 2> state = xt::zeros<float>({{texts, width}});
    return step(some, state, some) < 0;
}}
"""


def residual_network(depth):
    """Prediction with ResNet-18, -34, -50, -101 or -152."""
    return f"""#include <xgrad/models/resnet.hpp>
#include <xgrad/xgrad.hpp>

int main()
{{
    auto net = xg::models::resnet{depth}(1);
    auto predict = xg::prediction<xg::input<float, 1, 3, 224, 224>>(net, xg::frozen);
    const xt::xtensor<float, 4> image = xt::zeros<float>({{1, 3, 224, 224}});
    return predict(image)(0, 0) < 0;
}}
"""


FAMILIES = {  # how the text is made, the sizes, and roughly the seconds of the smallest and of one more
    "mlp_equal": (mlp_equal, (2, 4, 16, 64, 256), 3.8, 0.007),
    "mlp_different": (mlp_different, (2, 4, 16, 64, 256), 4.0, 0.03),
    "recurrent": (recurrent, (8, 32, 128, 512), 4.5, 0.03),
}


def readme_program(readme):
    """The first ```cpp block with a main function, as the tests take it."""
    text = readme.read_text(encoding="utf-8")
    for block in re.finditer(r"```cpp\n(.*?\n)```", text, re.DOTALL):
        if "int main" in block[1]:
            return f'#line {text.count(chr(10), 0, block.start(1)) + 1} "{readme}"\n{block[1]}'
    raise SystemExit(f"{readme} has no ```cpp block with a main function")


def foreign_headers(compiler, root, source, scratch):
    """The headers of xtensor, xtl and xsimd that a program's own headers name, and so all that it includes of them."""
    named = set()
    for path in [scratch, *compiler.dependencies(source, scratch)]:
        if path == scratch or root / "include" in path.parents:
            text = source if path == scratch else path.read_text(encoding="utf-8")
            named.update(re.findall(r"^\s*#\s*include\s*<((?:xtensor|xtl|xsimd)/[^>]+)>", text, re.MULTILINE))
    return sorted(named)


def all_programs(root):
    """All but `include_xtensor_xsimd` and `include_torch`, for which somebody has to look first."""
    programs = [
        Program("include_xgrad", "#include <xgrad/xgrad.hpp>\n", 2.7),
        Program("readme_program", readme_program(root / "README.md"), 6),
        *(Program(f"resnet{depth}_infer", residual_network(depth), 9) for depth in (18, 50)),
    ]
    for family, (text, sizes, least, more) in FAMILIES.items():
        programs += [Program(f"{family}_{n}", text(n), least + more * n, family, n,
                             raised_limits=family == "recurrent" and n > 128) for n in sizes]
    return programs
