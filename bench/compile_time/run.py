#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures what compiling xgrad costs. README.md beside this file says how to read the results."""

import argparse
import contextlib
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # the sources stay clean

import chart
import report
from compiler import FLAGS, OBJECT_MEANING, CompileError, Compiler
from programs import TORCH_STANDARD, Program, all_programs, foreign_headers
from progress import Progress

ROOT = Path(__file__).resolve().parents[2]


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", metavar="REGEX", default="", type=re.compile, help="only rows whose names match")
    parser.add_argument("--quick", action="store_true", help="the smallest program of each row, once")
    parser.add_argument("--repeat", metavar="N", type=int, help="compile each program N times (default: 3; 1 with --quick)")
    parser.add_argument("--compilers", nargs="+", metavar="COMMAND", default=["g++", "clang++-19"])
    parser.add_argument("--include", action="append", default=[], metavar="DIR",
                        help="where headers are (xtensor, xsimd, RapidJSON, libtorch) if compilers do not look there anyway")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw a plot there")
    parser.add_argument("--programs", type=Path, metavar="DIR", help="keep the programs there (default: nowhere)")
    parser.add_argument("--timeout", type=float, default=900, metavar="SECONDS", help="of one compilation (default: 900)")
    chosen = parser.parse_args()
    if chosen.repeat is None:
        chosen.repeat = 1 if chosen.quick else 3
    if chosen.repeat < 1:
        parser.error("--repeat: at least 1")
    return chosen


def include_torch(compiler, includes, scratch):
    """The row of PyTorch's headers, or why there is none. Debian has them in a directory of their own."""
    text = "#include <torch/torch.h>\n"
    is_there = "#if !__has_include(<torch/torch.h>)\n#error absent\n#endif\n"
    reason = "torch/torch.h is not there; Debian's package is libtorch-dev"
    for folder in [None, *(Path(d) / "torch/csrc/api/include" for d in [*includes, "/usr/include", "/usr/local/include"])]:
        more = (str(folder),) if folder else ()
        with contextlib.suppress(CompileError):
            compiler.preprocess(is_there, scratch, TORCH_STANDARD, more)
            try:
                compiler.preprocess(text, scratch, TORCH_STANDARD, more)
                return Program("include_torch", text, 12, standard=TORCH_STANDARD, includes=more), None
            except CompileError as error:
                reason = f"torch/torch.h is there, but: {error}"
    return None, reason


def select(chosen, compiler, includes, scratch):
    """The programs to compile, in the order of the table, and the rows that are absent."""
    wanted = lambda name: chosen.filter.search(name)
    programs, absent = all_programs(ROOT), []
    if wanted("include_torch"):
        program, reason = include_torch(compiler, includes, scratch)
        programs[1:1] = [program] if program else []
        absent += [] if program else [{"name": "include_torch", "reason": reason}]
    if wanted("include_xtensor_xsimd"):
        readme = next(program.source for program in programs if program.name == "readme_program")
        headers = foreign_headers(compiler, ROOT, readme, scratch)
        if headers:
            text = "".join(f"#include <{header}>\n" for header in headers)
            programs.insert(0, Program("include_xtensor_xsimd", text, 2))
        else:
            absent.append({"name": "include_xtensor_xsimd", "reason": "the headers of the README program are not all there"})
    programs = [program for program in programs if wanted(program.name)]
    if chosen.quick:
        smallest = {}
        for program in programs:
            if program.family:
                smallest.setdefault(program.family, program.name)
        programs = [program for program in programs if smallest.get(program.family, program.name) == program.name]
    return programs, absent


def measure(programs, compilers, repeat, folder):
    """One row for each program and compiler. Compilers take turns, so that a machine's drift hits both."""
    progress = Progress([program.guess for program in programs for _ in compilers for _ in range(repeat)])
    rows = []
    try:
        for program in programs:
            source = folder / f"{program.name}.cpp"
            source.write_text(program.source, encoding="utf-8")
            new = {c.label: {"row": program.name, "family": program.family, "size": program.size, "compiler": c.label,
                             "standard": program.standard, "repetitions": []} for c in compilers}
            for _ in range(repeat):
                for compiler in compilers:
                    row = new[compiler.label]
                    if "error" in row:
                        progress.skip(program.guess)
                        continue
                    progress.begin(f"{program.name}, {compiler.label}")
                    try:
                        cost = compiler.compile(program, source, folder / f"{program.name}.o")
                        row["repetitions"].append(cost)
                        progress.end(program.guess, f"{cost['cpu_seconds']:.2f} s")
                    except CompileError as error:
                        row["error"] = str(error).replace(f"{folder}/", "").replace(f"{ROOT}/", "")
                        progress.end(program.guess, "failed")
            for row in new.values():
                for key in row["repetitions"][0] if row["repetitions"] else ():
                    row[key] = statistics.median(cost[key] for cost in row["repetitions"])
            rows += new.values()
    finally:
        progress.finish()
    return rows


def processor():
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    chosen = options()
    includes = list(dict.fromkeys([str(ROOT / "include"), *chosen.include]))
    compilers, absent = [], []
    for command in dict.fromkeys(chosen.compilers):
        if shutil.which(command):
            compilers.append(Compiler(command, includes, chosen.timeout))
        else:
            absent.append({"name": command, "reason": "no such compiler here"})
    labels = [compiler.label for compiler in compilers]
    if len(set(labels)) < len(labels):  # two commands for one version, or a version that cannot be read
        labels = [compiler.command for compiler in compilers]
        for compiler in compilers:
            compiler.label = compiler.command
    if not compilers:
        sys.exit("none of these compilers is here: " + ", ".join(chosen.compilers))

    with contextlib.ExitStack() as stack:
        folder = chosen.programs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compile_time_")))
        folder.mkdir(parents=True, exist_ok=True)
        load = os.getloadavg()[0]
        programs, absent_rows = select(chosen, compilers[0], includes, folder / "probe.cpp")
        if not programs and not absent_rows:
            sys.exit("no row matches the filter")
        rows = measure(programs, compilers, chosen.repeat, folder)

    data = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": processor(), "cores": os.cpu_count(), "system": platform.platform(), "load_at_start": load,
        "compilers": [{"label": c.label, "command": c.command, "version": c.version} for c in compilers],
        "flags": " ".join(["-std=c++20", *FLAGS]), "repetitions": chosen.repeat, "object_meaning": OBJECT_MEANING,
        "rows": rows, "derived": report.derive(rows, labels), "absent": absent + absent_rows,
    }
    print(report.text(data), end="")
    if chosen.json:
        write(chosen.json, json.dumps(data, indent=2) + "\n")
    if chosen.svg:
        write(chosen.svg, chart.svg(data))
    return 1 if any("error" in row for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
