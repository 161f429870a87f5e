// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/orchestrate.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/logits.hpp"
#include "graft/evaluation.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/measure/calibration_note.hpp"
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
std::optional<classify::Calibration> find_temperature(const RunContext& run, Model model,
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
  run.note(calibration_note(found));
  return found;
}

/// What the model returns for photos of a part, by their places in it.
PartOutputs outputs_for(const RunContext& run, Model& model, const data::Dataset& part,
                        std::vector<std::size_t> chosen, const char* label) {
  if (chosen.empty()) return {};
  data::DatasetOptions in_order = part.options();
  in_order.shuffle = false;
  model.functional()->attach(nullptr);
  Tensor output =
      predict_photos(model, part.subset(chosen, in_order), run.photos.cache, label, run.options.ranks.get());
  return {.photos = std::move(chosen), .output = std::move(output)};
}

/// The temperature by which the model was divided, and 1 where it was not. validation: what the model returns
/// for all validation photos; empty: heads answer for unseen photos.
double calibrate(const RunContext& run, Trained& trained, const Tensor& validation) {
  if (!calibrates(run.options)) return 1;
  // The validation photos of a later round may be known to the earlier ones.
  const bool by_unseen = validation.empty() || is_recipe<RoundRecipe>(run.options);
  trained.facts.calibration = find_temperature(
      run, trained.model,
      by_unseen ? ToCalibrate{trained.unseen.logits, trained.unseen.labels}
                : ToCalibrate{logits_of(validation, trained.output), run.photos.validation.labels()});
  return trained.facts.calibration ? trained.facts.calibration->temperature : 1;
}

/// Calibrates where that is wanted, then computes what the model returns for photos that it has not seen.
Measured measure(const RunContext& run, Trained& trained) {
  const Photos& photos = run.photos;
  const bool by_heads = trained.head_is_final && !trained.unseen.empty();
  std::vector<std::size_t> all_validation(photos.validation.size());
  std::iota(all_validation.begin(), all_validation.end(), std::size_t{0});
  ModelOutputs outputs;
  if (!by_heads)
    outputs.validation = outputs_for(run, trained.model, photos.validation, all_validation, "validation");
  const double temperature = calibrate(run, trained, outputs.validation.output);
  if (temperature != 1 && !by_heads)
    outputs.validation = outputs_for(run, trained.model, photos.validation, all_validation, "validation");
  run.reporter.enter("test");
  {
    // As evaluate and predict compute by default: the figure is that of the model file.
    const ExecutionScope as_saved({.dtype_policy = DTypePolicy::float32});
    trained.model.functional()->attach(nullptr);
    Predicted test =
        predict_with_features(trained.model, photos.test, photos.cache, "test", run.options.ranks.get());
    outputs.test = std::move(test.output);
    trained.pooled.test = std::move(test.features);
  }
  Unanswered seen = without_answer(photos, trained.unseen);
  if (!by_heads) seen.validation.clear();  // answered above
  if (run.reporter.stopped() && !(seen.train.empty() && seen.validation.empty())) {
    run.note(cat("predictions.csv has no answers for ", seen.train.size() + seen.validation.size(),
                 " training and validation photos: the run was stopped"));
  } else {
    outputs.train = outputs_for(run, trained.model, photos.train, std::move(seen.train), "training");
    if (by_heads)
      outputs.validation =
          outputs_for(run, trained.model, photos.validation, std::move(seen.validation), "validation");
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
  RunState checkpoint(options, {place.folder, place.image_size}, photos, reporter);
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = place.image_size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  Trained trained = steps.train(run);
  // Other photos than the test photos are answered in the number format that the model was trained with.
  const ExecutionScope precision({.dtype_policy = trained.dtype_policy});
  Measured measured = measure(run, trained);
  ComparedPhotos compared = features_of_training(trained.model, photos, trained.pooled, reporter);
  TrainResult result = make_result({photos, options, place.folder, place.image_size}, std::move(trained),
                                   std::move(measured), reporter);
  result.training_features = std::move(compared.known);
  result.distances = std::move(compared.distances);
  if (options.measure_photos) result.features = std::move(compared.sample);
  if (steps.compare) result.facts.rounds = steps.compare(run, result);
  result.notes = reporter.notes();
  result.facts.seconds = reporter.seconds();
  return result;
}

}  // namespace graft::transfer
