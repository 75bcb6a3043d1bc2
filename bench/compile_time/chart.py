# SPDX-License-Identifier: BSD-3-Clause
"""The plot: bars for the fixed programs, lines for the families that grow. Plain SVG, legible in light and dark."""

import math
from html import escape

from report import FAMILY_AIMS

WIDTH, LEFT, RIGHT = 760, 170, 56  # the bars' labels are on the left, their numbers on the right
STYLE = """
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #6b6a64 }
.title { font-weight: 600; fill: #1a1a19 } .head { font-size: 15px }
.name { font-family: ui-monospace, "DejaVu Sans Mono", monospace } .number, .name { fill: #1a1a19 }
.page { fill: #ffffff } .grid { stroke: #e4e3dd } .axis { stroke: #b9b8b0 } .aim { stroke: #6b6a64; stroke-dasharray: 4 3 }
path { fill: none; stroke-width: 1 } .line { stroke-width: 2; stroke-linejoin: round } .aim { stroke-width: 1.5 }
.mark { stroke: #1a1a19; stroke-width: 2 }
.c0 { --c: #2a78d6 } .c1 { --c: #eb6834 } .c2 { --c: #1baf7a } .c3 { --c: #c98500 }
rect.bar, circle { fill: var(--c) } .line { stroke: var(--c) } circle { stroke: #ffffff; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
text { fill: #a3a29a } .title, .number, .name { fill: #f2f1ec } .page { fill: #1a1a19 } .grid { stroke: #2f2e2b }
.axis { stroke: #55544e } .aim { stroke: #a3a29a } .mark { stroke: #ffffff } circle { stroke: #1a1a19 }
.c0 { --c: #4c94ea } .c1 { --c: #e0703f } .c2 { --c: #25a575 } .c3 { --c: #d09a20 }
}"""
AIMED_ROWS = {"the README program": "readme_program", "ResNet-50": "resnet50_infer"}  # the name of an aim, and whose it is
TITLES = {"mlp_equal": ("Equal layers", "layers"), "mlp_different": ("Layers of different sizes", "layers"),
          "recurrent": ("Recurrent loop", "steps")}


def nice_step(largest, parts):
    rough = largest / parts
    power = 10 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def write(x, y, words, style="", anchor="start", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}"{extra}>{escape(words)}</text>'


def stroke(style, *points):
    return f'<path class="{style}" d="M' + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + '"/>'


def legend(labels, y):
    parts, x = [], LEFT + 60
    for i, label in enumerate(labels):
        parts += [f'<rect class="bar c{i % 4}" x="{x}" y="{y - 9}" width="14" height="9" rx="2"/>', write(x + 20, y, label)]
        x += 44 + 7 * len(label)
    return parts + [stroke("aim", (x, y - 4), (x + 20, y - 4)), write(x + 26, y, "aim")]


def bars(data, rows, y):
    """Seconds of the programs that do not grow; an aim is a dashed mark."""
    labels = [compiler["label"] for compiler in data["compilers"]]
    aims = {}
    for each in data["derived"]:
        if each["name"] in AIMED_ROWS:
            key = AIMED_ROWS[each["name"]], each["compiler"]
            aims[key] = min(each["aim"], aims.get(key, each["aim"]))
    good = [row for row in rows if "error" not in row]
    largest = max([row["cpu_seconds"] for row in good] + list(aims.values()) + [0.1])
    step = nice_step(largest, 5)
    end = step * math.ceil(largest / step)
    place = lambda seconds: LEFT + (WIDTH - LEFT - RIGHT) * seconds / end
    names = list(dict.fromkeys(row["row"] for row in rows))
    height = 14 * len(labels) + 12
    bottom = y + height * len(names)
    parts, ticks = [], round(end / step)
    for i in range(ticks + 1):
        parts += [stroke("grid", (place(i * step), y), (place(i * step), bottom)),
                  write(place(i * step), bottom + 16, f"{i * step:g}", anchor="middle")]
    parts.append(write((LEFT + WIDTH - RIGHT) / 2, bottom + 33, "CPU seconds to compile", anchor="middle"))
    for k, name in enumerate(names):
        top = y + k * height + 6
        parts.append(write(LEFT - 10, top + 7 * len(labels) + 4, name, "name", "end"))
        for i, label in enumerate(labels):
            row = next((row for row in good if row["row"] == name and row["compiler"] == label), None)
            if row is None:
                parts.append(write(LEFT + 6, top + 14 * i + 10, "failed"))
                continue
            seconds = row["cpu_seconds"]
            parts.append(f'<rect class="bar c{i % 4}" x="{LEFT}" y="{top + 14 * i + 1:.1f}" '
                         f'width="{place(seconds) - LEFT:.1f}" height="11" rx="2"/>')
            number = place(seconds) + 6
            if (name, label) in aims:
                aim = place(aims[name, label])
                parts.append(stroke("aim mark", (aim, top + 14 * i - 1), (aim, top + 14 * i + 14)))
                if number - 4 < aim + 4 and aim < number + 28:  # they would cross
                    number = aim + 6
            parts.append(write(number, top + 14 * i + 11, f"{seconds:.1f}", "number"))
    parts.append(stroke("axis", (LEFT, y), (LEFT, bottom)))
    return parts, bottom + 50


