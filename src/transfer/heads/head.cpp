// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/layers/core.hpp"
#include "graft/plan/runner.hpp"
#include "graft/recipes.hpp"

#include "transfer/heads/head_state.hpp"
#include "transfer/measure/score.hpp"

namespace graft::transfer {
namespace {

struct Words {
  HeadKind kind;
  std::string_view name;
  std::string_view scores;
};

constexpr std::array<Words, kHeadKinds> kWords{{
    {HeadKind::logistic, "logistic", "probabilities"},
    {HeadKind::linear_svm, "linear_svm",
     "decision values, one class against the rest; the largest names the class"},
    {HeadKind::centroid, "centroid",
     "minus the squared distance to each class's mean, in units of the photos' own spread and but for a "
     "number that all share; the largest names the class"},
    {HeadKind::rbf_svm, "rbf_svm",
     "votes won against the other classes, of two classes the decision value and its negative; the largest "
     "names the class"},
    {HeadKind::knn, "knn",
     "the part of the nearest photos that is of each class; the largest names the class"},
}};

const Words& words_of(HeadKind kind) { return *std::ranges::find(kWords, kind, &Words::kind); }

}  // namespace

std::string_view to_string(HeadKind kind) { return words_of(kind).name; }

HeadKind parse_head_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kWords, name, &Words::name);
  if (found != kWords.end()) return found->kind;
  fail(ErrorKind::invalid_argument, "there is no head '", name, "'; expected one of ",
       comma_list(kWords, &Words::name));
}

Json to_json(const HeadOptions& options) {
  Json json{{"kind", to_string(options.kind)}};
  if (options.kind == HeadKind::knn) {
    json["neighbours"] = options.neighbours;
  } else if (options.kind != HeadKind::centroid) {
    json["c"] = options.c;
    if (options.kind == HeadKind::rbf_svm)
      json["gamma"] = options.gamma ? Json(*options.gamma) : Json("scale");
    if (options.class_weight == ClassWeight::balanced) json["class_weight"] = "balanced";
  }
  return json;
}

HeadKind Head::kind() const { return state_->kind; }
std::int64_t Head::dimensions() const { return state_->dimensions; }
std::int64_t Head::classes() const { return state_->classes; }
std::string Head::scores_in_words() const { return std::string(words_of(state_->kind).scores); }

std::string Head::output() const {
  return state_->kind == HeadKind::logistic || state_->kind == HeadKind::knn ? "softmax" : "logits";
}

SymbolicTensor Head::operator()(const SymbolicTensor& features) const {
  const State& state = *state_;
  if (features.shape.rank() != 2 || features.shape[1] != state.dimensions) {
    fail(ErrorKind::shape_mismatch, "head ", to_string(state.kind), ": expected features (N, ",
         state.dimensions, "), received ", features.shape);
  }
  if (const auto* linear = std::get_if<LinearHead>(&state.parts))
    return append_linear(*linear, state.kind == HeadKind::logistic, features);
  if (const auto* rbf = std::get_if<RbfHead>(&state.parts)) return append_rbf(*rbf, features);
  return append_neighbours(std::get<NeighbourHead>(state.parts), state.classes, features);
}

Model Head::model() const {
  const SymbolicTensor input = Input({state_->dimensions}, "features");
  return {input, (*this)(input), std::string(to_string(state_->kind))};
}

Tensor Head::scores(const Tensor& features) const {
  if (features.shape().rank() != 2 || features.shape()[1] != state_->dimensions) {
    fail(ErrorKind::shape_mismatch, "head ", to_string(state_->kind), ": expected features (N, ",
         state_->dimensions, "), received ", features.shape());
  }
  if (features.shape()[0] == 0) return Tensor(Shape{0, state_->classes});
  constexpr std::int64_t kRows = 256;
  plan::Runner runner(model(), {.batch_size = kRows});
  Tensor all(Shape{features.shape()[0], state_->classes});
  for (std::int64_t first = 0; first < features.shape()[0]; first += kRows) {
    const std::int64_t last = std::min(first + kRows, features.shape()[0]);
    all.slice(first, last).copy_from(runner.run_first(features.slice(first, last)));
  }
  return all;
}

std::vector<int> Head::predict(const Tensor& features) const {
  if (features.shape()[0] == 0) return {};
  return predicted_classes(scores(features));
}

}  // namespace graft::transfer
