// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/fit_tail.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "graft/layers.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/training.hpp"

#include "transfer/context/epoch_reporter.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/measure/class_weights.hpp"
#include "transfer/measure/label_decisions.hpp"
#include "transfer/state/run_context.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

constexpr double kRise = 0.1;  // share of the steps in which the learning rate rises
constexpr std::array kShares = {0.25, 0.5, 0.75,
                                1.0};  // of the way from the pretrained to the trained weights

/// What each view of a photo counts where photos have weights: its own times its class's. Empty: they have
/// none.
Tensor row_weights(const TailData& data, const Tensor& truth, std::span<const double> classes) {
  if (data.photo_weights.empty()) return {};
  const std::vector<int> labels = classes.empty() ? std::vector<int>{} : classes_in(truth);
  const auto photos = static_cast<std::size_t>(data.train_truth.shape()[0]);
  Tensor weights(Shape{truth.shape()[0]});
  for (std::size_t i = 0; i < static_cast<std::size_t>(truth.shape()[0]); ++i) {
    const double of_class = classes.empty() ? 1 : classes[static_cast<std::size_t>(labels[i])];
    weights.data()[i] = static_cast<float>(of_class) * data.photo_weights[i % photos];
  }
  return weights;
}

Model make_tail(const BaseModel& base, const Frontier& frontier, const ClassifierGraph& classifier) {
  const Model tail(frontier.tensor, base.model.outputs().front(), "tail");
  const SymbolicTensor input = Input(frontier.tensor.shape.without_batch(), "frontier");
  return {input, classifier.head(classifier.pooling(tail(input, {.training = false}))), "fine_tuning"};
}

/// One cycle over this many steps. With a time limit, the cycle's position is never less than the elapsed
/// share of the time, so that the cycle also ends on a machine that is slower than measured.
LearningRate cycle_for(const FineTuningPlan& plan, std::int64_t steps, const Stopwatch& clock) {
  LearningRate cycle =
      OneCycle({.max_learning_rate = plan.learning_rate, .total_steps = steps, .rise = kRise});
  if (!plan.seconds) return cycle;
  const double seconds = std::max(*plan.seconds, 1e-3);
  return {[cycle, steps, seconds, clock](std::int64_t step) {
            const double passed = std::min(clock.seconds() / seconds, 1.0);
            return cycle.at(std::max(step, static_cast<std::int64_t>(passed * static_cast<double>(steps))));
          },
          cycle.config()};
}

/// Ends training when the time is over.
class TimeIsOver final : public Callback {
 public:
  TimeIsOver(Stopwatch clock, double seconds) : clock_(clock), seconds_(seconds) {}
  void on_batch_end(TrainingState& state) override {
    if (clock_.seconds() >= seconds_) state.stop_training = true;
  }

 private:
  Stopwatch clock_;
  double seconds_;
};

/// Evenly spread rows, at most `most`.
Tensor spread_rows(const Tensor& rows, std::int64_t most) {
  const std::int64_t all = rows.shape()[0], count = std::min(all, most);
  Tensor some(rows.shape().without_batch().with_batch(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t from = i * all / count;
    some.slice(i, i + 1).copy_from(rows.slice(from, from + 1));
  }
  return some;
}

/// Root of the mean square of the differences.
double distance_of(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.data<float>().size(); ++i) {
    const double difference =
        static_cast<double>(a.data<float>()[i]) - static_cast<double>(b.data<float>()[i]);
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(a.data<float>().size(), 1)));
}

std::vector<Tensor> values_of(const Model& model) {
  std::vector<Tensor> values;
  for (const VariablePtr& weight : model.weights()) values.push_back(weight->value().clone());
  return values;
}

/// What the history and saved states call it.
const char* phase_of(const FineTuningPlan& plan) {
  return plan.strategy == Strategy::train_everything ? "training everything" : "fine-tuning";
}

}  // namespace

TailFit::TailFit(const RunContext& run, const BaseModel& base, const Frontier& frontier,
                 const ClassifierGraph& classifier, const TailGoal& goal)
    : run_(run),
      base_(base),
      frontier_(frontier),
      classifier_(classifier),
      goal_(goal),
      tail_(make_tail(base, frontier, classifier)),
      before_(values_of(tail_)) {}

void TailFit::set_trainable(bool trainable) {
  const auto all = base_.model.layers();
  base_.model.functional()->LayerBase::set_trainable(trainable);
  for (std::size_t i = frontier_.layer_index; i < all.size(); ++i) all[i].set_trainable(trainable);
}

void TailFit::compile(const LearningRate& rate) {
  tail_.compile(
      {.optimizer = Adam({.learning_rate = rate}), .loss = goal_.loss(), .metrics = {goal_.metric()}});
}

