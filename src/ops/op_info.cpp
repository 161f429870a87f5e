// SPDX-License-Identifier: Apache-2.0
#include "graft/ops/op_info.hpp"

#include <array>
#include <utility>
#include <variant>

#include "graft/ops/op_table.hpp"

namespace graft::ops {
namespace {

/// The rows in the order of the variant.
template <typename... Ops>
constexpr std::array<const OpInfo*, sizeof...(Ops)> rows_of(const std::variant<Ops...>*) {
  return {&kRow<Ops>...};
}
constexpr auto kRows = rows_of(static_cast<const Params*>(nullptr));

/// Arguments are in the order of their enumeration, named, and each op has an output.
constexpr bool is_complete(const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.all().size(); ++i) {
    if (arguments.all()[i].position != i || arguments.all()[i].name.empty()) return false;
  }
  return !arguments.all().empty();
}
constexpr bool all_complete() {
  for (const OpInfo* row : kRows) {
    if (row->name.empty() || !is_complete(row->inputs) || !is_complete(row->outputs)) return false;
  }
  return true;
}
static_assert(all_complete(),
              "a row of op_table.hpp has no name, or its arguments are not in the order of In and Out");

}  // namespace

const OpInfo& info(const Params& params) { return *kRows.at(params.index()); }

OpTraits traits(const Params& params) {
  const OpInfo& row = info(params);
  return row.functions.traits_of == nullptr ? row.traits : row.functions.traits_of(params, row.traits);
}

Activation* carried_activation(Params& params) {
  if (info(params).traits.rare.carries == Carries::none) return nullptr;
  return std::visit(
      []<typename T>(T& op) -> Activation* {
        if constexpr (requires { op.activation; }) return &op.activation;
        return nullptr;
      },
      params);
}

double operations(const Op& op, const Graph& graph) {
  const auto function = info(op.params).functions.operations;
  return function == nullptr ? 0 : function(op, graph);
}

bool is_sum_over_batch(const Op& op, std::size_t output) {
  return info(op.params).outputs.at(output).has(ArgumentTrait::sum_over_batch);
}

bool is_view(const Op& op) { return info(op.params).traits.data == Data::viewed; }

}  // namespace graft::ops
