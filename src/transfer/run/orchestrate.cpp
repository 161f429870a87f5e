// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/orchestrate.hpp"

#include <algorithm>
#include <span>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/logits.hpp"
#include "graft/evaluation.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/measure/decisions.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/measure/training_photos.hpp"
#include "transfer/result/answers.hpp"
#include "transfer/result/finish.hpp"

namespace graft::transfer {
namespace {

/// The first files that are not used; result.json has all of them.
void report_left_out(const std::vector<data::LeftOut>& files, Reporter& reporter) {
  constexpr std::size_t kNamed = 5;
  if (files.empty()) return;
  reporter.say(cat("  left out: ", files.size(), files.size() == 1 ? " file or folder" : " files and folders",
                   files.size() > kNamed ? "; the first, all are in skipped_images of result.json" : ""));
  for (const data::LeftOut& file : std::span(files).first(std::min(files.size(), kNamed)))
    reporter.say(cat("    ", shown(file.path.string()), ": ", file.reason));
}

/// Notes what is known before training.
void describe_photos(const Photos& photos, Reporter& reporter) {
  reporter.note(describe(photos));
  for (const std::string& line : photos.notes) reporter.note(line);
  reporter.note(photos.split_note);
  report_left_out(photos.left_out, reporter);
}

/// The answers that a temperature is found from: of heads like the model's, else of the model for validation
/// photos.
struct ToCalibrate {
  Tensor logits;
  std::vector<int> labels;
};

/// Finds a temperature and changes the model's weights. Nothing where there are too few photos.
std::optional<classify::Calibration> calibrate(const RunContext& run, Model model,
                                               const ToCalibrate& unseen) {
  // By default a temperature that would not help is not worth a line.
  const bool wanted = run.options.calibrate.has_value();
  if (unseen.labels.size() < classify::kFewestToCalibrate) {
    if (wanted)
      run.note(cat("not calibrated: ", unseen.labels.size(),
                   " photos that the model was not trained on are too "
                   "few to find a temperature by"));
    return std::nullopt;
  }
  run.reporter.enter("calibration");
  const classify::Calibration found = classify::find_calibration(unseen.logits, unseen.labels);
  classify::apply_temperature(model, found.temperature);
  if (found.temperature == 1) {
    if (wanted)
      run.note(cat("not calibrated: on ", found.photos,
                   " unseen photos no temperature makes the probabilities better (log loss ",
                   found.loss_before, ")"));
    return found;
  }
  run.note(cat("calibrated on answers for ", found.photos, " unseen photos: temperature ", found.temperature,
               "; measured on others, log loss ", found.loss_before, " -> ", found.loss_after,
               ", calibration error ", percent(found.ece_before), " -> ", percent(found.ece_after)));
  return found;
}

/// Calibrates where that is wanted, then computes what the model returns for photos that it has not seen.
Measured measure(const RunContext& run, Trained& trained) {
  const Photos& photos = run.photos;
  const bool by_heads = trained.head_is_final && !trained.unseen.empty();
  ModelOutputs outputs;
  const auto predict = [&](const data::Dataset& part, const char* label) {
    trained.model.functional()->attach(nullptr);
    return predict_photos(trained.model, part, photos.cache, label);
  };
  if (!by_heads) outputs.validation = predict(photos.validation, "validation");
  double temperature = 1;
  if (calibrates(run.options)) {
    trained.facts.calibration = calibrate(
        run, trained.model,
        by_heads ? ToCalibrate{trained.unseen.logits, trained.unseen.labels}
                 : ToCalibrate{logits_of(outputs.validation, trained.output), photos.validation.labels()});
    if (trained.facts.calibration) temperature = trained.facts.calibration->temperature;
    if (temperature != 1 && !by_heads) outputs.validation = predict(photos.validation, "validation");
  }
  run.reporter.enter("test");
  {
    // As evaluate and predict compute by default: the figure is that of the model file.
    const ExecutionScope as_saved({.dtype_policy = DTypePolicy::float32});
    outputs.test = predict(photos.test, "test");
  }
  outputs.train_photos = without_answer(photos, trained.unseen);
  if (!outputs.train_photos.empty()) {
    if (run.reporter.stopped()) {
      run.note(cat("predictions.csv has no answers for ", outputs.train_photos.size(),
                   " training photos: the run was stopped"));
      outputs.train_photos.clear();
    } else {
      data::DatasetOptions in_order = photos.train.options();
      in_order.shuffle = false;
      outputs.train = predict(photos.train.subset(outputs.train_photos, in_order), "training");
    }
  }
  Measured measured{.test = score_test(outputs.test, trained.output, photos),
                    .answers = collect_answers(photos, trained, outputs, by_heads ? temperature : 1)};
  trained.facts.decisions =
      find_decisions(run.options, measured.answers, trained.head_is_final, photos.class_names, run.reporter);
  return measured;
}

}  // namespace

TrainResult run_stages(const Photos& photos, const TrainOptions& given, const RunPlace& place,
                       Reporter& reporter, const RunSteps& steps) {
  const ExecutionScope seed({.seed = given.seed});
  describe_photos(photos, reporter);
  const TrainOptions options = options_for_recall(given, photos, reporter);
  RunState checkpoint(options, place.folder, photos, place.image_size, reporter);
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = place.image_size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  Trained trained = steps.train(run);
  // Other photos than the test photos are answered in the number format that the model was trained with.
  const ExecutionScope precision({.dtype_policy = trained.dtype_policy});
  Measured measured = measure(run, trained);
  ComparedPhotos compared = features_of_training(trained.model, photos, reporter);
  TrainResult result = make_result({photos, options, place.folder, place.image_size}, std::move(trained),
                                   std::move(measured), reporter);
  result.training_features = std::move(compared.known);
  result.distances = std::move(compared.distances);
  if (steps.compare) result.facts.rounds = steps.compare(run, result);
  result.notes = reporter.notes();
  result.facts.seconds = reporter.seconds();
  return result;
}

}  // namespace graft::transfer
