// SPDX-License-Identifier: Apache-2.0
// graft evaluate MODEL|ARCHITECTURE PHOTOS
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/training_options.hpp"

namespace graft::cli {
namespace {

struct EvaluateArguments {
  ModelArgument model;
  std::string photos;
  int views = 1;
  data::ListOptions listing;
  CommonOptions common;
};

/// test/ of a folder with train/, val/ and test/ (else val/, else train/); any other folder itself.
std::filesystem::path folder_of(const EvaluateArguments& given) {
  const data::Layout layout = data::find_layout(given.photos, given.listing);
  if (!given.common.quiet) report_notes(layout.notes);
  if (!layout.has_parts()) return layout.root;
  const std::filesystem::path part = layout.test ? *layout.test : layout.validation.value_or(*layout.train);
  if (!given.common.quiet) std::cerr << "photos of " << shown(part.string()) << '\n';
  return part;
}

int evaluate(const EvaluateArguments& given) {
  use_threads(given.common.execution);
  const std::filesystem::path folder = folder_of(given);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  PhotoProgress progress(given.common.quiet);
  ClassifyOptions options{.views = given.views, .exif = given.common.exif};
  options.interpolation = given.common.interpolation;
  options.progress = progress.photos();
  options.listing = given.listing;
  options.listing.progress = progress.files();
  const classify::Evaluation result = classify::evaluate(classifier, folder, options);
  progress.clear();
  if (given.common.json) {
    print_json({{"accuracy", result.accuracy},
                {"test_accuracy_interval", {result.interval.low, result.interval.high}},
                {"loss", result.loss},
                {"ece", result.calibration_error},
                {"confusion", result.confusion},
                {"classes", classifier.class_names()},
                {"photos", result.photos},
                {"notes", result.notes},
                {"skipped_images", left_out_json(result.left_out)}});
    return exit_code_for(result.left_out);
  }
  report_left_out(result.left_out);
  report_notes(result.notes);
  std::cout << fitted(cat("accuracy ", percent(result.accuracy), " (", interval_text(result.interval),
                          ")   loss ", result.loss, "   calibration error ",
                          percent(result.calibration_error), "   ",
                          counted(result.photos, "photo", "photos")))
            << '\n';
  const std::string confused = most_confused(result.confusion, classifier.class_names());
  if (!confused.empty()) std::cout << "most confused: " << confused << '\n';
  return exit_code_for(result.left_out);
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
  add_views_option(*command, given->views);
  add_interpolation_option(*command, given->common);
  add_listing_options(*command, given->listing, true);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "Photos that cannot be read are left out and listed (exit code 1). In a folder with train/, val/ and "
      "test/, the "
      "photos in test/ are used.\n\n"
      "Examples:\n"
      "  graft evaluate photos-graft more_photos/\n"
      "  graft evaluate photos-graft more_photos/ --json");
  command->callback([given, &run] { run = [given] { return evaluate(*given); }; });
}

}  // namespace graft::cli
