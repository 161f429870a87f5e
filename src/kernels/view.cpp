// SPDX-License-Identifier: Apache-2.0
#include "graft/kernels/view.hpp"

#include "graft/base/fail.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels {

void fail_element_type(DType expected, DType received) {
  fail(ErrorKind::internal, "a kernel's argument: expected elements of ", to_string(expected), ", received ",
       to_string(received));
}

View view_of(const Tensor& tensor) { return {static_cast<const std::byte*>(tensor.raw()), tensor.dtype()}; }

MutableView view_of(Tensor& tensor) { return {static_cast<std::byte*>(tensor.raw()), tensor.dtype()}; }

}  // namespace graft::kernels
