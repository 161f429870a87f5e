// SPDX-License-Identifier: Apache-2.0
#include "graft/classifier.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/evaluation.hpp"
#include "graft/models/pooled_features.hpp"
#include "graft/plan/runner.hpp"
#include "graft/pretrained.hpp"
#include "graft/quantize.hpp"
#include "graft/saving.hpp"

#include "imagenet_network.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFewPhotos = 8;  // see predict_all()

/// Have these features as many numbers as the model's?
bool are_features_of(const Model& model, const TrainingFeatures& known) {
  const Shape features = models::pooled_features(model).outputs().front().shape;
  return features.rank() == 2 && features[1] == known.rows.shape()[1];
}

}  // namespace

inline namespace classify {

/// What a classifier knows; classifiers with plans of their own have copies.
struct ClassifierFacts {
  Model model;
  Json metadata;
  Execution execution;
  std::vector<std::string> names;
  std::vector<std::string> ids;
  data::LoadPhotosOptions load;
  classify::OutputKind output = classify::OutputKind::softmax;
  DecisionRules rules;
  std::vector<double> thresholds;  ///< of several labels; empty: one label a photo
  NumberIntervals intervals;       ///< of numbers
  std::vector<std::string> notes;
  std::vector<std::string> missing;          ///< weights that the file lacked
  fs::path file;                             ///< that it was opened from; empty: none
  std::string file_stamp;                    ///< its state before it was read
  std::optional<TrainingFeatures> training;  ///< of the model file
};

}  // namespace classify

struct Classifier::State : ClassifierFacts {
  State() = default;
  explicit State(const ClassifierFacts& facts) : ClassifierFacts(facts) {}

  std::mutex mutex;
  // Made at the first use: opening a file is quick.
  std::optional<plan::Runner> runner;
  std::optional<plan::Runner> feature_runner;

  [[nodiscard]] Shape sample_shape() const {
    return {load.image_size.height, load.image_size.width, data::channels_of(load.decode.color_mode)};
  }

  /// The model, and its pooled features as a second output where they are compared with the training photos'.
  [[nodiscard]] Model answering_model() const {
    if (!training) return model;
    return Model(model.inputs(), {model.outputs().front(), models::pooled_features(model).outputs().front()});
  }

  void check_batch(const Tensor& batch) const {
    if (batch.shape().rank() == 4 && batch.shape().without_batch() == sample_shape()) return;
    fail(ErrorKind::shape_mismatch, "batch: expected ", sample_shape().with_batch(-1), ", received ",
         batch.shape());
  }

  /// Names the classes by a file; an empty path: none.
  void take_names(const fs::path& named_by) {
    if (named_by.empty()) return;
    classify::ClassNames given = classify::read_class_names(named_by);
    if (given.names.size() != names.size()) {
      fail(ErrorKind::invalid_argument, "class names: ", named_by.string(), " has ", given.names.size(),
           " names, the model has ", names.size(), " classes; expected a name for each, in their order");
    }
    names = std::move(given.names);
    ids = std::move(given.ids);
    if (metadata.is_null()) metadata = Json::object();
    metadata["class_names"] = names;
  }

  /// Takes what the file holds of its training photos, if it belongs to the model.
  void take_training_features(const std::map<std::string, std::string>& extra) {
    const auto entry = extra.find(kTrainingFeaturesEntry);
    if (entry == extra.end() || execution.dtype_policy == DTypePolicy::int8) return;
    TrainingFeatures found = classify::training_features_from_bytes(entry->second, file);
    if (are_features_of(model, found)) {
      training = std::move(found);
    } else {
      notes.emplace_back(
          "the features of training photos in the file are not of this model: photos unlike them are not "
          "recognised");
    }
  }

  /// What only int8 needs is not looked at in others.
  [[nodiscard]] plan::RunnerOptions runner_options() const {
    // Few rows a plan, so that a batch of any size fills most of it:
    // docs/decisions/0095-plans-of-eight-rows.md.
    const std::int64_t rows = execution.threads <= 8 ? 8 : execution.threads <= 16 ? 16 : 32;
    plan::RunnerOptions options{.batch_size = rows, .execution = execution};
    if (execution.dtype_policy == DTypePolicy::int8) options.ranges = classify::int8_ranges(metadata);
    return options;
  }

  /// The caller holds `mutex`.
  plan::Runner& made_runner() {
    if (!runner) runner.emplace(answering_model(), runner_options());
    return *runner;
  }

  /// As Runner::run(). A few photos are computed one by one: each answer is bit by bit that of the photo
  /// alone. The caller holds `mutex`.
  std::vector<Tensor> run(const Tensor& batch) {
    const std::int64_t count = batch.shape()[0];
    plan::Runner& plans = made_runner();
    if (count > kFewPhotos) return plans.run(batch);
    std::vector<Tensor> all;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::vector<Tensor> one = plans.run(batch.slice(i, i + 1));
      for (std::size_t k = 0; k < one.size(); ++k) {
        if (i == 0) all.emplace_back(one[k].shape().without_batch().with_batch(count));
        all[k].slice(i, i + 1).copy_from(one[k]);
      }
    }
    return all;
  }
};

