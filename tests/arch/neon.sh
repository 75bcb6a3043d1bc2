#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The programs of this folder for 64-bit ARM, on Debian's cross compiler and emulator (packages g++-aarch64-linux-gnu and
# qemu-user): neon.sh [folder of xsimd's headers]. Takes about a minute; not part of `ctest`.
set -euo pipefail
cd "$(dirname "$0")/../.."

headers=${1:-/usr/include}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ln -s "$headers/xsimd" "$scratch/xsimd" # alone: the rest of that folder belongs to this machine
for program in kernels ulp; do
    aarch64-linux-gnu-g++ -std=c++20 -O2 -Wall -Wextra -Werror -static -Iinclude -isystem "$scratch" \
        "tests/arch/$program.cpp" -o "$scratch/$program"
done
qemu-aarch64 "$scratch/kernels"
qemu-aarch64 "$scratch/ulp" 9973
