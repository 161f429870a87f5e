// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "graft/extend/op.hpp"
#include "graft/kernels/view.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels {

/// The name of an argument: an enumeration In or Out of an op of op.hpp.
template <typename T>
concept ArgumentName = std::is_enum_v<T>;

/// One argument of a spec. An absent one has the shape Shape{} and present = false.
struct Argument {
  Shape shape;
  bool present = true;
  DType dtype = DType::float32;
  float scale = 1;        ///< of uint8 and int8: what 1 stands for
  bool constant = false;  ///< a weight that changes rarely: long preparation pays
};
/// What a kernel is built for: one op with the shapes and types of its arguments, fixed for the kernel's
/// life. Arguments are in the order of the op's enumerations In and Out; optional ones at the end may be left
/// out.
struct Spec {
  ops::Params params;
  std::vector<Argument> inputs;
  std::vector<Argument> outputs;
  /// Threads that call run() at the same time: see Kernel.
  int concurrency = 1;

  /// The argument of this name, which must not be left out.
  template <ArgumentName Name>
  [[nodiscard]] const Argument& in(Name name) const {
    return inputs.at(static_cast<std::size_t>(name));
  }
  template <ArgumentName Name>
  [[nodiscard]] const Argument& out(Name name) const {
    return outputs.at(static_cast<std::size_t>(name));
  }
  /// Whether it is neither absent nor left out.
  template <ArgumentName Name>
  [[nodiscard]] bool has_in(Name name) const {
    return static_cast<std::size_t>(name) < inputs.size() && in(name).present;
  }
  template <ArgumentName Name>
  [[nodiscard]] bool has_out(Name name) const {
    return static_cast<std::size_t>(name) < outputs.size() && out(name).present;
  }
};

/// What differs from run to run, apart from the elements. Random ops draw from (seed, step, the op's own
/// seed, sample).
struct RunContext {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  /// The batch's index of the arguments' first sample; RandomTransform and RandomBrightness use it.
  std::uint64_t first_sample = 0;
  std::size_t thread = 0;  ///< in [0, Spec::concurrency): which of the concurrent runs this is
};

/// The arguments of one run in the order of op.hpp, each with the element type of its Argument; an absent one
/// has no data.
using Inputs = std::span<const View>;
using Outputs = std::span<const MutableView>;

/// One op on the CPU, built once and then only executed. run() allocates nothing.
///
/// Threads. With Spec::concurrency 1, one thread at a time calls run(), which uses the threads of
/// base/parallel.hpp. With Spec::concurrency N > 1, up to N threads of a parallel_for call run() at the same
/// time, each with its own arguments and its number in RunContext::thread, and each run computes in its
/// thread only; weights then come from pack(), which is never concurrent. make_kernel() returns kernels that
/// satisfy this: one that allows_concurrent_runs(), or one kernel for each thread.
///
/// In place. An output may be the same array as an input where the op's row (ops/op_table.hpp) has the trait
/// in_place for that input, and shapes and types are equal.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Copies weights into the kernel's own form. Called before the first run, and again whenever an input that
  /// is a weight has changed. Inputs that are not weights have no data here. If the kernel of a convolution
  /// has no data here, another op computes it: it is packed in every run.
  virtual void pack(Inputs inputs) { (void)inputs; }
  virtual void run(const RunContext& context, Inputs inputs, Outputs outputs) = 0;
  /// Whether this object supports concurrent runs, with Spec::concurrency of the spec that it was made for.
  [[nodiscard]] virtual bool allows_concurrent_runs() const { return false; }
  /// Whether run() uses threads of OpenMP, which are oneDNN's: see OpenMpLoops of base/parallel.hpp.
  [[nodiscard]] virtual bool uses_openmp() const { return false; }
  /// Which implementation this is, for profiles: "onednn jit_1x1:avx512_core".
  [[nodiscard]] virtual std::string_view implementation() const = 0;
};

/// A source of kernels.
class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// A kernel for this spec, or null where this backend has none.
  [[nodiscard]] virtual std::unique_ptr<Kernel> make(const Spec& spec) const = 0;
};

/// Every op except Reshape, written as its formula; never optimised. The others are compared with it.
[[nodiscard]] const Backend& reference();
/// Loops over NHWC memory that the compiler vectorises, on all threads: elementwise ops, pooling, statistics,
/// images.
[[nodiscard]] const Backend& native();
/// Convolutions and matrix products by oneDNN.
[[nodiscard]] const Backend& onednn();

/// True where the processor has instructions that multiply bfloat16 numbers. product_speed() measures whether
/// they are faster than those of float32.
[[nodiscard]] bool has_bfloat16();

/// The values that weights of 8-bit products are rounded to, in units of their channel's scale: multiples of
/// `step` from -most to most.
struct WeightLevels {
  int most, step;
};
/// The levels for products with an array of type x, int8 or uint8. With VNNI: 127 and 1. Other processors sum
/// two products in 16 bits, whose largest number is 32767: weights reach 64 (255 * 64 * 2 = 32640), or 127
/// where each channel is separate and summed in 32 bits. For an int8 array oneDNN adds 128 and halves the
/// weights: they are even and reach 126.
[[nodiscard]] WeightLevels eight_bit_weight_levels(DType x, bool each_channel_alone);

/// The first kernel that onednn, native or reference offers, in this order (native first where it is
/// faster). Where none supports the arguments' types: a float32 kernel between conversions. Where
/// Spec::concurrency > 1 and the kernel does not allow concurrent runs: one kernel for each thread.
/// Throws Error{unsupported} naming the op.
[[nodiscard]] std::unique_ptr<Kernel> make_kernel(const Spec& spec);

/// True where `convolution` runs with this activation and a residual in one kernel, so that the plan may fuse
/// them.
[[nodiscard]] bool can_fuse(const ops::Activation& activation);

}  // namespace graft::kernels