Classifier::Classifier(Model model, const Json& metadata, const Execution& execution)
    : state_(std::make_shared<State>()) {
  state_->execution = resolved(execution);
  state_->load = photo_options(model, metadata);
  state_->output = classify::output_kind(model, metadata);
  state_->names = classify::class_names(model, metadata);
  state_->ids = state_->names;
  state_->rules = classify::decision_rules(metadata, state_->names);
  state_->thresholds = classify::label_thresholds(metadata, state_->output, state_->names.size());
  if (gives_numbers()) state_->intervals = classify::number_intervals(metadata, state_->names.size());
  if (classify::calls_in_training_mode(model)) {
    state_->notes.emplace_back(
        "a BatchNormalization of the model is called with training=True; the answers use its moving "
        "statistics, as model.predict() of Keras 3 does. model(x) and Keras 2 use those of the batch");
  }
  state_->model = std::move(model);
  state_->metadata = metadata;
}

Classifier Classifier::open(const fs::path& path, const Execution& execution) {
  return open(path, ClassifierOptions{.execution = execution});
}

Classifier Classifier::open(const fs::path& path, const ClassifierOptions& options) {
  std::error_code ignored;
  const bool is_result = fs::is_directory(path, ignored) && fs::exists(path / "model.keras", ignored);
  const fs::path file = is_result ? path / "model.keras" : path;
  const std::string stamp = file_stamp(file);
  const bool is_json = file.extension() == ".json";
  if (!options.weights.empty() && !is_json) {
    fail(ErrorKind::invalid_argument, "weights: ", file.string(), " is a model file with its own");
  }
  saving::LoadedModel loaded = is_json ? saving::load_model(file, options.weights) : saving::load_model(file);
  Json metadata = classifier_metadata(loaded.extra, file);
  std::vector<std::string> notes = loaded.notes;
  if (options.weights.empty() && !loaded.has_weights)
    notes.emplace_back("the model has no weights: its answers are noise");
  classify::add_names_beside(metadata, loaded.model, file, notes);
  if (options.pixels) {
    if (const std::string layer = classify::scaling_layer(loaded.model); !layer.empty()) {
      notes.push_back(
          cat("layer '", layer,
              "' of the model scales its pixels itself: with the option pixels they are scaled twice"));
    }
    loaded.model = classify::scale_pixels(loaded.model, metadata, *options.pixels).model;
  } else if (!metadata.contains("preprocessing") && !classify::scales_its_pixels(loaded.model)) {
    notes.emplace_back(
        "no layer of the model scales its pixels: it receives 0 to 255. If the program around it scaled "
        "them, state how with the option pixels (-1..1, 0..1, caffe or torch); graft edit keeps it in the "
        "model");
  }
  Classifier result(std::move(loaded.model), metadata, options.execution);
  result.state_->notes.insert(result.state_->notes.end(), notes.begin(), notes.end());
  result.state_->file = file;
  result.state_->file_stamp = stamp;
  result.state_->take_training_features(loaded.extra);
  result.state_->take_names(options.class_names);
  return result;
}

Classifier Classifier::imagenet(const std::string& application, const std::string& weights,
                                const Execution& execution) {
  return imagenet(application,
                  ClassifierOptions{.weights = weights.empty() ? "none" : weights, .execution = execution});
}

Classifier Classifier::imagenet(const std::string& application, const ClassifierOptions& given) {
  const classify::ImagenetNetwork network = classify::imagenet_network(application, given);
  Classifier result(network.model, network.metadata, given.execution);
  State& state = *result.state_;
  state.missing = network.missing;
  state.notes.insert(state.notes.end(), network.notes.begin(), network.notes.end());
  if (!network.class_ids.empty()) state.ids = network.class_ids;
  state.take_names(given.class_names);
  return result;
}

const std::vector<std::string>& Classifier::class_names() const& { return state_->names; }
std::vector<std::string> Classifier::class_names() && { return state_->names; }
const std::vector<std::string>& Classifier::class_ids() const { return state_->ids; }
Size2D Classifier::image_size() const { return state_->load.image_size; }
const Model& Classifier::model() const { return state_->model; }
const Json& Classifier::metadata() const { return state_->metadata; }
const std::vector<std::string>& Classifier::notes() const { return state_->notes; }
const std::vector<std::string>& Classifier::missing_weights() const { return state_->missing; }
const fs::path& Classifier::file() const { return state_->file; }
const data::LoadPhotosOptions& Classifier::load_options() const { return state_->load; }

bool Classifier::file_changed() const {
  if (state_->file.empty()) return false;
  const std::string now = file_stamp(state_->file);
  return !now.empty() && now != state_->file_stamp;
}

