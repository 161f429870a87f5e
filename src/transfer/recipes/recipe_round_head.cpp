// SPDX-License-Identifier: Apache-2.0
// A head solved again on new photos, near what it knew.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/recipe_run.hpp"

namespace graft::transfer {
namespace {

// Strongest first: each solution starts the next.
constexpr std::array kStrengths = {10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};

/// The Dense layer whose logits are the model's, and what comes into it.
struct DenseHead {
  Layer layer;
  SymbolicTensor features;
};

const SymbolicTensor& input_of(const SymbolicTensor& output) {
  return output.layer->nodes().at(static_cast<std::size_t>(output.node)).inputs.at(0);
}

std::optional<DenseHead> dense_head(const Model& model) {
  SymbolicTensor last = model.outputs().front();
  const std::string& ending = last.layer->class_name();
  const Json config = last.layer->config();
  if (ending == "Softmax" || (ending == "Activation" && config.value("activation", "") == "softmax"))
    last = input_of(last);
  if (last.layer->class_name() != "Dense" || last.shape.rank() != 2 || last.shape[1] < 2) return {};
  const Json dense = last.layer->config();
  const Json activation = dense.value("activation", Json());
  const bool at_the_end = last.layer == model.outputs().front().layer;
  const bool fits = activation == "linear" || (at_the_end && activation == "softmax");
  if (!fits || !dense.value("use_bias", true) || input_of(last).shape.rank() != 2) return {};
  return DenseHead{Layer(last.layer), input_of(last)};
}

/// A trial: a head, and its score on the validation photos.
struct Tried {
  LinearHead head;
  HeadScore score;
  double l2 = 0;
  bool near = false;  ///< held to the old head
};

class HeadRound {
 public:
  HeadRound(const RecipeRun& run, DenseHead head, const RoundHead& round)
      : run_(run), head_(std::move(head)), round_(round) {}

  void solve() {
    const Model features(run_.result.model.inputs(), {head_.features}, "features");
    run_.reporter.enter("features");
    train_ = compute(features, run_.photos.train, "features", run_.options.views);
    validation_ = compute(features, run_.photos.validation, "features, validation", 1);
    run_.reporter.enter("head");
    validation_labels_ = run_.photos.validation.labels();
    data::DatasetOptions in_order = run_.photos.train.options();
    in_order.shuffle = false;
    train_labels_ = labels_of_views(run_.photos.train.with_options(in_order).labels(), train_.shape()[0]);
    try_all(true);
    // With photos of older rounds, a head that is not held to the old one can keep them too.
    if (round_.rehearsed > 0) try_all(false);
    put_in_place(choose());
  }

 private:
  Tensor compute(const Model& model, const data::Dataset& photos, const std::string& stage, int views) {
    Features features({.model = model,
                       .stage = stage,
                       .views = views,
                       .cache = run_.options.disk_cache,
                       .label = cat("features of ", run_.result.model.name())},
                      photos, run_.reporter);
    const Tensor values = features.take(0);
    if (run_.reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return values;
  }

  void try_all(bool near) {
    LogisticSolver solver(train_, train_labels_, run_.photos.class_names.size());
    if (near) solver.stay_near(old_head());
    for (std::size_t i = 0; i < kStrengths.size(); ++i) {
      Tried tried{.head = solver.solve(kStrengths[i]), .score = {}, .l2 = kStrengths[i], .near = near};
      tried.score = score_head(tried.head, validation_, validation_labels_);
      tried_.push_back(std::move(tried));
      if (!run_.reporter.update("head", i + 1, kStrengths.size(), "strengths")) return;
    }
  }

  /// As the model has it; classes that are new start from nothing.
  LinearHead old_head() const {
    LinearHead head{head_.layer.weights()[0]->value().clone(), head_.layer.weights()[1]->value().clone()};
    const auto classes = static_cast<std::size_t>(head.bias.count());
    for (Tensor* weight : {&head.kernel, &head.bias}) {
      const std::span<float> values = weight->data<float>();
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % classes >= round_.known_classes) values[i] = 0;
      }
    }
    return head;
  }

  /// The lowest validation loss; without older photos, which would speak for themselves, the nearest to the
  /// old head whose accuracy is within one standard error of that one's (Breiman et al. 1984).
  const Tried& choose() const {
    const auto best =
        std::ranges::min_element(tried_, {}, [](const Tried& tried) { return tried.score.loss; });
    if (round_.rehearsed > 0) return *best;
    const double p = best->score.accuracy;
    const double error =
        std::sqrt(std::max(p * (1 - p), 0.0) / static_cast<double>(validation_labels_.size()));
    return *std::ranges::find_if(
        tried_, [&](const Tried& tried) { return tried.score.accuracy >= p - error || &tried == &*best; });
  }

  void put_in_place(const Tried& chosen) {
    TrainResult& result = run_.result;
    head_.layer.weights()[0]->assign(chosen.head.kernel);
    head_.layer.weights()[1]->assign(chosen.head.bias);
    Json rows = Json::array();
    for (const Tried& tried : tried_) {
      rows.push_back({{"l2", tried.l2},
                      {"near_old_head", tried.near},
                      {"validation_loss", tried.score.loss},
                      {"validation_accuracy", tried.score.accuracy}});
    }
    result.validation_accuracy = chosen.score.accuracy;
    (*result.facts)["head"] = {{"l2", chosen.l2}, {"near_old_head", chosen.near}, {"tried", rows}};
    result.history->push_back({{"epoch", 0},
                               {"phase", "head"},
                               {"val_loss", chosen.score.loss},
                               {"val_accuracy", chosen.score.accuracy}});
    run_.note(cat("head solved again ", chosen.near ? "near the old one" : "on old and new photos alike",
                  ", L2 ", chosen.l2, ": validation ", percent(chosen.score.accuracy)));
  }

  const RecipeRun& run_;
  DenseHead head_;
  RoundHead round_;
  Tensor train_, validation_;
  std::vector<int> train_labels_, validation_labels_;
  std::vector<Tried> tried_;
};

}  // namespace

bool solve_round_head(const RecipeRun& run, const RoundHead& round) {
  const classify::OutputKind kind = classify::output_kind(run.result.model, run.result.metadata);
  if (kind != classify::OutputKind::softmax && kind != classify::OutputKind::logits) return false;
  const std::optional<DenseHead> head = dense_head(run.result.model);
  if (!head) return false;
  HeadRound(run, *head, round).solve();
  (*run.result.metadata)["output"] = kind == classify::OutputKind::softmax ? "softmax" : "logits";
  return true;
}

}  // namespace graft::transfer
