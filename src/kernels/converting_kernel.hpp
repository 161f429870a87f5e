// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "graft/kernels/kernel.hpp"

namespace graft::kernels {

/// A float32 kernel for a spec with arguments of bfloat16 or 8 bits, which are converted before and after it.
/// Where samples are independent, it processes a few at a time, so that the float32 copies stay in the cache.
[[nodiscard]] std::unique_ptr<Kernel> make_converting_kernel(const Spec& spec);

}  // namespace graft::kernels
