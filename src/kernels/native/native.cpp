// SPDX-License-Identifier: Apache-2.0
// The table of native's kernels.
#include <array>
#include <tuple>
#include <variant>

#include "kernels/native/functions.hpp"

namespace graft::kernels {
namespace native_detail {
namespace {

/// What native offers for one op. A column that is left out offers nothing for such arguments: make_kernel()
/// then uses another backend.
template <typename Op>
struct Row {
  /// Makes the loops for a spec, or an empty function where they do not support it.
  using Make = Function (*)(const Op& op, const Spec& spec);
  /// Makes a kernel that packs weights into its own form, or null where another is faster.
  using MakePacked = std::unique_ptr<Kernel> (*)(const Op& op, const Spec& spec);

  Make f32 = nullptr;   ///< all arguments are float32
  Make bf16 = nullptr;  ///< some are bfloat16, the others float32
  Make int8 = nullptr;  ///< some are uint8 or int8
  /// The functions allow concurrent runs: they keep nothing from run to run, or something for each thread.
  bool concurrent = false;
  /// Of float32 and bfloat16 arguments, in the order in which they are tried before the functions.
  std::array<MakePacked, 2> packed = {};
};

/// One row for each op of ops::Params; a missing row or function does not compile.
constexpr std::tuple kRows{
    Row<ops::Convolution>{.packed = {make_winograd, make_depthwise}},
    Row<ops::ConvolutionBackwardInput>{.packed = {make_winograd, make_depthwise}},
    Row<ops::ConvolutionBackwardKernel>{.f32 = function_of, .bf16 = function_of},
    Row<ops::Dense>{.f32 = function_of},
    Row<ops::DenseBackwardInput>{},
    Row<ops::DenseBackwardKernel>{},
    Row<ops::MatMul>{},
    Row<ops::ActivationForward>{.f32 = function_of, .bf16 = bf16_function_of, .concurrent = true},
    Row<ops::ActivationBackward>{.f32 = function_of, .bf16 = bf16_function_of},
    Row<ops::Softmax>{.f32 = function_of},
    Row<ops::SoftmaxBackward>{.f32 = function_of},
    Row<ops::Cast>{.f32 = function_of, .bf16 = function_of, .int8 = function_of, .concurrent = true},
    Row<ops::ScaleShift>{.f32 = function_of, .bf16 = bf16_function_of, .concurrent = true},
    Row<ops::ScaleShiftBackward>{.f32 = function_of},
    Row<ops::BatchNormalizationTraining>{.f32 = function_of, .bf16 = bf16_function_of},
    Row<ops::BatchNormalizationTrainingBackward>{.f32 = function_of, .bf16 = bf16_function_of},
    Row<ops::UpdateMovingStatistics>{.f32 = function_of},
    Row<ops::FoldBatchNormalization>{.f32 = function_of},
    Row<ops::FoldBatchNormalizationBackward>{.f32 = function_of},
    Row<ops::BatchNormalizationScaleShift>{.f32 = function_of},
    Row<ops::BatchNormalizationScaleShiftBackward>{.f32 = function_of},
    Row<ops::Pool>{
        .f32 = function_of, .bf16 = bf16_function_of, .int8 = int8_function_of, .concurrent = true},
    Row<ops::PoolBackward>{.f32 = function_of},
    Row<ops::GlobalPool>{.f32 = function_of, .bf16 = bf16_function_of, .concurrent = true},
    Row<ops::GlobalPoolBackward>{.f32 = function_of},
    Row<ops::Pad>{.f32 = function_of, .bf16 = function_of, .int8 = function_of, .concurrent = true},
    Row<ops::Crop>{.f32 = function_of, .bf16 = function_of, .int8 = function_of},
    Row<ops::Concatenate>{.f32 = function_of, .bf16 = function_of, .int8 = function_of, .concurrent = true},
    Row<ops::Slice>{.f32 = function_of, .bf16 = function_of, .int8 = function_of},
    Row<ops::Reshape>{},
    Row<ops::Dropout>{.f32 = function_of},
    Row<ops::Resize>{.f32 = function_of},
    Row<ops::RandomTransform>{.f32 = function_of, .bf16 = bf16_function_of, .concurrent = true},
    Row<ops::RandomContrast>{.f32 = function_of},
    Row<ops::RandomBrightness>{.f32 = function_of, .concurrent = true},
    Row<ops::Binary>{.f32 = function_of, .bf16 = bf16_function_of, .concurrent = true},
    Row<ops::BinaryBackward>{.f32 = function_of},
    Row<ops::Permute>{.f32 = function_of},
    Row<ops::GroupNormalization>{.f32 = function_of},
    Row<ops::GroupNormalizationBackward>{.f32 = function_of},
    Row<ops::GaussianNoise>{.f32 = function_of},
    Row<ops::ResizeBackward>{.f32 = function_of},
    Row<ops::RandomCrop>{.f32 = function_of},
};
static_assert(std::tuple_size_v<decltype(kRows)> == std::variant_size_v<ops::Params>,
              "an op has no row in the table of native kernels, or two");

template <typename Op>
std::unique_ptr<Kernel> make_from(const Op& op, const Spec& spec) {
  const auto& row = std::get<Row<Op>>(kRows);
  const bool eight_bit = any_eight_bit(spec);
  for (const auto make : row.packed) {
    if (make == nullptr || eight_bit) continue;
    if (auto kernel = make(op, spec)) return kernel;
  }
  const auto make = eight_bit ? row.int8 : (any_bfloat16(spec) ? row.bf16 : row.f32);
  Function function = make != nullptr ? make(op, spec) : Function();
  if (!function) return nullptr;
  return std::make_unique<FunctionKernel>("native", std::move(function), row.concurrent);
}

}  // namespace
}  // namespace native_detail

namespace {

class NativeBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "native"; }
  [[nodiscard]] std::unique_ptr<Kernel> make(const Spec& spec) const override {
    check_arguments(spec);
    if (!all_have_elements(spec)) return nullptr;
    return std::visit([&]<typename Op>(const Op& op) { return native_detail::make_from(op, spec); },
                      spec.params);
  }
};

}  // namespace

const Backend& native() {
  static const NativeBackend backend;
  return backend;
}

}  // namespace graft::kernels
