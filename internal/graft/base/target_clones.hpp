// SPDX-License-Identifier: Apache-2.0
// GRAFT_CLONES before a plain function with a loop: gcc compiles it for AVX-512, AVX2 and the base
// instruction set, and the program picks at its start. Levels, not single features: "avx512f" has no fused
// multiplication and addition for the last few elements of a loop, which would then round otherwise than the
// ones before, and a photo's features would depend on its place in the batch. Not under sanitizers, whose run
// time is not ready by then.
#pragma once

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GRAFT_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GRAFT_CLONES
#endif