void Classifier::warm_up() const { static_cast<void>(answers(Tensor(state_->sample_shape().with_batch(1)))); }

Classifier Classifier::with_own_plans() const {
  Classifier other(*this);
  other.state_ = std::make_shared<State>(static_cast<const ClassifierFacts&>(*state_));
  return other;
}

bool Classifier::has_several_labels() const { return !state_->thresholds.empty(); }
const std::vector<double>& Classifier::label_thresholds() const { return state_->thresholds; }

std::vector<Prediction> Classifier::labels_of(std::span<const float> row) const {
  std::vector<Prediction> labels;
  for (std::size_t k = 0; k < state_->thresholds.size(); ++k) {
    if (static_cast<double>(row[k]) < state_->thresholds[k]) continue;
    labels.push_back({.class_id = state_->ids[k],
                      .name = state_->names[k],
                      .probability = row[k],
                      .index = static_cast<std::int64_t>(k)});
  }
  std::ranges::stable_sort(labels, std::greater<>(), &Prediction::probability);
  return labels;
}

bool Classifier::gives_numbers() const { return state_->output == classify::OutputKind::numbers; }
const NumberIntervals& Classifier::number_intervals() const { return state_->intervals; }

const DecisionRules& Classifier::decision_rules() const { return state_->rules; }

void Classifier::set_training_features(const TrainingFeatures& known) {
  if (state_->execution.dtype_policy == DTypePolicy::int8) return;
  if (!are_features_of(state_->model, known))
    fail(ErrorKind::shape_mismatch, "the features of training photos, ", known.rows.shape(),
         ", are not of this model");
  state_->training = known;
  state_->runner.reset();  // its model has no such output
}

const TrainingFeatures* Classifier::training_features() const {
  return state_->training ? &*state_->training : nullptr;
}

Tensor Classifier::probabilities(const Tensor& batch) const { return answers(batch).probabilities; }

void Classifier::prepare(std::int64_t photos) const {
  if (photos < 1) fail(ErrorKind::invalid_argument, "photos: expected at least 1, received ", photos);
  State& state = *state_;
  const std::unique_lock lock(state.mutex, std::try_to_lock);
  if (lock) state.made_runner().prepare(photos > kFewPhotos ? photos : 1, state.sample_shape());
}

BatchAnswers Classifier::answers(const Tensor& batch) const {
  State& state = *state_;
  state.check_batch(batch);
  const std::int64_t count = batch.shape()[0];
  if (count == 0) return {Tensor({0, static_cast<std::int64_t>(state.names.size())})};
  std::vector<Tensor> outputs;
  {
    const std::lock_guard lock(state.mutex);
    outputs = state.run(batch.to(DType::float32));
  }
  BatchAnswers answers{classify::to_probabilities(state.output, outputs.front(), state.names.size())};
  if (state.training) answers.distances = classify::training_distances(*state.training, outputs.at(1));
  return answers;
}

Tensor Classifier::features(const Tensor& batch) const {
  State& state = *state_;
  state.check_batch(batch);
  const std::lock_guard lock(state.mutex);
  if (!state.feature_runner)
    state.feature_runner.emplace(models::pooled_features(state.model), state.runner_options());
  return state.feature_runner->run_first(batch.to(DType::float32));
}

Tensor Classifier::probabilities(const data::Dataset& dataset) const {
  const std::size_t width = state_->names.size();
  Tensor result({static_cast<std::int64_t>(dataset.size()), static_cast<std::int64_t>(width)});
  data::BatchIterator batches = dataset.iterate();
  while (const std::optional<data::Batch> batch = batches.next()) {
    const Tensor rows = probabilities(batch->images);
    for (std::size_t i = 0; i < batch->indices.size(); ++i) {
      const std::span<const float> row = rows.data().subspan(i * width, width);
      std::copy(row.begin(), row.end(), result.data().subspan(batch->indices[i] * width, width).begin());
    }
  }
  return result;
}

std::vector<Prediction> Classifier::best(std::span<const float> row, const ClassifyOptions& options) const {
  if (options.top < 1) fail(ErrorKind::invalid_argument, "top: expected at least 1, received ", options.top);
  if (gives_numbers())
    fail(ErrorKind::unsupported, "the model estimates numbers and has no classes; see predict_all()");
  if (row.size() != state_->names.size()) {
    fail(ErrorKind::shape_mismatch, "expected ", state_->names.size(), " probabilities, received ",
         row.size());
  }
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A NaN is less than everything: the order stays a strict one.
  const auto value = [&](std::size_t i) { return std::isnan(row[i]) ? -1.0F : row[i]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return value(a) > value(b); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(options.top)));
  std::vector<Prediction> result;
  result.reserve(order.size());
  for (const std::size_t i : order) {
    result.push_back({.class_id = state_->ids[i],
                      .name = state_->names[i],
                      .probability = row[i],
                      .index = static_cast<std::int64_t>(i)});
  }
  return result;
}

}  // namespace graft
