// SPDX-License-Identifier: Apache-2.0
// Tensors: element types, shapes, sizes of images, data, and the weights of layers.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace graft {

/// Height and width, in this order. One number means both: Size2D{3} is 3 x 3, as Keras reads kernel_size=3.
struct Size2D {
  std::int64_t height = 0;  ///< rows
  std::int64_t width = 0;   ///< columns

  constexpr Size2D() = default;
  /// both x both.
  // NOLINTNEXTLINE(google-explicit-constructor): kernel_size = 3 should read as in Keras
  constexpr Size2D(std::int64_t both) : height(both), width(both) {}
  /// h x w: rows, then columns.
  constexpr Size2D(std::int64_t h, std::int64_t w) : height(h), width(w) {}
  friend constexpr bool operator==(const Size2D&, const Size2D&) = default;
};

/// Element types. Models compute in float32; tensors of the other types come from files and photos.
enum class DType { float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, boolean };

/// Bytes of one element.
[[nodiscard]] std::size_t size_of(DType type);
/// numpy's name: "float32", "uint8", "bool".
[[nodiscard]] std::string_view to_string(DType type);

/// Conversions between float32 and the two 16-bit formats; rounding to nearest even, overflow to infinity.
[[nodiscard]] float from_bfloat16(std::uint16_t bits);
[[nodiscard]] std::uint16_t to_bfloat16(float value);
[[nodiscard]] float from_float16(std::uint16_t bits);
[[nodiscard]] std::uint16_t to_float16(float value);

/// DTypeOf<T>::value is the DType whose elements have the C++ type T: float, double, std::int8_t,
/// std::int16_t, std::int32_t, std::int64_t or std::uint8_t. The elements of float16, bfloat16 and boolean
/// have no C++ type; Tensor::raw() reads them.
template <typename T>
struct DTypeOf;
// A specialisation for each of them, not repeated in the reference.
/// \cond
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = DType::uint8;
};
template <>
struct DTypeOf<std::int8_t> {
  static constexpr DType value = DType::int8;
};
template <>
struct DTypeOf<std::int16_t> {
  static constexpr DType value = DType::int16;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = DType::int32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = DType::int64;
};
/// \endcond

/// Sizes of a tensor's axes, outermost first: (N, H, W, C) for images. A size of -1 is open (Keras's None).
class Shape {
 public:
  /// The shape of a scalar: rank 0.
  Shape() = default;
  /// From the sizes of all axes: Shape{160, 160, 3}.
  Shape(std::initializer_list<std::int64_t> sizes) : sizes_(sizes) {}
  /// The same from a vector.
  explicit Shape(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {}

  /// Number of axes; 0 for a scalar.
  [[nodiscard]] std::size_t rank() const { return sizes_.size(); }
  /// Size of an axis; negative axes count from the last. Throws Error{invalid_argument} outside the rank.
  [[nodiscard]] std::int64_t operator[](int axis) const;
  /// Changes the size of an axis, counted as by operator[].
  void set(int axis, std::int64_t size);
  /// Product of all sizes; 1 for a scalar. Throws Error{shape_mismatch} if a size is open,
  /// Error{resource_limit} if the product does not fit into 63 bits.
  [[nodiscard]] std::int64_t count() const;
  /// Whether the size of any axis is open.
  [[nodiscard]] bool is_open() const;
  /// The sizes of all axes, outermost first; valid as long as the shape.
  [[nodiscard]] const std::vector<std::int64_t>& sizes() const { return sizes_; }
  /// This shape with one more axis in front: (H, W, C) -> (n, H, W, C).
  [[nodiscard]] Shape with_batch(std::int64_t n) const;
  /// This shape without its first axis. Throws Error{shape_mismatch} for a scalar.
  [[nodiscard]] Shape without_batch() const;
  /// As Keras prints it: (None, 7, 7, 512), (10,).
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> sizes_;
};

/// Writes shape.to_string().
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// Dense array in C order (last axis fastest), 64-byte aligned.
/// Ownership: a handle to shared storage, like a numpy array: copying the handle shares the elements, clone()
/// copies them. Threads: several threads may read while none writes.
class Tensor {
 public:
  /// An empty tensor: no storage, shape (0,).
  Tensor() = default;
  /// Zero-filled. Throws Error{resource_limit} when there is not enough memory.
  explicit Tensor(Shape shape, DType dtype = DType::float32);

  /// A float32 tensor whose elements are all `value`.
  [[nodiscard]] static Tensor full(Shape shape, float value);
  /// A copy of values in C order, of their element type. Throws Error{shape_mismatch} unless shape has as
  /// many elements as there are values.
  [[nodiscard]] static Tensor from(Shape shape, std::span<const float> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const double> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const std::uint8_t> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const std::int32_t> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const std::int64_t> values);
  /// A tensor over the caller's memory; keep_alive is held while any handle to it exists.
  [[nodiscard]] static Tensor view(Shape shape, DType dtype, void* data,
                                   std::shared_ptr<const void> keep_alive);

  /// Sizes of the axes; none is open.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  /// Type of the elements.
  [[nodiscard]] DType dtype() const { return dtype_; }
  /// Number of elements.
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// Bytes that the elements occupy.
  [[nodiscard]] std::size_t size_bytes() const { return static_cast<std::size_t>(count_) * size_of(dtype_); }
  /// Whether there are no elements.
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Whether another handle shares the storage.
  [[nodiscard]] bool is_shared() const { return data_.use_count() > 1; }