def panel(data, family, x, y, width, height, end, step):
    """Seconds over the size; the dashed line is the aim, from the smallest size on."""
    labels = [compiler["label"] for compiler in data["compilers"]]
    title, unit = TITLES[family]
    name, aim = FAMILY_AIMS[family]
    members = [row for row in data["rows"] if row["family"] == family]
    last = max(row["size"] for row in members)
    across = lambda size: x + width * size / last
    up = lambda seconds: y + height * (1 - seconds / end)
    parts = [write(x, y - 26, title, "title")]
    slopes = [f"{each['value']:.{0 if each['value'] >= 10 else 1}f}" for each in data["derived"] if each["name"] == name]
    if slopes:
        said = f"one more: {' / '.join(slopes)} ms" + (f", aim {aim} ms" if aim else "")
        parts.append(write(x, y - 10, said))
    for i in range(round(end / step) + 1):
        parts += [stroke("grid", (x, up(i * step)), (x + width, up(i * step))),
                  write(x - 7, up(i * step) + 4, f"{i * step:g}", anchor="end")]
    for size in (0, last / 2, last):
        parts.append(write(across(size), y + height + 16, f"{size:g}", anchor="middle"))
    parts += [write(x + width / 2, y + height + 33, unit, anchor="middle"), stroke("axis", (x, up(0)), (x + width, up(0)))]
    good = [row for row in members if "error" not in row]
    if good and aim and len({row["size"] for row in good}) > 1:
        size = min(row["size"] for row in good)
        least = min(row["cpu_seconds"] for row in good if row["size"] == size)
        end_size = min(last, size + (end - least) * 1000 / aim)  # not beyond the frame
        parts.append(stroke("aim", (across(size), up(least)), (across(end_size), up(least + (end_size - size) * aim / 1000))))
    for i, label in enumerate(labels):
        points = [(across(r["size"]), up(r["cpu_seconds"])) for r in good if r["compiler"] == label]
        if len(points) > 1:
            parts.append(stroke(f"line c{i % 4}", *points))
        parts += [f'<circle class="c{i % 4}" cx="{a:.1f}" cy="{b:.1f}" r="3.5"/>' for a, b in points]
    return parts


def svg(data):
    rows = data["rows"]
    labels = [compiler["label"] for compiler in data["compilers"]]
    parts = [write(16, 26, "What compiling costs", "title head"), *legend(labels, 26)]
    y = 46
    fixed = [row for row in rows if not row["family"]]
    if fixed:
        more, y = bars(data, fixed, y)
        parts += more
    families = [family for family in TITLES if any(row["family"] == family for row in rows)]
    growing = [row["cpu_seconds"] for row in rows if row["family"] and "error" not in row]
    if families and growing:
        step = nice_step(max(growing), 5)
        end = step * math.ceil(max(growing) / step)  # one scale for all, so that slopes can be compared
        y, height, room = y + 44, 150, (WIDTH - 40) / 3
        for k, family in enumerate(families):
            parts += panel(data, family, 56 + k * room, y, room - 42, height, end, step)
        parts.append(write(0, 0, "CPU seconds", anchor="middle",
                           extra=f' transform="translate(20 {y + height / 2:.1f}) rotate(-90)"'))
        y += height + 50
    failed = [f"{row['row']} ({row['compiler']})" for row in rows if "error" in row]
    notes = [f"{data['processor']}, {data['flags']}, {data['date'][:10]}"]
    notes = (["failed: " + ", ".join(failed)] if failed else []) + notes
    for note in notes:
        y += 16
        parts.append(write(16, y, note))
    height = y + 14
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" role="img" aria-label="What compiling costs">\n<style>{STYLE}</style>\n'
            f'<rect class="page" width="100%" height="100%"/>\n' + "\n".join(parts) + "\n</svg>\n")
