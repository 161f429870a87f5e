// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "graft/base/fail.hpp"

#include "kernels/onednn/kernels.hpp"

namespace graft::kernels {
namespace {

/// What make() returns; null where oneDNN has no implementation.
template <typename Make>
std::unique_ptr<Kernel> attempt(const Make& make, const Spec& spec) {
  try {
    return make();
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory)
      fail(ErrorKind::resource_limit, ops::name_of(spec.params), ": oneDNN ran out of memory");
    return nullptr;
  }
}

class OnednnBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "onednn"; }
  [[nodiscard]] std::unique_ptr<Kernel> make(const Spec& spec) const override {
    check_arguments(spec);
    if (!all_have_elements(spec)) return nullptr;
    if (any_eight_bit(spec)) return attempt([&] { return onednn_detail::make_eight_bit(spec); }, spec);
    return std::visit(
        [&]<typename Op>(const Op& op) -> std::unique_ptr<Kernel> {
          if constexpr (requires { onednn_detail::make(op, spec); }) {
            return attempt([&] { return onednn_detail::make(op, spec); }, spec);
          } else {
            return nullptr;
          }
        },
        spec.params);
  }
};

}  // namespace

const Backend& onednn() {
  static const OnednnBackend backend;
  return backend;
}

bool can_fuse(const ops::Activation& activation) {
  dnnl::post_ops post_ops;
  return onednn_detail::append_activation(post_ops, activation);
}

}  // namespace graft::kernels
