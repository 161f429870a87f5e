// SPDX-License-Identifier: Apache-2.0
// The process's oneDNN engine, and what every oneDNN kernel is made of: memory without elements of its own,
// a primitive with its arguments, weights in the primitive's own layout.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "graft/ops/activation.hpp"

#include "kernels/arguments.hpp"

namespace graft::kernels::onednn_detail {

/// One CPU engine and stream for the process, made at first use and never destroyed: kernels may outlive
/// static objects.
[[nodiscard]] const dnnl::engine& engine();
[[nodiscard]] const dnnl::stream& stream();

[[nodiscard]] dnnl::memory::desc plain(const dnnl::memory::dims& dims, const dnnl::memory::dims& strides,
                                       DType dtype = DType::float32);
[[nodiscard]] dnnl::memory::desc any_layout(const dnnl::memory::dims& dims, DType dtype = DType::float32);
/// (N, H, W, C) in memory; oneDNN's own order of dims is (N, C, H, W).
[[nodiscard]] dnnl::memory::desc image(const dnnl::memory::dims& nhwc, DType dtype);
/// A matrix in C order, or its transpose.
[[nodiscard]] dnnl::memory::desc matrix(std::int64_t rows, std::int64_t columns,
                                        DType dtype = DType::float32);
[[nodiscard]] dnnl::memory::desc transposed(std::int64_t rows, std::int64_t columns,
                                            DType dtype = DType::float32);
[[nodiscard]] dnnl::memory::data_type type_of(DType dtype);
/// The element type of an argument; float32 for one that is left out.
[[nodiscard]] inline DType dtype_of(std::span<const Argument> arguments, std::size_t i) {
  return i < arguments.size() ? arguments[i].dtype : DType::float32;
}
[[nodiscard]] dnnl::memory::desc vector(std::int64_t count);

/// Memory whose elements are given before each run.
[[nodiscard]] dnnl::memory unbound(const dnnl::memory::desc& desc);
/// oneDNN takes all elements through void*; it does not write to sources.
void bind(dnnl::memory& memory, const float* elements);

/// Attributes all kernels use: scratch memory is given with each run.
[[nodiscard]] dnnl::primitive_attr attributes_with(const dnnl::post_ops& post_ops);
/// Appends the activation's exact counterpart; false, and nothing appended, where oneDNN has none.
bool append_activation(dnnl::post_ops& post_ops, const ops::Activation& activation);

/// True for oneDNN's plain loops, which are far slower than its other implementations.
[[nodiscard]] bool is_slow(const dnnl::primitive_desc_base& desc);
/// True where the implementation adds a residual correctly: oneDNN 2.6's convolutions by matrix products
/// accept one and give wrong sums.
[[nodiscard]] bool adds_residual(const dnnl::primitive_desc_base& desc);

/// A primitive with its arguments. Its scratch memory is the running thread's shared_memory(): what that
/// holds is lost, and nothing is allocated once it is large enough.
class Execution {
 public:
  Execution() = default;
  Execution(const dnnl::primitive& primitive, const dnnl::memory::desc& scratch);
  void add(int argument, const dnnl::memory& memory);
  /// Throws Error{internal} naming the operation and oneDNN's reason.
  void run(std::string_view operation);
  /// For callers that use shared_memory() themselves: scratch_bytes() of it at scratch.
  void run_in(std::byte* scratch, std::string_view operation);
  [[nodiscard]] std::size_t scratch_bytes() const { return scratch_bytes_; }
  /// Scratch memory of its own from here on, zeros at first.
  void own_scratch();

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl_exec_arg_t> arguments_;
  std::vector<dnnl::memory> keep_alive_;
  dnnl::memory scratch_;
  std::size_t scratch_bytes_ = 0;  ///< to be given
  std::shared_ptr<void> own_;
};

/// Weights in the layout a primitive asks for, copied from ours in pack(), or in each run where they are not
/// weights but computed; where the layouts are the same nothing is copied.
class PackedWeights {
 public:
  PackedWeights() = default;
  PackedWeights(const dnnl::memory::desc& ours, const dnnl::memory::desc& theirs);
  [[nodiscard]] const dnnl::memory& memory() const { return theirs_; }
  /// weights null: they will come with each run.
  void pack(const float* weights);
  void prepare(const float* weights);

 private:
  dnnl::memory ours_, theirs_;
  Execution reorder_;
  std::shared_ptr<void> storage_;
  bool same_layout_ = true;
  bool packed_ = false;
};

}  // namespace graft::kernels::onednn_detail
