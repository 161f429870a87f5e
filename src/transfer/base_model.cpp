// SPDX-License-Identifier: Apache-2.0
#include "transfer/base_model.hpp"

#include <algorithm>
#include <map>

#include "graft/base/error.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/transfer/pretrained.hpp"

namespace graft::transfer {

BaseModel make_base(const TrainOptions& options, Size2D image_size) {
  BaseModel base{.application = &applications::find_application(options.model)};
  applications::ApplicationOptions application_options{
      .input_shape = {image_size.height, image_size.width, 3}, .include_top = false};
  base.preprocessing =
      base.application->preprocessing_for(definition_for_weights(*base.application, options.weights));
  base.model = build_for_weights(*base.application, application_options, options.weights);
  const saving::LoadReport report =
      load_pretrained(base.model, *base.application, application_options, options.weights);
  base.loaded = report.summary();
  if (!report.missing.empty()) {
    fail(ErrorKind::not_found, "the weights file lacks ", report.missing.size(), " weights of ",
         base.application->keras_name, ", first ", report.missing.front());
  }
  base.model.set_trainable(false);
  return base;
}

Frontier find_frontier(const Model& base, double trained_share) {
  const auto functional = base.functional();
  const std::vector<models::Call>& calls = functional->calls();
  std::map<const layers::LayerBase*, std::size_t> position;
  for (std::size_t i = 0; i < calls.size(); ++i) position[calls[i].layer.get()] = i;
  // The last call that reads each call's result: a cut lets nothing pass it but its own result.
  std::vector<std::size_t> last_use(calls.size(), 0);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    for (const SymbolicTensor& input :
         calls[i].layer->nodes().at(static_cast<std::size_t>(calls[i].node)).inputs) {
      last_use[position.at(input.layer.get())] = i;
    }
  }
  const auto wanted = static_cast<std::int64_t>(trained_share * static_cast<double>(base.count_params()));
  std::size_t best = 0;
  std::int64_t behind = 0;
  for (std::size_t i = calls.size() - 1; i > 0; --i) {
    const bool cut = std::all_of(last_use.begin(), last_use.begin() + static_cast<std::ptrdiff_t>(i),
                                 [&](std::size_t use) { return use <= i; });
    if (cut && behind >= wanted && behind > 0) {
      best = i;
      break;
    }
    behind += count_params(calls[i].layer->weights());
  }
  Frontier frontier{
      .tensor = {calls[best].layer, calls[best].node, 0,
                 calls[best].layer->nodes().at(static_cast<std::size_t>(calls[best].node)).outputs[0]}};
  for (std::size_t i = best + 1; i < calls.size() && frontier.first_layer.empty(); ++i) {
    if (!calls[i].layer->weights().empty()) frontier.first_layer = calls[i].layer->name();
  }
  const auto all = base.layers();
  const auto found =
      std::ranges::find(all, frontier.first_layer, [](const Layer& layer) { return layer.name(); });
  frontier.layer_index = static_cast<std::size_t>(found - all.begin());
  return frontier;
}

}  // namespace graft::transfer