TailResult TailFit::fit(const FineTuningPlan& plan, const TailData& data, std::vector<EpochRow> history) {
  set_trainable(true);
  share_ = 0;
  const TrainOptions& options = run_.options;
  const std::int64_t views = data.train.shape()[0];
  const Tensor truth = truth_of_views(data.train_truth, views);
  const std::vector<double> weights = goal_.class_weights(options, data.train_truth, run_.photos.class_names);
  const std::int64_t steps = (views + options.batch_size - 1) / options.batch_size * plan.epochs;
  const Stopwatch clock;
  compile(cycle_for(plan, steps, clock));
  const auto training = data::Dataset::from_tensors(
      data.train, truth, {.batch_size = options.batch_size, .shuffle = true, .seed = options.seed});
  const auto validation =
      data::Dataset::from_tensors(data.validation, data.validation_truth, {.batch_size = options.batch_size});
  const std::string phase = run_.label + phase_of(plan);
  std::vector<CallbackPtr> callbacks{report_epochs(run_.reporter, history, phase, plan.epochs)};
  if (plan.seconds) callbacks.push_back(std::make_shared<TimeIsOver>(clock, *plan.seconds));
  const History fitted = tail_.fit(
      training, {.epochs = plan.epochs,
                 .validation_data = validation,
                 .class_weight = by_class(data.photo_weights.empty() ? weights : std::vector<double>{}),
                 .sample_weight = row_weights(data, truth, weights),
                 .callbacks = joined(callbacks, run_.checkpoint.keep(phase, history)),
                 .ranks = options.ranks,
                 .bfloat16_exchange = options.bfloat16_exchange});
  after_ = values_of(tail_);
  TailResult result{.history = std::move(history)};
  choose_share(data, weights, result);
  const HeadScore after = goal_.score(result.validation, data.validation_truth);
  result.facts = {.strategy = plan.strategy,
                  .from_layer = frontier_.first_layer,
                  .layer_index = frontier_.layer_index,
                  .learning_rate = plan.learning_rate,
                  .epochs = fitted.epochs().size(),
                  .operations = plan.operations,
                  .seconds = clock.seconds(),
                  .share = share_,
                  .validation_loss = after.loss,
                  .validation_accuracy = after.accuracy};
  return result;
}

void TailFit::choose_share(const TailData& data, std::span<const double> weights, TailResult& result) {
  const bool to_the_end = automatic_options(run_.options).always_fine_tune;
  for (const double share : to_the_end ? std::span(kShares).last(1) : std::span(kShares)) {
    go_to(share);
    const Tensor logits = goal_.logits(tail_.predict(data.validation));
    const double loss = goal_.judge(logits, data.validation_truth, weights);
    if (share_ > 0 && loss >= result.loss) continue;
    result.loss = loss;
    result.validation = logits;
    share_ = share;
  }
  go_to(share_);
}

void TailFit::go_to(double share) {
  const std::vector<VariablePtr> weights = tail_.weights();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (share == 0 || share == 1) {
      weights[i]->assign(share == 0 ? before_[i] : after_[i]);
      continue;
    }
    Tensor between = before_[i].clone();
    const auto after = after_[i].data();
    const auto values = between.data();
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] = static_cast<float>((1 - share) * values[k] + share * after[k]);
    weights[i]->assign(between);
  }
}

void TailFit::undo() {
  go_to(0);
  set_trainable(false);
}

void TailFit::redo() {
  go_to(share_);
  set_trainable(true);
}

double TailFit::bounded_rate(const FineTuningPlan& plan, const TailData& data) {
  constexpr std::int64_t kMeasured = 256;  // photos
  constexpr double kSmallestError = 1e-3;  // of answers that are right already
  const std::optional<double> part = goal_.longest_step();
  if (!part) return plan.learning_rate;
  const Tensor photos = spread_rows(data.validation, kMeasured);
  const Tensor before = goal_.logits(tail_.predict(photos));
  const double error = std::sqrt(goal_.judge(before, spread_rows(data.validation_truth, kMeasured), {}));
  const std::int64_t batch = run_.options.batch_size;
  const Tensor truth = truth_of_views(data.train_truth, data.train.shape()[0]);
  const auto one_step = data::Dataset::from_tensors(spread_rows(data.train, batch), spread_rows(truth, batch),
                                                    {.batch_size = batch});
  set_trainable(true);
  const double rate =
      rate_for_step(plan.learning_rate, *part * std::max(error, kSmallestError), [&](double tried) {
        compile(LearningRate(tried));
        (void)tail_.fit(one_step, {.epochs = 1, .ranks = run_.options.ranks});
        const double moved = distance_of(goal_.logits(tail_.predict(photos)), before);
        go_to(0);
        return moved;
      });
  undo();
  return rate;
}

double TailFit::seconds_of_step() {
  set_trainable(true);
  compile(LearningRate(0.0));
  Tensor views(frontier_.tensor.shape.without_batch().with_batch(run_.options.batch_size));
  const std::vector<std::vector<int>> first(static_cast<std::size_t>(run_.options.batch_size), {0});
  const Tensor labels = truth_of(first, run_.photos.class_names.size());
  (void)tail_.train_on_batch(views, labels);
  const Stopwatch clock;
  (void)tail_.train_on_batch(views, labels);
  const double seconds = clock.seconds();
  undo();
  return seconds;
}

}  // namespace graft::transfer
