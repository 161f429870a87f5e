// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "graft/tensor/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// One weight of a layer: float32, in Keras's axis order, e.g. a kernel (kh, kw, in, out).
/// The layer owns it through a shared_ptr; plans that read it hold another. version() counts changes, so that
/// a plan notices when data derived from the value (folded, packed) is out of date. The initial value is
/// computed at its first use, so that loading weights from a file computes no random numbers. Threads: one at
/// a time until the first value() has returned; then several readers, or one writer.
class Variable {
 public:
  using Initializer = std::function<void(Tensor& zeros)>;

  /// name: the last part of the path, "kernel". An empty initializer means zeros. can_train: false for
  /// statistics such as moving_mean.
  Variable(std::string name, Shape shape, Initializer initializer = {}, bool can_train = true)
      : name_(std::move(name)),
        shape_(std::move(shape)),
        initializer_(std::move(initializer)),
        can_train_(can_train) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Whole path within the model, "block5_conv1/kernel"; set by the layer.
  [[nodiscard]] const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] std::int64_t count() const { return shape_.count(); }
  [[nodiscard]] bool can_train() const { return can_train_; }

  [[nodiscard]] const Tensor& value() const;
  /// The value for writing; counts as a change.
  [[nodiscard]] Tensor& mutable_value();
  /// Copies the elements. Throws Error{shape_mismatch} naming the path.
  void assign(const Tensor& value);
  /// Uses the tensor as the value, without a copy where there is no value yet; otherwise copies it, because
  /// plans may hold the value's address. Throws Error{shape_mismatch} naming the path.
  void adopt(Tensor value);
  [[nodiscard]] std::uint64_t version() const { return version_; }

 private:
  void check_shape(const Tensor& value) const;

  std::string name_;
  std::string path_;
  Shape shape_;
  Initializer initializer_;
  mutable Tensor value_;
  bool can_train_;
  std::uint64_t version_ = 1;
};

using VariablePtr = std::shared_ptr<Variable>;

}  // namespace graft

#pragma GCC visibility pop
