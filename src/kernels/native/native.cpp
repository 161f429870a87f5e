// SPDX-License-Identifier: Apache-2.0
#include <type_traits>
#include <variant>

#include "kernels/native/functions.hpp"

namespace graft::kernels {
namespace {

template <typename Op, typename... Of>
inline constexpr bool kIsOneOf = (std::is_same_v<Op, Of> || ...);

/// Whether the op's function keeps nothing from run to run, or something for each thread.
template <typename Op>
inline constexpr bool kKeepsNothing =
    kIsOneOf<Op, ops::ActivationForward, ops::Add, ops::Binary, ops::ScaleShift, ops::Cast, ops::Pool,
             ops::GlobalPool, ops::Concatenate, ops::Pad, ops::RandomTransform, ops::RandomBrightness>;

class NativeBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "native"; }
  [[nodiscard]] std::unique_ptr<Kernel> make(const Spec& spec) const override {
    check_arguments(spec);
    if (!all_have_elements(spec)) return nullptr;
    return std::visit(
        [&]<typename Op>(const Op& op) -> std::unique_ptr<Kernel> {
          if constexpr (requires { native_detail::make_winograd(op, spec); }) {
            if (any_eight_bit(spec)) return nullptr;
            if (auto kernel = native_detail::make_winograd(op, spec)) return kernel;
            return native_detail::make_depthwise(op, spec);
          } else if constexpr (requires { native_detail::function_of(op, spec); }) {
            Function function;
            if (any_eight_bit(spec) && !std::is_same_v<Op, ops::Cast>) {
              if constexpr (requires { native_detail::eight_bit_function_of(op, spec); })
                function = native_detail::eight_bit_function_of(op, spec);
            } else if (!any_bfloat16(spec) || std::is_same_v<Op, ops::Cast> ||
                       std::is_same_v<Op, ops::ConvolutionBackwardKernel>) {
              function = native_detail::function_of(op, spec);
            } else if constexpr (requires { native_detail::low_function_of(op, spec); }) {
              function = native_detail::low_function_of(op, spec);
            }
            if (!function) return nullptr;
            return std::make_unique<FunctionKernel>("native", std::move(function), kKeepsNothing<Op>);
          } else {
            return nullptr;
          }
        },
        spec.params);
  }
};

}  // namespace

const Backend& native() {
  static const NativeBackend backend;
  return backend;
}

}  // namespace graft::kernels
