// SPDX-License-Identifier: Apache-2.0
#include "graft/kernels/identity.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include "graft/base/fail.hpp"

#include "kernels/vectors/vectors.hpp"

namespace graft::kernels {
namespace {

/// To be counted up with every change to a kernel, or to the choice between kernels, that changes bits.
constexpr int kRevision = 7;

/// As target_clones.hpp's loops choose, and those written for vectors.
const char* native_instructions() {
  if (vectors::has_avx512()) return "avx512";
  return vectors::has_avx2() ? "avx2" : "baseline";
}

}  // namespace

std::string identity() {
  const dnnl_version_t* version = dnnl_version();
  return cat("kernels ", kRevision, ", ", native_instructions(), ", onednn ", version->major, ".",
             version->minor, ".", version->patch, " ", version->hash, " isa ",
             static_cast<int>(dnnl::get_effective_cpu_isa()));
}

}  // namespace graft::kernels
