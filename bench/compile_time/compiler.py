# SPDX-License-Identifier: BSD-3-Clause
"""One compiler: its name, and what one compilation costs."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

FLAGS = ["-O2", "-march=native"]
# As the CMake target xgrad::xgrad sets them.
RAISED_LIMITS = {"GCC": "-fconstexpr-ops-limit=1000000000", "Clang": "-fconstexpr-steps=100000000"}
# A cache would be measured instead of the compiler, and errors are looked for in English.
ENVIRONMENT = dict(os.environ, CCACHE_DISABLE="1", LC_ALL="C")


class CompileError(Exception):
    """The compiler's first error line."""


class Compiler:
    def __init__(self, command, includes, timeout):
        self.command, self.includes, self.timeout = command, includes, timeout
        text = subprocess.run([command, "--version"], capture_output=True, text=True, env=ENVIRONMENT, check=True).stdout
        self.version = text.splitlines()[0]
        number = re.search(r"\d+(\.\d+)+", self.version)
        self.label = ("Clang " if "clang" in self.version else "GCC ") + (number[0] if number else command)

    def arguments(self, standard="c++20", includes=(), raised_limits=False):
        limits = [RAISED_LIMITS[self.label.split()[0]]] if raised_limits else []
        return [self.command, f"-std={standard}", *FLAGS, *limits, *(f"-I{path}" for path in [*self.includes, *includes])]

    def run(self, arguments, output):
        """Runs the compiler and returns its seconds, of processor and clock, and its peak memory in MiB."""
        errors = output.with_suffix(".errors")
        with open(errors, "wb") as file:
            start = time.perf_counter()
            # A group of its own, because killing GCC's driver does not kill its compiler.
            process = subprocess.Popen([*arguments, "-o", str(output)], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                       env=ENVIRONMENT, start_new_session=True)
            late = threading.Event()
            timer = threading.Timer(self.timeout, lambda: (late.set(), stop(process)))
            timer.start()
            try:
                _, status, usage = os.wait4(process.pid, 0)  # counts the children it waited for, too
            except BaseException:
                stop(process)
                os.wait4(process.pid, 0)
                process.returncode = -signal.SIGKILL
                raise
            finally:
                timer.cancel()
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if late.is_set():
            raise CompileError(f"not done after {self.timeout:g} seconds")
        if process.returncode != 0:
            raise CompileError(first_error(errors.read_text(encoding="utf-8", errors="replace"), process.returncode))
        return {"cpu_seconds": usage.ru_utime + usage.ru_stime, "wall_seconds": wall, "peak_mib": usage.ru_maxrss / 1024}

    def compile(self, program, source, output):
        cost = self.run([*self.arguments(program.standard, program.includes, program.raised_limits), "-c", str(source)], output)
        return {**cost, "object_kib": object_bytes(output) / 1024}

    def preprocess(self, text, scratch, standard, includes):
        """Raises CompileError where an included header is missing."""
        scratch.write_text(text, encoding="utf-8")
        self.run([*self.arguments(standard, includes), "-E", str(scratch)], scratch.with_suffix(".i"))

    def dependencies(self, text, scratch):
        """All headers that a program includes; none if one is missing, for then the compilation will tell."""
        scratch.write_text(text, encoding="utf-8")
        rule = scratch.with_suffix(".d")
        try:
            self.run([*self.arguments(), "-M", str(scratch)], rule)
        except CompileError:
            return []
        words = re.split(r"(?<!\\)\s+", rule.read_text(encoding="utf-8").replace("\\\n", " "))
        return [Path(word.replace("\\ ", " ")).resolve() for word in words if word.endswith((".hpp", ".h"))]


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def first_error(text, status):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if re.search(r"\b(fatal )?error: ", line):
            return line
    return lines[0] if lines else f"exit status {status}"


SIZE_PROGRAM = shutil.which("size")
OBJECT_MEANING = "text + data of the object, as `size` counts" if SIZE_PROGRAM else "the object file's size"


def object_bytes(path):
    if not SIZE_PROGRAM:
        return path.stat().st_size
    table = subprocess.run([SIZE_PROGRAM, str(path)], capture_output=True, text=True, env=ENVIRONMENT, check=True).stdout
    text, data = table.splitlines()[1].split()[:2]
    return int(text) + int(data)
