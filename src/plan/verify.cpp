// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/ops/op_info.hpp"
#include "graft/plan/program.hpp"

namespace graft::plan {
namespace {

/// Goes through the ops in order and keeps which values exist so far.
class Verifier {
 public:
  explicit Verifier(const Program& program)
      : program_(program), graph_(program.graph), computed_(graph_.values().size(), false) {}

  void run() {
    if (program_.forward_ops > graph_.ops().size())
      broken("forward_ops is ", program_.forward_ops, " of ", graph_.ops().size(), " ops");
    for (number_ = 0; number_ < graph_.ops().size(); ++number_) check(graph_.ops()[number_]);
    for (const ops::ValueId output : program_.outputs) check_result("output", output);
    for (const auto& [weight, gradient] : program_.gradients) check_result("gradient", gradient);
  }

 private:
  template <typename... Parts>
  [[noreturn]] void broken(const Parts&... parts) const {
    if (number_ >= graph_.ops().size()) fail(ErrorKind::internal, "the program is broken: ", parts...);
    const ops::Op& op = graph_.ops()[number_];
    fail(ErrorKind::internal, "the program is broken at op ", number_, ", ", ops::name_of(op.params),
         " of layer '", op.layer, "': ", parts...);
  }

  [[nodiscard]] bool exists(ops::ValueId value) const {
    return value >= 0 && index(value) < graph_.values().size();
  }
  [[nodiscard]] bool is_known(ops::ValueId value) const {
    return !graph_.value(value).is_computed() || computed_[index(value)];
  }

  void check(const ops::Op& op) {
    const ops::OpInfo& info = ops::info(op.params);
    check_list("input", info.inputs, op.inputs);
    check_list("output", info.outputs, op.outputs);
    for (const ops::ValueId input : op.inputs) {
      if (input != ops::kAbsent && !is_known(input))
        broken("value ", input, " is used before it is computed");
    }
    for (const ops::ValueId output : op.outputs) {
      if (output != ops::kAbsent) check_output(op, output);
    }
    const bool same_type =
        !ops::is_view(op) || graph_.value(op.inputs[0]).dtype == graph_.value(op.outputs[0]).dtype;
    if (!same_type) broken("a view has another type than its input");
  }
  void check_list(const char* what, const ops::Arguments& expected,
                  const std::vector<ops::ValueId>& list) const {
    if (list.size() < expected.fewest() || list.size() > expected.most())
      broken("it has ", list.size(), " ", what, "s");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ops::ArgumentInfo& argument = expected.at(i);
      if (list[i] == ops::kAbsent) {
        if (!argument.has(ops::ArgumentTrait::optional))
          broken("the ", what, " ", argument.name, " is absent");
        continue;
      }
      if (!exists(list[i]))
        broken("the ", what, " ", argument.name, " is value ", list[i], ", which does not exist");
      if (graph_.shape(list[i]).is_open())
        broken("the ", what, " ", argument.name, " has the shape ", graph_.shape(list[i]));
    }
  }
  void check_output(const ops::Op& op, ops::ValueId output) {
    const ops::Value& value = graph_.value(output);
    if (ops::traits(op.params).rare.writes_weights) {
      if (value.weight() == nullptr) broken("value ", output, " is written but is not a weight");
      return;
    }
    if (!value.is_computed()) broken("value ", output, " is an output but is given");
    if (computed_[index(output)]) broken("value ", output, " is computed twice");
    computed_[index(output)] = true;
  }
  void check_result(const char* what, ops::ValueId value) const {
    if (!exists(value)) broken("an ", what, " is value ", value, ", which does not exist");
    if (!is_known(value)) broken("the ", what, " ", value, " is not computed");
  }

  const Program& program_;
  const ops::Graph& graph_;
  std::vector<bool> computed_;
  std::size_t number_ = static_cast<std::size_t>(-1);  ///< of the op that is checked
};

}  // namespace

void verify(const Program& program) { Verifier(program).run(); }

}  // namespace graft::plan
