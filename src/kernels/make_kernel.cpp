// SPDX-License-Identifier: Apache-2.0
#include "graft/base/error.hpp"
#include "graft/kernels/kernel.hpp"

#include "kernels/arguments.hpp"
#include "kernels/converting_kernel.hpp"

namespace graft::kernels {

namespace {

/// Where native's own loops are faster, if it has any: convolutions, a single photo's Dense, which only
/// streams its weights from memory, and the kernel's gradient of depthwise convolutions.
bool is_native_faster(const Spec& spec) {
  if (std::holds_alternative<ops::Convolution>(spec.params) ||
      std::holds_alternative<ops::ConvolutionBackwardInput>(spec.params))
    return true;
  if (const auto* gradient = std::get_if<ops::ConvolutionBackwardKernel>(&spec.params))
    return gradient->groups > 1;
  return std::holds_alternative<ops::Dense>(spec.params) && rows(spec.inputs[0].shape) == 1;
}

}  // namespace

std::unique_ptr<Kernel> make_kernel(const Spec& spec) {
  if (is_native_faster(spec)) {
    if (auto kernel = native().make(spec)) return kernel;
  }
  for (const Backend* backend : {&onednn(), &native(), &reference()}) {
    if (auto kernel = backend->make(spec)) return kernel;
  }
  if (any_low(spec)) return make_converting_kernel(spec);
  fail(ErrorKind::unsupported, "no kernel for the operation ", ops::name_of(spec.params));
}

bool has_fast_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace graft::kernels
