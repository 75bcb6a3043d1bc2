// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// XGRAD_ARCHITECTURES lists the architectures for which the CMake function xgrad_add_dispatched_sources compiles sources;
/// without it there is one, that of the translation unit.
#if !defined(XGRAD_ARCHITECTURES)
#define XGRAD_ARCHITECTURES ::xgrad::this_architecture
#endif
