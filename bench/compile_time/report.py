# SPDX-License-Identifier: BSD-3-Clause
"""What the measurements say: the table, and what follows from it."""

FAMILY_AIMS = {  # what one more costs: its name, and at most so many milliseconds
    "mlp_equal": ("a further equal layer", 2),
    "mlp_different": ("a further layer of a new large size", 15),
    "recurrent": ("a further recurrent step", None),
}
COLUMNS = [("cpu_seconds", "CPU s", 7, ".2f"), ("wall_seconds", "wall s", 8, ".2f"), ("peak_mib", "peak MiB", 10, ".0f"),
           ("object_kib", "obj KiB", 9, ".1f")]


def succeeded(rows, compiler, **wanted):
    """The rows that a compiler managed, the smallest of a family first."""
    found = [row for row in rows if row["compiler"] == compiler and "error" not in row
             and all(row[key] == value for key, value in wanted.items())]
    return sorted(found, key=lambda row: row["size"])


def derive(rows, labels):
    """The aims, one after another, for each compiler. Seconds are CPU seconds: the clock also counts other people."""
    results = []

    def add(name, label, value, unit, aim, based_on, met=None):
        met = value <= aim if met is None and aim is not None else met
        results.append({"name": name, "compiler": label, "value": value, "unit": unit, "aim": aim, "met": met,
                        "based_on": based_on})

    for label in labels:
        headers = succeeded(rows, label, row="include_xtensor_xsimd")
        readme = succeeded(rows, label, row="readme_program")
        if headers and readme:
            aim = 1.5 * headers[0]["cpu_seconds"] + 2
            add("the README program", label, readme[0]["cpu_seconds"], "s", aim, "1.5 * include_xtensor_xsimd + 2 s")
        shallow, deep, torch = (succeeded(rows, label, row=row) for row in ("resnet18_infer", "resnet50_infer", "include_torch"))
        if shallow and deep:
            add("ResNet-50", label, deep[0]["cpu_seconds"], "s", 1.5 * shallow[0]["cpu_seconds"], "1.5 * resnet18_infer")
        if torch and deep:
            add("ResNet-50", label, deep[0]["cpu_seconds"], "s", torch[0]["cpu_seconds"], "include_torch")
    for family, (name, aim) in FAMILY_AIMS.items():
        for label in labels:
            members = succeeded(rows, label, family=family)
            if len(members) >= 2:
                small, large = members[-2:]
                slope = 1000 * (large["cpu_seconds"] - small["cpu_seconds"]) / (large["size"] - small["size"])
                add(name, label, slope, "ms", aim, f"{small['row']} to {large['row']}")
    for label in labels:
        tried = [row for row in rows if row["compiler"] == label and row["row"] == "mlp_equal_256"]
        if tried:
            built = "error" not in tried[0]
            add("256 equal layers, default limits", label, "built" if built else "failed", "", "built", "mlp_equal_256", built)
    return results


def table(rows, labels):
    names = list(dict.fromkeys(row["row"] for row in rows))
    first = max(len(name) for name in [*names, "row"]) + 1
    lines = [" " * first + "".join(f"{label:>{sum(c[2] for c in COLUMNS)}}" for label in labels),
             f"{'row':<{first}}" + "".join(f"{title:>{width}}" for _, title, width, _ in COLUMNS) * len(labels)]
    for name in names:
        line = f"{name:<{first}}"
        for label in labels:
            row = next((r for r in rows if r["row"] == name and r["compiler"] == label), {"error": "-"})
            if "error" in row:
                line += f"{'-' if row['error'] == '-' else 'failed':>{COLUMNS[0][2]}}" + " " * sum(c[2] for c in COLUMNS[1:])
            else:
                line += "".join(f"{row[key]:>{width}{form}}" for key, _, width, form in COLUMNS)
        lines.append(line.rstrip())
    return "\n".join(lines)


def shown(result, key):
    value = result[key]
    return value if isinstance(value, str) else f"{value:.2f} {result['unit']}"


def derived_text(results):
    lines = []
    for result in results:
        verdict = "no aim"
        if result["aim"] is not None:
            aim = shown(result, "aim") if isinstance(result["aim"], str) else "at most " + shown(result, "aim")
            verdict = f"aim: {aim}, {'met' if result['met'] else 'NOT met'}"
        lines.append(f"  {result['name']:<36}{result['compiler']:<14}{shown(result, 'value'):>10}   {verdict}"
                     f"  ({result['based_on']})")
    return "\n".join(lines)


def text(data):
    """Everything, for a reader."""
    labels = [compiler["label"] for compiler in data["compilers"]]
    rows = data["rows"]
    parts = []
    if rows:
        flags = data["flags"] + "".join(f"; {name}: -std={standard}" for name, standard in
                                        dict.fromkeys((row["row"], row["standard"]) for row in rows) if standard != "c++20")
        parts.append(f"Medians of {data['repetitions']}. CPU s: user and system time of the compiler. peak: its resident "
                     f"memory.\nobj: {data['object_meaning']}.\nFlags: {flags}\n\n" + table(rows, labels))
    if data["derived"]:
        parts.append("What follows, in CPU time:\n" + derived_text(data["derived"]))
    if data["absent"]:
        parts.append("Absent:\n" + "\n".join(f"  {each['name']}: {each['reason']}" for each in data["absent"]))
    failed = [row for row in rows if "error" in row]
    if failed:
        parts.append("Failed:\n" + "\n".join(f"  {row['row']}, {row['compiler']}: {row['error'][:240]}" for row in failed))
    return "\n\n".join(parts) + "\n"
