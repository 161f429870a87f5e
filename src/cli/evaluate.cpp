// SPDX-License-Identifier: Apache-2.0
// graft evaluate MODEL|ARCHITECTURE PHOTOS
#include <iostream>
#include <memory>

#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/training_options.hpp"

namespace graft::cli {
namespace {

struct EvaluateArguments {
  ModelArgument model;
  std::string photos;
  int views = 1;
  CommonOptions common;
};

/// test/ of a folder with train/, val/ and test/ (else val/, else train/); any other folder itself.
std::filesystem::path folder_of(const EvaluateArguments& given) {
  const data::Layout layout = data::find_layout(given.photos);
  if (!layout.has_parts()) return given.photos;
  const std::filesystem::path part = layout.test ? *layout.test : layout.validation.value_or(*layout.train);
  if (!given.common.quiet) std::cerr << "photos of " << part.string() << '\n';
  return part;
}

int evaluate(const EvaluateArguments& given) {
  use_threads(given.common.execution);
  const std::filesystem::path folder = folder_of(given);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  const classify::Evaluation result =
      classify::evaluate(classifier, folder, {.views = given.views, .exif = given.common.exif});
  if (given.common.json) {
    print_json({{"accuracy", result.accuracy},
                {"test_accuracy_interval", {result.interval.low, result.interval.high}},
                {"loss", result.loss},
                {"ece", result.calibration_error},
                {"confusion", result.confusion},
                {"classes", classifier.class_names()},
                {"photos", result.photos},
                {"skipped_images", left_out_json(result.left_out)}});
    return kOk;
  }
  for (const data::LeftOut& file : result.left_out)
    std::cerr << "left out: " << file.path.string() << ": " << file.reason << '\n';
  std::cout << "accuracy " << percent(result.accuracy) << " (" << interval_text(result.interval)
            << ")   loss " << result.loss << "   calibration error " << percent(result.calibration_error)
            << "   " << counted(result.photos, "photo", "photos") << '\n';
  const std::string confused = most_confused(result.confusion, classifier.class_names());
  if (!confused.empty()) std::cout << "most confused: " << confused << '\n';
  return kOk;
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("evaluate", "Measure the accuracy of a classifier on labelled photos");
  auto given = std::make_shared<EvaluateArguments>();
  add_model_argument(*command, given->model);
  command
      ->add_option("PHOTOS", given->photos,
                   "a folder with one sub-folder per class, named like the classes of the model")
      ->required();
  add_weights_option(*command, given->model);
  add_pixels_option(*command, given->model.pixels,
                    "how the program around a model file scaled its pixels, where the model does not");
  add_views_option(*command, given->views);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "Photos that cannot be read are left out and listed. In a folder with train/, val/ and test/, the "
      "photos in test/ are used.\n\n"
      "Examples:\n"
      "  graft evaluate photos-graft more_photos/\n"
      "  graft evaluate photos-graft more_photos/ --json");
  command->callback([given, &run] { run = [given] { return evaluate(*given); }; });
}

}  // namespace graft::cli
