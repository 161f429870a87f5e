// SPDX-License-Identifier: Apache-2.0
#include "kernels/onednn/runtime.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/execution.hpp"
#include "graft/tensor.hpp"

#include "kernels/onednn/compat.hpp"
#include "kernels/thread_scratch.hpp"

namespace graft::kernels::onednn_detail {

using dnnl::memory;

memory::data_type type_of(DType dtype) {
  if (dtype == DType::uint8) return memory::data_type::u8;
  if (dtype == DType::int8) return memory::data_type::s8;
  return dtype == DType::bfloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

namespace {

/// Weights of at most this many bytes are packed by one thread: waking others takes longer on a busy machine.
constexpr std::size_t kMostForOneThread = 1U << 20;

DType dtype_of(memory::data_type type) {
  if (type == memory::data_type::u8) return DType::uint8;
  if (type == memory::data_type::s8) return DType::int8;
  return type == memory::data_type::bf16 ? DType::bfloat16 : DType::float32;
}

}  // namespace

const dnnl::engine& engine() {
  static const auto* const instance = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *instance;
}

const dnnl::stream& stream() {
  static const auto* const instance = new dnnl::stream(engine());
  return *instance;
}

memory::desc plain(const memory::dims& dims, const memory::dims& strides, DType dtype) {
  return {dims, type_of(dtype), strides};
}

memory::desc any_layout(const memory::dims& dims, DType dtype) {
  return {dims, type_of(dtype), memory::format_tag::any};
}

memory::desc image(const memory::dims& nhwc, DType dtype) {
  return {{nhwc[0], nhwc[3], nhwc[1], nhwc[2]}, type_of(dtype), memory::format_tag::nhwc};
}

memory::desc matrix(std::int64_t rows, std::int64_t columns, DType dtype) {
  return {{rows, columns}, type_of(dtype), memory::dims{columns, 1}};
}

memory::desc transposed(std::int64_t rows, std::int64_t columns, DType dtype) {
  return {{rows, columns}, type_of(dtype), memory::dims{1, rows}};
}

memory::desc vector(std::int64_t count) { return {{count}, memory::data_type::f32, memory::format_tag::a}; }

memory unbound(const memory::desc& desc) { return {desc, engine(), DNNL_MEMORY_NONE}; }

dnnl::primitive_attr attributes_with(const dnnl::post_ops& post_ops) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(post_ops);
  return attributes;
}

bool is_divided_by_onednn() { return num_threads() > 1; }

bool is_slow(const dnnl::primitive_desc_base& desc) {
  return std::string_view(desc.impl_info_str()).find("ref") != std::string_view::npos;
}

bool adds_residual(const dnnl::primitive_desc_base& desc) {
  return std::string_view(desc.impl_info_str()).find("gemm") == std::string_view::npos;
}

bool writes_behind_result(const dnnl::primitive_desc_base& desc) {
  if (!std::string_view(desc.impl_info_str()).starts_with("jit_1x1:avx512_core_amx")) return false;
  const memory::dims dims = desc.query_md(dnnl::query::dst_md, 0).dims();
  if (dims.size() != 4) return true;
  const std::int64_t pixels = dims[2] * dims[3];
  std::int64_t tile = std::min<std::int64_t>(pixels, 16);
  while (pixels % tile != 0) --tile;
  return pixels / tile == 3;
}

PrimitiveCall::PrimitiveCall(const dnnl::primitive& primitive, const memory::desc& scratch)
    : primitive_(primitive) {
  scratch_bytes_ = scratch.get_size();
  if (scratch_bytes_ == 0) return;
  scratch_ = unbound(scratch);
  add(DNNL_ARG_SCRATCHPAD, scratch_);
}

void PrimitiveCall::add(int argument, const memory& memory) {
  arguments_.push_back({argument, memory.get()});
  memories_.push_back(memory);
  unbound_.emplace_back();
}

void PrimitiveCall::add_unbound(int argument, const memory::desc& desc) {
  add(argument, unbound(desc));
  unbound_.back() = dtype_of(data_type_of(desc));
}

void PrimitiveCall::bind(int argument, const View& elements) {
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    if (arguments_[i].arg != argument || !unbound_[i]) continue;
    if (elements.dtype != *unbound_[i]) fail_element_type(*unbound_[i], elements.dtype);
    // oneDNN accepts all elements through void*; it does not write to sources.
    return memories_[i].set_data_handle(const_cast<std::byte*>(elements.data));
  }
  fail(ErrorKind::internal, "oneDNN: no argument ", argument, " to bind");
}

bool PrimitiveCall::has(int argument) const {
  return std::ranges::any_of(arguments_, [&](const dnnl_exec_arg_t& one) { return one.arg == argument; });
}

void PrimitiveCall::run(std::string_view operation) {
  run_in(scratch_bytes_ > 0 ? thread_scratch(scratch_bytes_) : nullptr, operation);
}

void PrimitiveCall::run_in(std::byte* scratch, std::string_view operation) {
  if (scratch_bytes_ > 0) scratch_.set_data_handle(scratch);
  const dnnl_status_t status = dnnl_primitive_execute(primitive_.get(), stream().get(),
                                                      static_cast<int>(arguments_.size()), arguments_.data());
  if (status != dnnl_success) {
    fail(ErrorKind::internal, operation, ": oneDNN failed with status ", static_cast<int>(status));
  }
}

void PrimitiveCall::own_scratch() {
  if (scratch_bytes_ == 0) return;
  own_ = allocate_aligned(scratch_bytes_);
  std::memset(own_.get(), 0, scratch_bytes_);
  scratch_.set_data_handle(own_.get());
  scratch_bytes_ = 0;
}

PackedWeights::PackedWeights(const memory::desc& ours, const memory::desc& theirs)
    : ours_(unbound(ours)), theirs_(unbound(theirs)), same_layout_(ours == theirs) {
  if (same_layout_) return;
  storage_ = allocate_aligned(theirs.get_size());
  theirs_.set_data_handle(storage_.get());
  const bool is_small = theirs.get_size() <= kMostForOneThread;
  if (is_small) packing_ = Execution{.threads = 1};
  const ExecutionScope scope(packing_);
  const dnnl::reorder::primitive_desc desc(engine(), ours, engine(), theirs, attributes_with({}));
  reorder_ = PrimitiveCall(dnnl::reorder(desc), desc.scratchpad_desc());
  reorder_.add(DNNL_ARG_FROM, ours_);
  reorder_.add(DNNL_ARG_TO, theirs_);
}

void PackedWeights::pack(const float* weights) {
  packed_ = false;
  if (weights == nullptr) return;
  prepare(weights);
  packed_ = true;
}

void PackedWeights::prepare(const float* weights) {
  if (packed_) return;
  if (same_layout_) {
    theirs_.set_data_handle(const_cast<float*>(weights));
  } else {
    ours_.set_data_handle(const_cast<float*>(weights));
    const ExecutionScope scope(packing_);
    reorder_.run("packing weights");
  }
}

}  // namespace graft::kernels::onednn_detail
