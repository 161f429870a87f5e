// SPDX-License-Identifier: Apache-2.0
// The default recipe: frozen features once, a head solved to convergence, fine-tuning only where it helps.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/layers/layers.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/base_model.hpp"
#include "transfer/comparison.hpp"
#include "transfer/features.hpp"
#include "transfer/precision.hpp"
#include "transfer/run_state.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kStrengths = {1.0,  0.3,   0.1,  0.03,
                                   0.01, 0.003, 0.001};  // strongest first: each starts the next
constexpr double kTrainedShare = 0.6;                    // of the base's weights, in fine-tuning
constexpr double kFineTuneRate = 2e-5;                   // Adam's, from a head that is solved already
// With fewer errors on the validation photos than this, fine-tuning could not be told from chance.
constexpr std::size_t kFewErrors = 2;
constexpr std::int64_t kPatience = 2;

std::vector<int> twice(std::vector<int> labels) {
  const std::vector<int> copy = labels;
  labels.insert(labels.end(), copy.begin(), copy.end());
  return labels;
}

/// The dataset's samples in their own order, for features and labels side by side.
data::Dataset ordered(const data::Dataset& dataset) {
  data::DatasetOptions options = dataset.options();
  options.shuffle = false;
  return dataset.with_options(options);
}

/// Of the training photos, then of them mirrored; and of the validation photos.
struct Parts {
  Tensor train, validation;
};
constexpr std::size_t kPooled = 0, kAtFrontier = 1;  // outputs of the model of features

class AutomaticRecipe {
 public:
  explicit AutomaticRecipe(const RecipeRun& run)
      : result_(run.result),
        photos_(run.photos),
        options_(run.options),
        reporter_(run.reporter),
        state_(run.state) {}

  void run() {
    reporter_.enter("model");
    base_ = make_base(options_, result_.image_size);
    set_precision(result_, base_, photos_, options_, reporter_);
    build_model();
    note(cat("model ", base_.application->keras_name, " ", result_.image_size.height, " x ",
             result_.image_size.width, ", ", base_.loaded));
    plan_fine_tuning();
    reporter_.enter("features");
    compute_all_features();
    reporter_.enter("head");
    solve_head();
    if (reporter_.stopped()) return;
    reporter_.enter("fine_tuning");
    if (!worth_fine_tuning() || !fine_tune()) {
      refit_on_all();
      apply_to_test();
    }
  }
  /// Empty where the whole model has to say it.
  [[nodiscard]] const Tensor& test_output() const { return test_output_; }

 private:
  void note(const std::string& line) {
    result_.notes.push_back(line);
    reporter_.say(line);
  }

  /// Raw photo -> preprocessing -> base -> pooling -> head.
  void build_model() {
    input_ = Input({result_.image_size.height, result_.image_size.width, 3}, "image");
    preprocessed_ = applications::add_preprocessing(input_, base_.preprocessing);
    pooling_ = layers::GlobalAveragePooling2D({.name = "pooling"});
    head_ = layers::Dense({.units = static_cast<std::int64_t>(photos_.class_names.size()),
                           .activation = "softmax",
                           .name = "predictions"});
    const SymbolicTensor features = pooling_(base_.model(preprocessed_, {.training = false}));
    result_.model = Model(input_, head_(features), std::string(base_.application->name) + "_graft");
  }

  void set_head(const LinearHead& head) {
    head_.weights()[0]->assign(head.kernel);
    head_.weights()[1]->assign(head.bias);
  }

  /// Where fine-tuning would begin, if it comes to that.
  void plan_fine_tuning() {
    if (options_.recipe == Recipe::head || options_.epochs < 1) return;
    frontier_ = find_frontier(base_.model, kTrainedShare);
    const Shape shape = frontier_->tensor.shape.without_batch();
    const auto photos = 2 * photos_.train.size() + photos_.validation.size();
    if (static_cast<std::size_t>(shape.count()) * sizeof(float) * photos > options_.cache_bytes) {
      frontier_.reset();
      why_not_ = "no fine-tuning: its features would need more memory than allowed";
    }
  }