  /// The first element, of type dtype(); null for a tensor without storage. Valid while a handle to the
  /// storage exists.
  [[nodiscard]] void* raw() { return data_.get(); }
  /// The same for reading.
  [[nodiscard]] const void* raw() const { return data_.get(); }

  /// Elements as T. Throws Error{shape_mismatch} when T is not the element type.
  template <typename T = float>
  [[nodiscard]] std::span<T> data() {
    check_dtype(DTypeOf<T>::value);
    return {static_cast<T*>(raw()), static_cast<std::size_t>(count_)};
  }
  /// The same for reading.
  template <typename T = float>
  [[nodiscard]] std::span<const T> data() const {
    check_dtype(DTypeOf<T>::value);
    return {static_cast<const T*>(raw()), static_cast<std::size_t>(count_)};
  }

  /// One element by its position, one index per axis: images.at(n, h, w, c), labels.at<std::int32_t>(n).
  /// Throws Error{invalid_argument} for another number of indices or one out of range, Error{shape_mismatch}
  /// when T is not the element type. For single elements; loops over many use data().
  template <typename T = float, std::integral... Indices>
  [[nodiscard]] T& at(Indices... indices) {
    return data<T>()[position_of({static_cast<std::int64_t>(indices)...})];
  }
  /// The same for reading.
  template <typename T = float, std::integral... Indices>
  [[nodiscard]] const T& at(Indices... indices) const {
    return data<T>()[position_of({static_cast<std::int64_t>(indices)...})];
  }

  /// The same elements with another shape of the same count, sharing storage. Throws Error{shape_mismatch}.
  [[nodiscard]] Tensor reshape(Shape shape) const;
  /// Rows [begin, end) of the first axis, sharing storage. Throws Error{invalid_argument} for rows outside
  /// it.
  [[nodiscard]] Tensor slice(std::int64_t begin, std::int64_t end) const;
  /// A copy of the elements in new storage.
  [[nodiscard]] Tensor clone() const;
  /// A copy converted to another element type; the same handle when it already has that type. Floating-point
  /// values are rounded to nearest even in the 16-bit formats; to an integer type they lose their fraction
  /// and are limited to its range (NaN: 0).
  [[nodiscard]] Tensor to(DType dtype) const;
  /// Copies the elements of another tensor of the same shape and type into this one's storage.
  void copy_from(const Tensor& other);

 private:
  void check_dtype(DType wanted) const;
  [[nodiscard]] std::size_t position_of(std::initializer_list<std::int64_t> indices) const;

  std::shared_ptr<void> data_;
  Shape shape_{0};
  DType dtype_ = DType::float32;
  std::int64_t count_ = 0;
};

/// Shape, type and elements for people: "float32 (2, 2)\n[[1, 2], [3, 4]]". Of an axis longer than 6 only the
/// first and last 3 elements are shown.
[[nodiscard]] std::string to_string(const Tensor& tensor);

/// 64-byte aligned, zero-filled memory. Throws Error{resource_limit}.
[[nodiscard]] std::shared_ptr<void> allocate_aligned(std::size_t bytes);

/// One weight of a layer: float32, in Keras's axis order, e.g. a kernel (kh, kw, in, out).
/// The layer owns it through a shared_ptr; plans that read it hold another. version() counts changes, so that
/// a plan notices when data derived from the value (folded, packed) is out of date. The initial value is
/// computed at its first use, so that loading weights from a file computes no random numbers. Threads: one at
/// a time until the first value() has returned; then several readers, or one writer.
class Variable {
 public:
  /// Writes the initial value into a tensor of the variable's shape, which is filled with zeros.
  using Initializer = std::function<void(Tensor& zeros)>;

  /// name: the last part of the path, "kernel". An empty initializer means zeros. can_train: false for
  /// statistics such as moving_mean.
  Variable(std::string name, Shape shape, Initializer initializer = {}, bool can_train = true)
      : name_(std::move(name)),
        shape_(std::move(shape)),
        initializer_(std::move(initializer)),
        can_train_(can_train) {}

  /// Last part of the path: "kernel".
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Whole path within the model, "block5_conv1/kernel"; set by the layer.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Sets the path; for layers.
  void set_path(std::string path) { path_ = std::move(path); }
  /// Shape of the value.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  /// Number of elements: Keras's number of parameters.
  [[nodiscard]] std::int64_t count() const { return shape_.count(); }
  /// Whether training may change it; false for statistics. Freezing is the layer's trainable flag, not this.
  [[nodiscard]] bool can_train() const { return can_train_; }

  /// The value, float32 of shape(). The first call computes the initial value where none was assigned.
  [[nodiscard]] const Tensor& value() const;
  /// The value for writing; counts as a change.
  [[nodiscard]] Tensor& mutable_value();
  /// Copies the elements. Throws Error{shape_mismatch} naming the path.
  void assign(const Tensor& value);
  /// Uses the tensor as the value, without a copy where there is no value yet; otherwise copies it, because
  /// plans may hold the value's address. Throws Error{shape_mismatch} naming the path.
  void adopt(const Tensor& value);
  /// Increases with every change of the value; begins at 1.
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

/// A variable shared by its layer and everything that uses it.
using VariablePtr = std::shared_ptr<Variable>;

}  // namespace graft

#pragma GCC visibility pop
