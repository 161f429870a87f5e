// SPDX-License-Identifier: Apache-2.0
// The default recipe: frozen features once, a head solved to convergence, fine-tuning only where it helps.
#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/layers/layers.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/base_model.hpp"
#include "transfer/precision.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kStrengths = {1.0,  0.3,   0.1,  0.03,
                                   0.01, 0.003, 0.001};  // strongest first: each starts the next
constexpr double kTrainedShare = 0.6;                    // of the base's weights, in fine-tuning
constexpr double kFineTuneRate = 2e-5;                   // Adam's, from a head that is solved already
constexpr double kCertainty = 2;  // standard errors by which fine-tuning must lower the validation loss
constexpr std::int64_t kPatience = 2;

std::vector<int> twice(std::vector<int> labels) {
  const std::vector<int> copy = labels;
  labels.insert(labels.end(), copy.begin(), copy.end());
  return labels;
}

/// -log of the probability that each photo's right class got.
std::vector<double> losses_of(const Tensor& probabilities, const std::vector<int>& labels) {
  const auto classes = static_cast<std::size_t>(probabilities.shape()[1]);
  std::vector<double> losses;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float p = probabilities.data<float>()[i * classes + static_cast<std::size_t>(labels[i])];
    losses.push_back(-std::log(std::max(static_cast<double>(p), 1e-7)));
  }
  return losses;
}

/// Is the mean of before - after, photo by photo, above zero by kCertainty standard errors? Few photos differ
/// by chance.
bool clearly_lower(const std::vector<double>& before, const std::vector<double>& after) {
  const auto n = static_cast<double>(before.size());
  double sum = 0;
  double square = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double gain = before[i] - after[i];
    sum += gain;
    square += gain * gain;
  }
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(square / n - mean * mean, 0.0) / std::max(n - 1, 1.0));
  return mean > kCertainty * deviation;
}

/// The dataset's samples in their own order, for features and labels side by side.
data::Dataset ordered(const data::Dataset& dataset) {
  data::DatasetOptions options = dataset.options();
  options.shuffle = false;
  return dataset.with_options(options);
}

struct Features {
  Tensor train, validation;  ///< train: the photos, then the mirrored photos
};

class AutomaticRecipe {
 public:
  AutomaticRecipe(TrainResult& result, const Photos& photos, const TrainOptions& options, Reporter& reporter)
      : result_(result), photos_(photos), options_(options), reporter_(reporter) {}

  void run() {
    base_ = make_base(options_, result_.image_size);
    set_precision(result_, base_, photos_, options_, reporter_);
    build_model();
    note(cat("model ", base_.application->keras_name, " ", result_.image_size.height, " x ",
             result_.image_size.width, ", ", base_.loaded));
    frontier_ = find_frontier(base_.model, options_.recipe == Recipe::automatic ? kTrainedShare : 0.0);
    solve_head();
    if (reporter_.stopped() || options_.recipe == Recipe::head || options_.epochs < 1) {
      if (!reporter_.stopped()) refit_on_all();
      return;
    }
    if (!fine_tune()) refit_on_all();
  }

 private:
  void note(const std::string& line) {
    result_.notes.push_back(line);
    reporter_.say(line);
  }

  /// Raw photo -> preprocessing -> base -> pooling -> head.
  void build_model() {
    const SymbolicTensor input = Input({result_.image_size.height, result_.image_size.width, 3}, "image");
    const SymbolicTensor x = applications::add_preprocessing(input, base_.application->preprocessing);
    preprocessed_ = Model(input, x, "preprocessing");
    pooling_ = layers::GlobalAveragePooling2D({.name = "pooling"});
    head_ = layers::Dense({.units = static_cast<std::int64_t>(photos_.class_names.size()),
                           .activation = "softmax",
                           .name = "predictions"});
    const SymbolicTensor features = pooling_(base_.model(x, {.training = false}));
    result_.model = Model(input, head_(features), std::string(base_.application->name) + "_graft");
    pooled_ = Model(input, features, "features");
  }

  void set_head(const LinearHead& head) {
    head_.weights()[0]->assign(head.kernel);
    head_.weights()[1]->assign(head.bias);
  }

