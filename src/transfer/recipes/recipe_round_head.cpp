// SPDX-License-Identifier: Apache-2.0
// A head solved again in a later round: from nothing where the earlier photos are there, else near what it
// knew.
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
#include "transfer/head/depth_heads.hpp"
#include "transfer/head/held_out.hpp"
#include "transfer/measure/class_weights.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

// Strongest first: each solution starts the next.
constexpr std::array kRoundStrengths = {10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5};
/// The weakest that is tried where all corrected labels are learnt.
constexpr double kWeakest = 0.001;
/// From this part of the earlier rounds' photos on the old head has nothing to add.
constexpr double kAllThere = 0.9;
/// With fewer new photos their answers are chance.
constexpr std::size_t kFewestFresh = 10;
/// With more training photos than this the new validation photos are enough.
constexpr std::size_t kFewToFold = 2000;

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

/// A head near the old one, and what it does.
struct Near {
  HeadTrial trial;         ///< on photos that neither it nor the old head has seen
  HeadScore validation;    ///< on all validation photos
  std::size_t learnt = 0;  ///< corrected photos that it answers rightly
};

/// The columns of a head's features that come from one tensor, where several are put side by side.
std::vector<std::int64_t> widths_of(const SymbolicTensor& features) {
  if (features.layer->class_name() != "Concatenate") return {features.shape[1]};
  std::vector<std::int64_t> widths;
  for (const SymbolicTensor& part :
       features.layer->nodes().at(static_cast<std::size_t>(features.node)).inputs)
    widths.push_back(part.shape[1]);
  return widths;
}

Tensor columns_of(const Tensor& rows, std::int64_t begin, std::int64_t end) {
  const auto all = static_cast<std::size_t>(rows.shape()[1]);
  const auto width = static_cast<std::size_t>(end - begin);
  if (width == all) return rows;
  Tensor part = zero_rows({rows.shape()[0], end - begin});
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows.shape()[0]); ++row) {
    std::ranges::copy(rows.data<float>().subspan(row * all + static_cast<std::size_t>(begin), width),
                      part.data<float>().subspan(row * width, width).begin());
  }
  return part;
}

/// The head for features that have further columns, which it does not use.
LinearHead widened(const LinearHead& head, std::int64_t width) {
  if (head.kernel.shape()[0] == width) return head;
  LinearHead wide{Tensor({width, head.kernel.shape()[1]}), head.bias};
  std::ranges::copy(head.kernel.data<float>(), wide.kernel.data<float>().begin());
  return wide;
}

class HeadRound {
 public:
  HeadRound(const RunContext& run, const Trained& start, DenseHead head, const RoundHead& round)
      : run_(run), trained_(start), head_(std::move(head)), round_(round) {}

  Trained solve() {
    const Model features(trained_.model.inputs(), {head_.features}, "features");
    run_.reporter.enter("features");
    data_.train = compute(features, run_.photos.train, "features", round_.views);
    data_.validation = compute(features, run_.photos.validation, "features, validation", 1);
    run_.reporter.enter("head");
    describe_photos();
    // With the photos of the earlier rounds at hand the old head knows nothing more, and has learnt their
    // old labels.
    if (round_.covered >= kAllThere) {
      solve_from_nothing();
    } else {
      solve_near();
    }
    return trained_;
  }

