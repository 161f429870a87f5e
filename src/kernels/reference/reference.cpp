// SPDX-License-Identifier: Apache-2.0
#include <type_traits>
#include <variant>

#include "kernels/reference/functions.hpp"

namespace graft::kernels {
namespace {

class ReferenceBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "reference"; }
  [[nodiscard]] std::unique_ptr<Kernel> make(const Spec& spec) const override {
    check_arguments(spec);
    return std::visit(
        [&]<typename Op>(const Op& op) -> std::unique_ptr<Kernel> {
          if constexpr (std::is_same_v<Op, ops::Reshape>) {
            return nullptr;
          } else {
            if (any_not_float32(spec) && !std::is_same_v<Op, ops::Cast>) return nullptr;
            return std::make_unique<FunctionKernel>("reference", reference_detail::function_of(op, spec));
          }
        },
        spec.params);
  }
};

}  // namespace

const Backend& reference() {
  static const ReferenceBackend backend;
  return backend;
}

}  // namespace graft::kernels
