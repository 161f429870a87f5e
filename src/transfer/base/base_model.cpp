// SPDX-License-Identifier: Apache-2.0
#include "transfer/base/base_model.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "graft/base/fail.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/pretrained.hpp"
#include "graft/weights_store.hpp"

#include "transfer/context/networks.hpp"

namespace graft::transfer {

std::optional<StartingWeights> starting_weights(const std::string& path) {
  if (path.empty()) return std::nullopt;
  return StartingWeights{.file = std::filesystem::path(path).filename().string(),
                         .sha256 = sha256_of_file(path)};
}

applications::ApplicationOptions base_options(const TrainOptions& options, Size2D image_size) {
  return {
      .input_shape = {image_size.height, image_size.width, 3}, .include_top = false, .alpha = options.alpha};
}

Model untrained_base(const TrainOptions& options, Size2D image_size) {
  return classify::build_for_weights(applications::find_application(networks_of(options).first),
                                     base_options(options, image_size), options.weights);
}

BaseModel make_base(const TrainOptions& options, Size2D image_size) {
  BaseModel base{.application = &applications::find_application(networks_of(options).first)};
  applications::ApplicationOptions application_options = base_options(options, image_size);
  base.model = classify::build_for_weights(*base.application, application_options, options.weights);
  const saving::LoadReport report =
      classify::load_pretrained(base.model, *base.application, application_options, options.weights);
  base.weights_file = classify::weights_path(*base.application, application_options, options.weights);
  const bool random = options.weights.empty() || options.weights == "none";
  base.loaded = random ? "random weights (weights none), so that its features are noise" : report.summary();
  if (!report.missing.empty()) {
    fail(ErrorKind::not_found, "the weights file lacks ", report.missing.size(), " weights of ",
         base.application->keras_name, ", first ", report.missing.front());
  }
  base.preprocessing = classify::scaling_for_weights(*base.application, base.model, options.weights);
  base.model.set_trainable(false);
  return base;
}

std::vector<Cut> cuts_of(const Model& base) {
  const auto functional = base.functional();
  const std::vector<models::Call>& calls = functional->calls();
  std::map<const layers::LayerBase*, std::size_t> position;
  for (std::size_t i = 0; i < calls.size(); ++i) position[calls[i].layer.get()] = i;
  const auto node = [&](std::size_t i) -> const auto& {
    return calls[i].layer->nodes().at(static_cast<std::size_t>(calls[i].node));
  };
  // The last call that reads each call's result: a cut lets nothing pass it but its own result.
  std::vector<std::size_t> last_use(calls.size(), 0);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    for (const SymbolicTensor& input : node(i).inputs) last_use[position.at(input.layer.get())] = i;
  }
  const auto all = static_cast<double>(std::max<std::int64_t>(base.count_params(), 1));
  std::vector<Cut> cuts;
  std::int64_t before = 0;
  std::size_t open_until = 0;  // the last call that reads anything from before call i
  for (std::size_t i = 0; i < calls.size(); ++i) {
    before += count_params(calls[i].layer->weights());
    if (i > 0 && open_until <= i) {
      cuts.push_back({.tensor = {calls[i].layer, calls[i].node, 0, node(i).outputs[0]},
                      .call = i,
                      .share_after = 1 - static_cast<double>(before) / all});
    }
    open_until = std::max(open_until, last_use[i]);
  }
  return cuts;
}

Frontier find_frontier(const Model& base, double trained_share) {
  const auto functional = base.functional();
  const std::vector<models::Call>& calls = functional->calls();
  Frontier frontier{.tensor = base.inputs().front()};
  std::size_t call = 0;
  for (const Cut& cut : cuts_of(base)) {
    if (cut.share_after < trained_share || cut.share_after <= 0) break;
    frontier.tensor = cut.tensor;
    call = cut.call;
  }
  for (std::size_t i = call + 1; i < calls.size() && frontier.first_layer.empty(); ++i) {
    if (!calls[i].layer->weights().empty()) frontier.first_layer = calls[i].layer->name();
  }
  const auto all = base.layers();
  const auto found =
      std::ranges::find(all, frontier.first_layer, [](const Layer& layer) { return layer.name(); });
  frontier.layer_index = static_cast<std::size_t>(found - all.begin());
  return frontier;
}

std::vector<SymbolicTensor> head_depths(const Model& base) {
  struct Range {
    double least, most;
  };
  constexpr std::array kRanges = {Range{1.0 / 3, 1.0 / 2}, Range{2.0 / 3, 5.0 / 6}};
  std::vector<SymbolicTensor> depths{base.outputs().front()};
  const std::vector<Cut> cuts = cuts_of(base);
  for (const Range& range : kRanges) {
    const Cut* best = nullptr;
    for (const Cut& cut : cuts) {
      const bool there = cut.share_after >= range.least && cut.share_after <= range.most;
      if (!there || cut.tensor.shape.rank() != 4) continue;
      if (best == nullptr || cut.tensor.shape[3] <= best->tensor.shape[3]) best = &cut;
    }
    if (best != nullptr) depths.push_back(best->tensor);
  }
  return depths;
}

}  // namespace graft::transfer
