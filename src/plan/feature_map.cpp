// SPDX-License-Identifier: Apache-2.0
#include "plan/feature_map.hpp"

#include <algorithm>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"

namespace graft::plan {
namespace {

bool is_feature_map(const Shape& shape) { return shape.rank() == 4 && shape[1] > 1 && shape[2] > 1; }

/// By op: does output 0 depend on its results?
std::vector<bool> ops_before_output(const Program& program) {
  const std::vector<ops::Op>& all = program.graph.ops();
  std::vector<bool> wanted(program.graph.values().size(), false), used(all.size(), false);
  wanted[index(program.outputs.front())] = true;
  for (std::size_t i = all.size(); i-- > 0;) {
    for (const ops::ValueId output : all[i].outputs)
      used[i] = used[i] || (output != ops::kAbsent && wanted[index(output)]);
    for (const ops::ValueId input : all[i].inputs) {
      if (used[i] && input != ops::kAbsent) wanted[index(input)] = true;
    }
  }
  return used;
}

bool is_named(const std::string& path, const std::string& layer) {
  return path == layer || path.ends_with("/" + layer);
}

[[noreturn]] void fail_without_map(const Program& program, const std::string& layer,
                                   const std::vector<std::string>& known) {
  if (layer.empty()) {
    fail(ErrorKind::unsupported,
         "the model has no feature map with more than one row and column before its output ",
         program.graph.shape(program.outputs.front()));
  }
  const auto found =
      std::ranges::find_if(program.graph.ops(), [&](const ops::Op& op) { return is_named(op.layer, layer); });
  if (found != program.graph.ops().end()) {
    fail(ErrorKind::invalid_argument, "layer '", layer, "' has the output ",
         program.graph.shape(found->outputs.front()),
         "; expected one on which the classes depend, with more than one row and column");
  }
  fail(ErrorKind::not_found, "no layer '", layer, "' makes a feature map",
       similar_text(layer, known, known.empty() ? "" : "; the last one is " + known.back()));
}

}  // namespace

void mark_feature_map(Program& program, const std::string& layer) {
  if (program.training) {
    fail(ErrorKind::invalid_argument, "a feature map is differentiated in inference mode only");
  }
  const std::vector<bool> used = ops_before_output(program);
  const std::vector<ops::Op>& all = program.graph.ops();
  std::vector<std::string> known;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ops::ValueId output = all[i].outputs.front();
    if (!used[i] || output == ops::kAbsent || !is_feature_map(program.graph.shape(output))) continue;
    if (known.empty() || known.back() != all[i].layer) known.push_back(all[i].layer);
    if (!layer.empty() && !is_named(all[i].layer, layer)) continue;
    program.feature_map = output;
    program.feature_layer = all[i].layer;
  }
  if (program.feature_map == ops::kAbsent) fail_without_map(program, layer, known);
  for (std::size_t i = 0; i < program.graph.values().size(); ++i) {
    if (auto* weight =
            std::get_if<ops::WeightValue>(&program.graph.value(static_cast<ops::ValueId>(i)).source))
      weight->trainable = false;
  }
  program.graph.value(program.feature_map).source = ops::ComputedValue{.gradient_wanted = true};
  program.outputs.push_back(program.feature_map);
  program.training = true;  // from here on: it has a backward pass
}

}  // namespace graft::plan