  /// Features behind the base, of training photos and their mirror images, and of validation photos.
  Features compute(const Model& model, const std::string& stage) {
    const Tensor plain = features_of(model, photos_.train, false, stage, reporter_);
    const Tensor mirrored = features_of(model, photos_.train, true, stage + ", mirrored", reporter_);
    Features features;
    features.validation = features_of(model, photos_.validation, false, stage + ", validation", reporter_);
    if (reporter_.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    features.train = stack(plain, mirrored);
    return features;
  }

  void solve_head() {
    pooled_features_ = compute(pooled_, "features");
    train_labels_ = twice(ordered(photos_.train).labels());
    validation_labels_ = photos_.validation.labels();
    LogisticSolver solver(pooled_features_.train, train_labels_, photos_.class_names.size());
    Json tried = Json::array();
    LinearHead best;
    for (std::size_t i = 0; i < kStrengths.size(); ++i) {
      const LinearHead head = solver.solve(kStrengths[i]);
      const HeadScore score = score_head(head, pooled_features_.validation, validation_labels_);
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
    const Tensor features = stack(pooled_features_.train, pooled_features_.validation);
    std::vector<int> labels = train_labels_;
    labels.insert(labels.end(), validation_labels_.begin(), validation_labels_.end());
    LogisticSolver solver(features, labels, photos_.class_names.size());
    set_head(solver.solve(l2_));
    note("the head was solved once more with the validation photos added");
  }

  /// The part of the base behind the frontier, then pooling and head: the same layers as in the whole model.
  Model make_tail() {
    const Model tail_base(frontier_.tensor, base_.model.outputs().front(), "tail");
    const SymbolicTensor input = Input(frontier_.tensor.shape.without_batch(), "frontier");
    return {input, head_(pooling_(tail_base(input, {.training = false}))), "fine_tuning"};
  }

  void set_tail_trainable(bool trainable) {
    const auto all = base_.model.layers();
    base_.model.functional()->LayerBase::set_trainable(trainable);
    for (std::size_t i = frontier_.layer_index; i < all.size(); ++i) all[i].set_trainable(trainable);
  }

  [[nodiscard]] bool fits_in_memory() const {
    const Shape shape = frontier_.tensor.shape.without_batch();
    const auto photos = 2 * photos_.train.size() + photos_.validation.size();
    return static_cast<std::size_t>(shape.count()) * sizeof(float) * photos <= options_.cache_bytes;
  }

  /// True when fine-tuning was kept.
  bool fine_tune() {
    if (!fits_in_memory()) {
      note("no fine-tuning: its features would need more memory than allowed");
      return false;
    }
    const Model prefix_base(base_.model.inputs().front(), frontier_.tensor, "prefix");
    const SymbolicTensor raw = preprocessed_.inputs().front();
    const Model prefix(raw, prefix_base(preprocessed_.outputs().front(), {.training = false}),
                       "prefix_features");
    const Features features = compute(prefix, "features at the frontier");
    note(cat("fine-tuning from ", frontier_.first_layer, " (layer ", frontier_.layer_index, " of ",
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
  void fit_tail(Model& tail, const Features& features) {
    const data::DatasetOptions shuffled{
        .batch_size = options_.batch_size, .shuffle = true, .seed = options_.seed};
    tail.compile({.optimizer = Adam({.learning_rate = kFineTuneRate}),
                  .loss = SparseCategoricalCrossentropy(),
                  .metrics = {"accuracy"}});
    const auto dataset = data::Dataset::from_tensors(features.train, as_tensor(train_labels_), shuffled);
    const auto validation = data::Dataset::from_tensors(features.validation, as_tensor(validation_labels_),
                                                        {.batch_size = options_.batch_size});
    const History history = tail.fit(
        dataset, {.epochs = options_.epochs,
                  .validation_data = validation,
                  .callbacks = {EarlyStopping({.patience = kPatience, .restore_best_weights = true}),
                                report_epochs(reporter_, result_.history, "fine-tuning", options_.epochs)}});
    const EvaluateResult best = tail.evaluate(validation);
    result_.facts["fine_tuning"] = {
        {"from_layer", frontier_.first_layer}, {"layer_index", frontier_.layer_index},
        {"learning_rate", kFineTuneRate},      {"epochs", history.epochs().size()},
        {"validation_loss", best.loss},        {"validation_accuracy", best.accuracy}};
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
  BaseModel base_;
  Frontier frontier_;
  Model preprocessed_, pooled_;
  Layer pooling_, head_;
  Features pooled_features_;
  std::vector<int> train_labels_, validation_labels_;
  HeadScore head_score_;
  double l2_ = 0;
};

}  // namespace

void train_automatic(TrainResult& result, const Photos& photos, const TrainOptions& options,
                     Reporter& reporter) {
  AutomaticRecipe(result, photos, options, reporter).run();
  result.metadata["output"] = "softmax";
}

}  // namespace graft::transfer
