// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "graft/kernels/kernel.hpp"

namespace graft::kernels {

/// A float32 kernel for a spec with arguments of bfloat16 or 8 bits: they are converted on the way in and
/// out. Where samples do not depend on each other, few are worked on at a time, so that the float32 copies
/// stay in the cache.
[[nodiscard]] std::unique_ptr<Kernel> make_converting_kernel(const Spec& spec);

}  // namespace graft::kernels
