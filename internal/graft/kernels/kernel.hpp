// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "graft/kernels/view.hpp"
#include "graft/ops/op.hpp"
#include "graft/tensor/dtype.hpp"
#include "graft/tensor/shape.hpp"

namespace graft::kernels {

/// What a kernel is built for: one op with the shapes of its arguments, fixed for the kernel's life. An
/// absent argument has the shape Shape{} and present = false.
struct Argument {
  Shape shape;
  bool present = true;
  DType dtype = DType::float32;
  float scale = 1;        ///< of uint8 and int8: what 1 stands for
  bool constant = false;  ///< a weight that hardly ever changes, worth preparing at length
};
struct Spec {
  ops::Params params;
  std::vector<Argument> inputs;
  std::vector<Argument> outputs;
  /// So many threads are in run() at once within a parallel_for, each with arguments of its own and its
  /// number in the context, and compute alone. The weights, if any, are given by pack().
  int at_once = 1;
};

/// What differs from run to run beside the elements: random ops draw from (seed, step, the op's own seed,
/// sample).
struct RunContext {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  /// Which of the batch the arguments begin with; RandomTransform and RandomBrightness ask for it.
  std::uint64_t first_sample = 0;
  std::size_t thread = 0;  ///< which of Spec::at_once this is
};

/// The arguments of one run in the order of op.hpp, each with the element type of its Argument; an absent one
/// has no data.
using Inputs = std::span<const View>;
using Outputs = std::span<const MutableView>;

/// One op on the CPU, built once and then only executed. Threads: one run at a time per object; it uses the
/// threads of base/parallel.hpp. No allocation in run(). For Spec::at_once see there. In place: an output may
/// be the same array as an input of its shape for ActivationForward, ActivationBackward, Add, Binary,
/// ScaleShift, Dropout, GaussianNoise, Softmax, RandomContrast, RandomBrightness and
/// BatchNormalizationTrainingBackward; for no other op, in particular not for a Convolution's residual.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Takes over weights into the kernel's own form. Called before the first run and again whenever an input
  /// that is a weight has changed; inputs that are no weights are null here. A kernel (the convolution's)
  /// that is null here is computed by another op: then it is taken over in every run.
  virtual void pack(Inputs inputs) { (void)inputs; }
  virtual void run(const RunContext& context, Inputs inputs, Outputs outputs) = 0;
  /// Whether run() may be called from several threads at once, as Spec::at_once says.
  [[nodiscard]] virtual bool runs_at_once() const { return false; }
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

/// Every op but Reshape, written as its formula; never optimised: what the others are compared with.
[[nodiscard]] const Backend& reference();
/// Loops over NHWC memory that the compiler vectorises, on all threads: elementwise ops, pooling, statistics,
/// images.
[[nodiscard]] const Backend& native();
/// Convolutions and matrix products by oneDNN.
[[nodiscard]] const Backend& onednn();

/// True where the processor has instructions that multiply bfloat16 numbers; whether they are faster than
/// those of float32 is another question: product_speed().
[[nodiscard]] bool has_bfloat16();

/// What the weights of 8-bit products are rounded to, in units of their channel's scale: multiples of `step`
/// from -most to most.
struct WeightLevels {
  int most, step;
};
/// Of products with an array of type x, int8 or uint8: 127 and 1 where the processor has VNNI. Others sum two
/// products in 16 bits, which end at 32767: there weights reach 64 (255 * 64 * 2 = 32640), or 127 where each
/// channel is seen alone and summed in 32 bits; of an int8 array, to which oneDNN adds 128 and halves the
/// weights, they are even and reach 126.
[[nodiscard]] WeightLevels eight_bit_weight_levels(DType x, bool each_channel_alone);

/// The first kernel that onednn, native or reference offers, in this order (native first where it is
/// faster); for arguments of other types that none of them takes, a float32 kernel between conversions. Where
/// threads run at once and the kernel keeps something from run to run, each has one of its own.
/// Throws Error{unsupported} naming the op.
[[nodiscard]] std::unique_ptr<Kernel> make_kernel(const Spec& spec);

/// True where `convolution` runs with this activation and a residual in one kernel, so that the plan may fuse
/// them.
[[nodiscard]] bool can_fuse(const ops::Activation& activation);

}  // namespace graft::kernels