 private:
  Tensor compute(const Model& model, const data::Dataset& photos, const std::string& stage, int views) {
    Features features({.model = model,
                       .stage = stage,
                       .views = views,
                       .cache = run_.options.disk_cache,
                       .label = cat("features of ", trained_.model.name())},
                      photos, run_.reporter);
    Tensor values = features.take(0);
    if (run_.reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return values;
  }

  void describe_photos() {
    data_.train_labels = run_.photos.train.labels();
    data_.validation_labels = run_.photos.validation.labels();
    data_.classes = run_.photos.class_names.size();
    data_.seed = run_.options.seed;
    data_.class_weights = class_weights_or_none(data_.train_labels, data_.classes, round_.class_weight);
    novelty_ = round_.train;
    novelty_.insert(novelty_.end(), round_.validation.begin(), round_.validation.end());
    fresh_ = static_cast<std::size_t>(std::ranges::count(novelty_, Novelty::fresh));
    corrected_ = static_cast<std::size_t>(std::ranges::count(novelty_, Novelty::relabelled));
  }

  /// By photos that the earlier rounds did not have, as far as there are enough of them.
  void judge_by_fresh() {
    for (const Novelty novelty : novelty_) data_.judged.push_back(novelty == Novelty::fresh);
  }

  /// As a first round does, on the depths that the model's head reads.
  void solve_from_nothing() {
    // A base that was fine-tuned has seen the known photos, though the new head has not.
    const bool tuned = trained_.model.trainable_weights().size() > 2;
    if (tuned && fresh_ >= kFewestFresh) judge_by_fresh();
    std::vector<HeadData> depths;
    std::int64_t begin = 0;
    for (const std::int64_t width : widths_of(head_.features)) {
      depths.push_back(data_);
      depths.back().train = columns_of(data_.train, begin, begin + width);
      depths.back().validation = columns_of(data_.validation, begin, begin + width);
      begin += width;
    }
    const DepthHeads heads = solve_heads(std::move(depths), run_.reporter);
    const HeadChoice& chosen = heads.chosen();
    SolvedRoundHead facts{.l2 = chosen.trial.l2, .near_old_head = false, .tried = {}};
    for (const TriedStrength& tried : chosen.tried) {
      facts.tried.push_back({.l2 = tried.l2,
                             .loss = tried.loss,
                             .accuracy = 1 - tried.errors / static_cast<double>(tried.photos),
                             .photos = tried.photos});
    }
    trained_.unseen = run_.reporter.stopped() ? chosen.answers : heads.unseen_answers();
    if (tuned) keep_fresh(trained_.unseen);
    finish(widened(heads.head_of_all(), data_.train.shape()[1]), std::move(facts),
           chosen.on_validation.mean());
    run_.note(cat("the photos of the earlier rounds are there: head solved from nothing on all photos, L2 ",
                  chosen.trial.l2, ": validation ", percent(trained_.validation_accuracy),
                  chosen.cross_validated ? cat(", cross-validated ", percent(1 - chosen.trial.error_share()))
                                         : std::string()));
  }

  void solve_near() {
    judge_by_fresh();
    const std::vector<std::vector<std::size_t>> none;
    HeldOutHeads held_out(data_, data_.train_labels.size() > kFewToFold ? none : make_folds(data_));
    const LinearHead old = old_head();
    held_out.stay_near(old);
    std::vector<Near> tried;
    std::vector<UnseenAnswers> answers;
    for (const double l2 : kRoundStrengths) {
      if (l2 < kWeakest && tried.back().learnt == corrected_) break;
      answers.push_back(held_out.solve(l2));
      tried.push_back({.trial = trial_of(l2, answers.back(), data_),
                       .validation = scores_of_answers(answers.back(), true).mean()});
      tried.back().learnt = corrections_learnt(l2, old);
      if (!run_.reporter.update("head", tried.size(), kRoundStrengths.size(), "strengths")) break;
    }
    const std::size_t chosen = choose(tried);
    SolvedRoundHead facts{.l2 = tried[chosen].trial.l2, .near_old_head = true, .tried = {}};
    for (const Near& one : tried) {
      facts.tried.push_back({.l2 = one.trial.l2,
                             .near_old_head = true,
                             .loss = one.trial.loss(),
                             .accuracy = 1 - one.trial.error_share(),
                             .photos = one.trial.wrong.size()});
    }
    finish(solve_on_all(data_, tried[chosen].trial.l2, &old), std::move(facts), tried[chosen].validation);
    trained_.unseen = std::move(answers[chosen]);
    // The old head may have been trained on the known ones.
    keep_fresh(trained_.unseen);
    run_.note(cat("head solved again near the old one, L2 ", tried[chosen].trial.l2, ": ",
                  on_fresh(tried[chosen])));
  }

  [[nodiscard]] std::string on_fresh(const Near& near) const {
    const std::size_t photos = near.trial.wrong.size();
    if (photos == 0)
      return "no photo is new to the model, so the strength is the strongest that learns corrections";
    return cat("of ", photos, photos == 1 ? " photo" : " photos", " that no round has seen before ",
               percent(1 - near.trial.error_share()), " right");
  }

  void keep_fresh(UnseenAnswers& answers) const {
    UnseenAnswers kept;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < answers.photos.size(); ++i) {
      if (novelty_[answers.photos[i]] == Novelty::fresh) rows.push_back(i);
    }
    kept.logits = take_rows(answers.logits, rows);
    for (const std::size_t i : rows) {
      kept.photos.push_back(answers.photos[i]);
      kept.folds.push_back(answers.folds[i]);
      kept.labels.push_back(answers.labels[i]);
    }
    answers = std::move(kept);
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

  /// Corrected photos among these that a head answers rightly.
  static std::size_t answered_rightly(const LinearHead& head, const std::vector<Novelty>& novelty,
                                      const Tensor& rows, const std::vector<int>& labels) {
    std::vector<std::size_t> corrected;
    for (std::size_t i = 0; i < novelty.size(); ++i) {
      if (novelty[i] == Novelty::relabelled) corrected.push_back(i);
    }
    if (corrected.empty()) return 0;
    const RowScores scores = score_rows(head, take_rows(rows, corrected), take(labels, corrected));
    return static_cast<std::size_t>(std::ranges::count(scores.wrong, 0.0));
  }

  /// Of the corrected training and validation photos, by a head that learns from both, as the result does.
  [[nodiscard]] std::size_t corrections_learnt(double l2, const LinearHead& old) const {
    if (corrected_ == 0) return 0;
    const LinearHead head = solve_on_all(data_, l2, &old);
    return answered_rightly(head, round_.train, data_.train, data_.train_labels) +
           answered_rightly(head, round_.validation, data_.validation, data_.validation_labels);
  }

  /// Of the strengths, strongest first: with rehearsed photos the least loss on new photos; without them,
  /// which would speak for themselves, the nearest to the old head whose accuracy is within one standard
  /// error of that one's (Breiman et al. 1984). From there on the first that learns as many corrected labels
  /// as any.
  [[nodiscard]] std::size_t choose(const std::vector<Near>& tried) const {
    const auto best = static_cast<std::size_t>(
        std::ranges::min_element(tried, {}, [](const Near& one) { return one.trial.loss(); }) -
        tried.begin());
    const std::size_t photos = tried[best].trial.wrong.size();
    std::size_t at = photos < kFewestFresh ? 0 : best;
    if (photos >= kFewestFresh && !round_.rehearses) {
      const double p = 1 - tried[best].trial.error_share();
      const double error = std::sqrt(std::max(p * (1 - p), 0.0) / static_cast<double>(photos));
      at = 0;
      while (at < best && 1 - tried[at].trial.error_share() < p - error) ++at;
    }
    std::size_t most = 0;
    for (std::size_t i = at; i < tried.size(); ++i) most = std::max(most, tried[i].learnt);
    while (tried[at].learnt < most) ++at;
    return at;
  }

  void finish(const LinearHead& head, SolvedRoundHead facts, const HeadScore& validation) {
    head_.layer.weights()[0]->assign(head.kernel);
    head_.layer.weights()[1]->assign(head.bias);
    trained_.facts.round_head = std::move(facts);
    trained_.validation_accuracy = validation.accuracy;
    trained_.history.push_back(
        {.epoch = 0,
         .phase = "head",
         .values = {{"val_loss", validation.loss}, {"val_accuracy", validation.accuracy}}});
  }

  const RunContext& run_;
  Trained trained_;
  DenseHead head_;
  RoundHead round_;
  HeadData data_;
  std::vector<Novelty> novelty_;  ///< of training photos, then of validation photos
  std::size_t fresh_ = 0;         ///< number of photos that no round had before
  std::size_t corrected_ = 0;     ///< number of those that had another label
};

}  // namespace

std::optional<Trained> solve_round_head(const RunContext& run, const Trained& start, const RoundHead& round) {
  const classify::OutputKind kind = classify::output_kind(start.model, start.metadata);
  if (kind != classify::OutputKind::softmax && kind != classify::OutputKind::logits) return std::nullopt;
  const std::optional<DenseHead> head = dense_head(start.model);
  if (!head) return std::nullopt;
  Trained trained = HeadRound(run, start, *head, round).solve();
  trained.output = kind == classify::OutputKind::softmax ? "softmax" : "logits";
  return trained;
}

}  // namespace graft::transfer
