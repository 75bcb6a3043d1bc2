# SPDX-License-Identifier: BSD-3-Clause
"""How far it is: a line for each measurement, or on a terminal a bar with the time left."""

import shutil
import sys
import time


class Progress:
    def __init__(self, guesses, stream=sys.stderr):
        self.left, self.count, self.done = sum(guesses), len(guesses), 0
        self.guessed, self.spent = 0, 0
        self.stream, self.live = stream, stream.isatty()

    def begin(self, what):
        self.what, self.start = what, time.monotonic()
        self.draw()

    def end(self, guess, result):
        self.left -= guess
        self.guessed += guess
        self.spent += time.monotonic() - self.start
        self.done += 1
        if not self.live:
            print(f"[{self.done}/{self.count}] {self.what}: {result}", file=self.stream, flush=True)
        self.draw()

    def skip(self, guess):
        self.left -= guess
        self.done += 1

    def draw(self):
        if not self.live:
            return
        # Guesses are of one machine; what was measured so far says how much slower this one is.
        seconds = self.left * (self.spent / self.guessed if self.guessed else 1)
        left = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
        full = round(24 * self.done / self.count)
        line = f"[{'#' * full}{'.' * (24 - full)}] {self.done}/{self.count}, {left} left  {self.what}"
        self.stream.write("\r\033[K" + line[: shutil.get_terminal_size().columns - 1])
        self.stream.flush()

    def finish(self):
        if self.live:
            self.stream.write("\r\033[K")
            self.stream.flush()