  /// Every photo goes through the base once: its pooled features for the head and, where fine-tuning may
  /// follow, what lies at the frontier.
  void compute_all_features() {
    std::vector<SymbolicTensor> wanted{base_.model.outputs().front()};
    if (frontier_) wanted.push_back(frontier_->tensor);
    const Model base(base_.model.inputs(), wanted, "base_features");
    const SymbolicTensor last = base(preprocessed_, {.training = false});
    std::vector<SymbolicTensor> outputs{layers::GlobalAveragePooling2D()(last)};
    if (frontier_) {
      outputs.push_back(
          {.layer = last.layer, .node = last.node, .index = 1, .shape = frontier_->tensor.shape});
    }
    const Model model({input_}, outputs, "features");
    const auto open = [&](const data::Dataset& photos, const std::string& stage, bool mirrored) {
      return std::make_unique<Features>(
          FeatureRequest{
              .model = model,
              .stage = stage,
              .mirrored = mirrored,
              .cache = options_.disk_cache,
              .label = cat("features of ", base_.application->name, " ", result_.image_size.height, " x ",
                           result_.image_size.width, ", ", to_string(plan::global_policy()))},
          photos, reporter_);
    };
    train_features_ = open(photos_.train, "features", true);
    validation_features_ = open(photos_.validation, "features, validation", false);
    test_features_ = open(photos_.test, "features, test", false);
    pooled_ = take(kPooled);
    const std::size_t computed = train_features_->computed() + validation_features_->computed();
    const std::size_t all = train_features_->rows() + validation_features_->rows();
    result_.facts["features"] = {{"computed", computed}, {"cached", all - computed}};
    if (computed < all)
      note(cat("features of ", all - computed, " of ", all, " photos, with the mirrored ones, ",
               "were known from earlier runs"));
    train_labels_ = twice(ordered(photos_.train).labels());
    validation_labels_ = photos_.validation.labels();
  }

