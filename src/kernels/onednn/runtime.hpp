// SPDX-License-Identifier: Apache-2.0
// The process's oneDNN engine, and the parts of every oneDNN kernel: memory without elements, a primitive
// with its arguments, weights in the primitive's own layout.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "graft/execution.hpp"
#include "graft/extend/activation.hpp"

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
[[nodiscard]] dnnl::memory::desc vector(std::int64_t count);

/// Memory without elements; they are set before each run.
[[nodiscard]] dnnl::memory unbound(const dnnl::memory::desc& desc);

/// Attributes all kernels use: scratch memory is given with each run.
[[nodiscard]] dnnl::primitive_attr attributes_with(const dnnl::post_ops& post_ops);
/// Appends the activation's exact counterpart; false, and nothing appended, where oneDNN has none.
bool append_activation(dnnl::post_ops& post_ops, const ops::Activation& activation);

/// True for oneDNN's plain loops, which are far slower than its other implementations.
[[nodiscard]] bool is_slow(const dnnl::primitive_desc_base& desc);
/// True where the implementation adds a residual correctly: oneDNN 2.6's convolutions by matrix products
/// accept one and compute wrong sums.
[[nodiscard]] bool adds_residual(const dnnl::primitive_desc_base& desc);
/// True where the implementation, with a residual, writes behind the end of its result: oneDNN 2.6's 1 x 1
/// convolutions on AMX compute pixels in tiles of up to 16, two tiles at a time, and where an image has three
/// tiles (6 x 6 pixels have three of 12) the fourth is behind it.
[[nodiscard]] bool writes_behind_result(const dnnl::primitive_desc_base& desc);

/// Whether a primitive that is made now divides its work among several threads, which are OpenMP's.
[[nodiscard]] bool is_divided_by_onednn();

/// A primitive with its arguments. Arguments are memories that the caller keeps, or unbound ones that bind()
/// points at elements before each run. Its scratch memory is the running thread's thread_scratch(), whose
/// contents are lost. One run at a time.
class PrimitiveCall {
 public:
  PrimitiveCall() = default;
  PrimitiveCall(const dnnl::primitive& primitive, const dnnl::memory::desc& scratch);
  /// argument: a number of oneDNN's, DNNL_ARG_SRC for example.
  void add(int argument, const dnnl::memory& memory);
  void add_unbound(int argument, const dnnl::memory::desc& desc);
  /// Throws Error{internal} where the view's element type is not the desc's, or there is no such argument.
  void bind(int argument, const View& elements);
  [[nodiscard]] bool has(int argument) const;
  /// Throws Error{internal} naming the operation and oneDNN's reason.
  void run(std::string_view operation);
  /// For callers that use thread_scratch() themselves; scratch: scratch_bytes() of it.
  void run_in(std::byte* scratch, std::string_view operation);
  [[nodiscard]] std::size_t scratch_bytes() const { return scratch_bytes_; }
  /// Allocates scratch memory for this call only, zeros at first.
  void own_scratch();

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl_exec_arg_t> arguments_;
  std::vector<dnnl::memory> memories_;         ///< of each argument
  std::vector<std::optional<DType>> unbound_;  ///< by argument: the element type of those that are bound
  dnnl::memory scratch_;
  std::size_t scratch_bytes_ = 0;  ///< that the caller provides
  std::shared_ptr<void> own_;
};

/// Weights in the layout that a primitive needs, copied from ours in pack(), or in each run where they are
/// not weights but computed; where the layouts are the same nothing is copied.
class PackedWeights {
 public:
  PackedWeights() = default;
  PackedWeights(const dnnl::memory::desc& ours, const dnnl::memory::desc& theirs);
  [[nodiscard]] const dnnl::memory& memory() const { return theirs_; }
  /// weights null: each run passes them to prepare().
  void pack(const float* weights);
  void prepare(const float* weights);

 private:
  dnnl::memory ours_, theirs_;
  PrimitiveCall reorder_;
  Execution packing_;  ///< the threads that pack
  std::shared_ptr<void> storage_;
  bool same_layout_ = true;
  bool packed_ = false;
};

}  // namespace graft::kernels::onednn_detail
