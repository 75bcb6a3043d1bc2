#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The programs of this folder and a small network in training for 64-bit ARM, on Debian's cross compiler and emulator
# (`.ci/setup nightly` installs them): neon.sh [folder of the headers of xsimd, xtensor and xtl]. Takes about two minutes; part
# of .ci/nightly, not of `ctest`.
set -euo pipefail
cd "$(dirname "$0")/../.."

headers=${1:-/usr/include}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for library in xsimd xtensor xtl; do
    ln -s "$headers/$library" "$scratch/$library" # alone: the rest of that folder belongs to this machine
done
compile() {
    aarch64-linux-gnu-g++ -std=c++20 -fconstexpr-ops-limit=1000000000 -Wall -Wextra -Werror -Wno-psabi -static -Iinclude \
        -isystem "$scratch" "$@"
}
for program in kernels convolutions ulp; do
    compile -O2 "tests/arch/$program.cpp" -o "$scratch/$program"
done
qemu-aarch64 "$scratch/kernels"
qemu-aarch64 "$scratch/convolutions"
qemu-aarch64 "$scratch/ulp" 9973

compile -O1 -DUNIT=scalar -DXGRAD_SCALAR -c tests/house/unit.cpp -o "$scratch/scalar.o"
compile -O1 -DUNIT=native -c tests/house/unit.cpp -o "$scratch/native.o"
compile -O1 tests/house/units.cpp "$scratch/scalar.o" "$scratch/native.o" -o "$scratch/units"
qemu-aarch64 "$scratch/units" 2