  Parts take(std::size_t output) {
    Parts parts{train_features_->take(output), validation_features_->take(output)};
    if (reporter_.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return parts;
  }

  void solve_head() {
    LogisticSolver solver(pooled_.train, train_labels_, photos_.class_names.size());
    Json tried = Json::array();
    LinearHead best;
    for (std::size_t i = 0; i < kStrengths.size(); ++i) {
      const LinearHead head = solver.solve(kStrengths[i]);
      const HeadScore score = score_head(head, pooled_.validation, validation_labels_);
      tried.push_back(
          {{"l2", kStrengths[i]}, {"validation_loss", score.loss}, {"validation_accuracy", score.accuracy}});
      if (i == 0 || score.loss < head_score_.loss) {
        best = head;
        head_score_ = score;
        l2_ = kStrengths[i];
      }
      if (!reporter_.update("head", i + 1, kStrengths.size(), "strengths")) break;
    }
    set_head(best);
    result_.validation_accuracy = head_score_.accuracy;
    result_.facts["head"] = {{"l2", l2_}, {"tried", tried}};
    result_.history.push_back({{"epoch", 0},
                               {"phase", "head"},
                               {"val_loss", head_score_.loss},
                               {"val_accuracy", head_score_.accuracy}});
    note(cat("head solved on frozen features, L2 ", l2_, " of ", kStrengths.size(), " tried: validation ",
             percent(head_score_.accuracy)));
  }

  /// Once the strength is chosen, the validation photos may teach too.
  void refit_on_all() {
    const Tensor features = stack(pooled_.train, pooled_.validation);
    std::vector<int> labels = train_labels_;
    labels.insert(labels.end(), validation_labels_.begin(), validation_labels_.end());
    LogisticSolver solver(features, labels, photos_.class_names.size());
    set_head(solver.solve(l2_));
    note("the head was solved once more with the validation photos added");
  }

  /// The base is as it was: the head takes the test photos' features.
  void apply_to_test() {
    reporter_.enter("test");
    const Tensor features = test_features_->take(kPooled);
    if (features.empty()) return;
    const SymbolicTensor input = Input(features.shape().without_batch(), "features");
    test_output_ = Model(input, head_(input), "head").predict(features);
  }

  /// The part of the base behind the frontier, then pooling and head: the same layers as in the whole model.
  Model make_tail() {
    const Model tail_base(frontier_->tensor, base_.model.outputs().front(), "tail");
    const SymbolicTensor input = Input(frontier_->tensor.shape.without_batch(), "frontier");
    return {input, head_(pooling_(tail_base(input, {.training = false}))), "fine_tuning"};
  }

  void set_tail_trainable(bool trainable) {
    const auto all = base_.model.layers();
    base_.model.functional()->LayerBase::set_trainable(trainable);
    for (std::size_t i = frontier_->layer_index; i < all.size(); ++i) all[i].set_trainable(trainable);
  }

  bool worth_fine_tuning() {
    if (!frontier_) {
      if (!why_not_.empty()) note(why_not_);
      return false;
    }
    const auto count = static_cast<double>(validation_labels_.size());
    const auto errors = static_cast<std::size_t>(std::lround((1 - head_score_.accuracy) * count));
    if (errors >= kFewErrors) return true;
    note(cat("no fine-tuning: the head errs on ", errors, " of ", validation_labels_.size(),
             " validation photos, so that a gain could not be told from chance"));
    return false;
  }

  /// True when fine-tuning was kept.
  bool fine_tune() {
    const Parts features = take(kAtFrontier);
    note(cat("fine-tuning from ", frontier_->first_layer, " (layer ", frontier_->layer_index, " of ",
             base_.model.layers().size(), "), learning rate ", kFineTuneRate));
    Model tail = make_tail();
    set_tail_trainable(true);
    const WeightsSnapshot before(tail.weights());
    const std::vector<double> head_losses = losses_of(tail.predict(features.validation), validation_labels_);
    fit_tail(tail, features);
    const std::vector<double> tuned_losses = losses_of(tail.predict(features.validation), validation_labels_);
    if (clearly_lower(head_losses, tuned_losses) &&
        result_.facts["fine_tuning"]["validation_accuracy"] >= head_score_.accuracy) {
      result_.validation_accuracy = result_.facts["fine_tuning"]["validation_accuracy"];
      result_.facts["fine_tuning"]["kept"] = true;
      note("fine-tuning kept: it clearly lowered the validation loss");
      return true;
    }
    before.restore();
    set_tail_trainable(false);
    result_.facts["fine_tuning"]["kept"] = false;
    note(
        "fine-tuning not kept: the validation photos were not clearly better told apart than by the head "
        "alone");
    return false;
  }

  /// Trains the tail and leaves it at its best epoch.
  void fit_tail(Model& tail, const Parts& features) {
    const data::DatasetOptions shuffled{
        .batch_size = options_.batch_size, .shuffle = true, .seed = options_.seed};
    tail.compile({.optimizer = Adam({.learning_rate = kFineTuneRate}),
                  .loss = SparseCategoricalCrossentropy(),
                  .metrics = {"accuracy"}});
    const auto dataset = data::Dataset::from_tensors(features.train, as_tensor(train_labels_), shuffled);
    const auto validation = data::Dataset::from_tensors(features.validation, as_tensor(validation_labels_),
                                                        {.batch_size = options_.batch_size});
    const History history = tail.fit(
        dataset,
        {.epochs = options_.epochs,
         .validation_data = validation,
         .callbacks = joined({EarlyStopping({.patience = kPatience, .restore_best_weights = true}),
                              report_epochs(reporter_, result_.history, "fine-tuning", options_.epochs)},
                             state_.keep("fine-tuning", result_.history))});
    const EvaluateResult best = tail.evaluate(validation);
    result_.facts["fine_tuning"] = {
        {"from_layer", frontier_->first_layer}, {"layer_index", frontier_->layer_index},
        {"learning_rate", kFineTuneRate},       {"epochs", history.epochs().size()},
        {"validation_loss", best.loss},         {"validation_accuracy", best.accuracy}};
  }

  static Tensor as_tensor(const std::vector<int>& labels) {
    Tensor tensor(Shape{static_cast<std::int64_t>(labels.size())}, DType::int32);
    std::ranges::copy(labels, tensor.data<std::int32_t>().begin());
    return tensor;
  }

  TrainResult& result_;
  const Photos& photos_;
  const TrainOptions& options_;
  Reporter& reporter_;
  RunState& state_;
  BaseModel base_;
  std::optional<Frontier> frontier_;  ///< unset: there is no fine-tuning
  std::string why_not_;
  SymbolicTensor input_, preprocessed_;
  Layer pooling_, head_;
  std::unique_ptr<Features> train_features_, validation_features_, test_features_;
  Parts pooled_;
  std::vector<int> train_labels_, validation_labels_;
  HeadScore head_score_;
  double l2_ = 0;
  Tensor test_output_;
};

}  // namespace

Tensor train_automatic(const RecipeRun& run) {
  AutomaticRecipe recipe(run);
  recipe.run();
  run.result.metadata["output"] = "softmax";
  return recipe.test_output();
}

}  // namespace graft::transfer
