// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/tensor.hpp"

namespace graft {

const Tensor& Variable::value() const {
  if (value_.raw() == nullptr) {
    value_ = Tensor(shape_);
    if (initializer_) initializer_(value_);
  }
  return value_;
}

Tensor& Variable::mutable_value() {
  (void)value();
  ++version_;
  return value_;
}

void Variable::check_shape(const Tensor& value) const {
  if (value.shape() == shape_) return;
  fail(ErrorKind::shape_mismatch, "weight '", path_.empty() ? name_ : path_, "': expected shape ", shape_,
       ", received ", value.shape());
}

void Variable::assign(const Tensor& value) {
  check_shape(value);
  if (value_.raw() == nullptr) value_ = Tensor(shape_);  // the initial value would be overwritten at once
  ++version_;
  value_.copy_from(value.to(DType::float32));
}

void Variable::adopt(const Tensor& value) {
  if (value_.raw() != nullptr) return assign(value);
  check_shape(value);
  ++version_;
  value_ = value.to(DType::float32);
}

}  // namespace graft
