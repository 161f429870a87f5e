// SPDX-License-Identifier: Apache-2.0
#include "graft/base/error.hpp"
#include "graft/kernels/kernel.hpp"

#include "kernels/arguments.hpp"

namespace graft::kernels {

std::unique_ptr<Kernel> make_kernel(const Spec& spec) {
  for (const Backend* backend : {&onednn(), &native(), &reference()}) {
    if (auto kernel = backend->make(spec)) return kernel;
  }
  fail(ErrorKind::unsupported, "no kernel for the operation ", ops::name_of(spec.params));
}

}  // namespace graft::kernels
