// SPDX-License-Identifier: Apache-2.0
// graft evaluate MODEL|ARCHITECTURE PHOTOS
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/evaluation.hpp"

#include "cli/class_report.hpp"
#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/number_text.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/report_files.hpp"
#include "cli/training_options.hpp"

namespace graft::cli {
namespace {

struct EvaluateArguments {
  ModelArgument model;
  std::string photos;
  std::string out;         ///< empty: see default_out_folder()
  bool no_report = false;  ///< write nothing
  std::string plots;       ///< folder for figures; empty: none
  int views = 1;
  data::ListOptions listing;
  CommonOptions common;
};

bool has_folders(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) return true;
  }
  return false;
}

/// test/ of a folder with train/, val/ and test/ (else val/, else train/); any other folder itself.
/// Of a list of labels, or of archives, with a split the same part.
std::filesystem::path folder_of(EvaluateArguments& given) {
  if (given.listing.labels.given() || data::is_archive(given.photos) || !has_folders(given.photos)) {
    given.listing.labels.part = data::part_to_judge(data::list_photos(given.photos, given.listing));
    if (given.listing.labels.part && !given.common.quiet)
      std::cerr << "photos of the list's part " << data::to_string(*given.listing.labels.part) << '\n';
    return given.photos;
  }
  const data::Layout layout = data::find_layout(given.photos, given.listing);
  if (!given.common.quiet) report_notes(layout.notes);
  if (!layout.has_parts()) return layout.root;
  std::filesystem::path part = layout.test ? *layout.test : layout.validation.value_or(*layout.train);
  if (!given.common.quiet) std::cerr << "photos of " << shown(part.string()) << '\n';
  return part;
}

/// Photos that the model was made with flatter it: what the others give.
std::string seen_text(const classify::SeenPhotos& seen) {
  const std::string made_with =
      cat("the model was trained on ", seen.trained, " of these photos",
          seen.chosen_by > 0 ? cat(" and chosen by ", seen.chosen_by, " others") : std::string());
  if (seen.unseen == 0)
    return made_with + ": this accuracy is not that of new photos; evaluate on photos that it has not seen";
  return cat(made_with, ". Accuracy of the other ", seen.unseen, ": ", percent(seen.accuracy), " (",
             interval_text(seen.interval), ")");
}

Json seen_json(const classify::Evaluation& result) {
  if (!result.seen) return {};
  const classify::SeenPhotos& seen = *result.seen;
  return {{"trained", seen.trained},
          {"chosen_by", seen.chosen_by},
          {"unseen", seen.unseen},
          {"unseen_accuracy", seen.unseen > 0 ? Json(seen.accuracy) : Json()},
          {"unseen_accuracy_interval", {seen.interval.low, seen.interval.high}}};
}

/// Where the report goes; empty: nowhere. Checked before the work for it is done.
std::filesystem::path report_folder(const EvaluateArguments& given) {
  check_plots(given.plots, given.no_report);
  if (given.no_report) {
    if (!given.out.empty())
      fail(ErrorKind::invalid_argument, "--out: has no effect with --no-report; leave one of them out");
    return {};
  }
  std::filesystem::path folder =
      given.out.empty() ? default_out_folder(given.photos, "-evaluation") : std::filesystem::path(given.out);
  if (!given.out.empty()) check_out_folder(folder);
  check_writable(folder);
  return folder;
}

/// Whether the model still fits photos like these.
std::string drift_text(const classify::Drift& drift) {
  const std::string counts = cat(
      drift.unlike, " of ", drift.photos, " photos are unlike the training photos (", percent(drift.share),
      ", ", interval_text(drift.interval), "; at most ", percent(drift.expected), " expected)");
  const std::string distance = cat("median distance ", drift.distance, ", usually ", drift.usual_distance);
  if (!drift.drifted) return cat("no drift: ", counts, "; ", distance);
  return cat(
      "drift: the photos differ from the training photos (", distance, ", p ",
      drift.p_value < 1e-4 ? std::string("< 0.0001") : cat(drift.p_value), "); ", counts,
      ". The model may not fit them: look at them with graft similar, and train again with some of them");
}

/// Writes the result folder. What goes wrong is said on standard error, and the figures are printed anyway:
/// null then.
Json write_folder(const EvaluateArguments& given, const Classifier& classifier,
                  const classify::Evaluation& result, const std::filesystem::path& folder) {
  const std::filesystem::path& file = classifier.file();
  const report::EvaluationSource source{
      .model = file.empty() ? given.model.name : std::filesystem::absolute(file).lexically_normal().string(),
      .photos = given.photos,
      .class_names = classifier.class_names(),
      .thresholds = classifier.label_thresholds(),
      .intervals = classifier.number_intervals()};
  report::ReportOptions options = report_options(given.common.quiet);
  if (result.drift) {
    options.sections.drift = report::DriftFinding{.fits = !result.drift->drifted,
                                                  .score = result.drift->distance,
                                                  .threshold = result.drift->usual_distance,
                                                  .text = drift_text(*result.drift)};
  }
  try {
    return report_json(report::write_evaluation(result, source, folder, options));
  } catch (const Error& error) {
    std::cerr << "graft: the report was not written: " << shown(error.what()) << '\n';
    return {};
  }
}

Json drift_json(const classify::Evaluation& result) {
  if (!result.drift) return {};
  const classify::Drift& drift = *result.drift;
  return {{"drifted", drift.drifted},
          {"p_value", drift.p_value},
          {"median_distance", drift.distance},
          {"usual_median_distance", drift.usual_distance},
          {"unlike_training_photos", drift.unlike},
          {"photos", drift.photos},
          {"share", drift.share},
          {"share_interval", {drift.interval.low, drift.interval.high}},
          {"expected_share", drift.expected}};
}

/// Of a model of numbers: a list has columns with their names, unless others are named.
void expect_numbers(EvaluateArguments& given, const Classifier& classifier) {
  data::LabelSource& labels = given.listing.labels;
  if (!labels.file.empty() && labels.targets.empty()) labels.targets = classifier.class_names();
}

/// What was measured, in its two forms.
struct EvaluationFigures {
  Json json;
  std::string text;
};

/// What rules make of the photos, and whether these are like the training photos, a line each.
std::string rules_text(const classify::Evaluation& result) {
  std::string text;
  for (const std::string& line : describe(result.decisions, result.rules)) text += fitted(line) + '\n';
  if (result.drift) text += fitted(drift_text(*result.drift)) + '\n';
  return text;
}

EvaluationFigures figures_of_numbers(const Classifier& classifier, const classify::Evaluation& result) {
  const std::vector<std::string>& names = classifier.class_names();
  const NumberIntervals& intervals = classifier.number_intervals();
  return {{{"numbers", to_json(result.numbers, names)},
           {"intervals", {{"level", intervals.level}, {"half_widths", intervals.half_widths}}},
           {"drift", drift_json(result)},
           {"loss", result.loss}},
          cat(counted(result.photos, "photo", "photos"), "\n",
              fitted(numbers_report(result.numbers, names, intervals.level)), rules_text(result))};
}

EvaluationFigures figures_of_labels(const Classifier& classifier, const classify::Evaluation& result) {
  const std::vector<std::string>& names = classifier.class_names();
  const std::vector<double>& thresholds = classifier.label_thresholds();
  return {{{"several_labels", to_json(*result.several, names)},
           {"levels", to_json(result.several_levels)},
           {"thresholds", thresholds},
           {"decisions", to_json(result.decisions, result.rules)},
           {"drift", drift_json(result)},
           {"loss", result.loss},
           {"classes", names}},
          cat(counted(result.photos, "photo", "photos"), "   loss ", result.loss, "   ",
              several_report(*result.several, result.several_levels, names, thresholds), rules_text(result))};
}

std::string class_text(const Classifier& classifier, const classify::Evaluation& result) {
  std::string text =
      fitted(cat("accuracy ", percent(result.accuracy), " (", interval_text(result.interval), ")   loss ",
                 result.loss, "   calibration error ", percent(result.calibration_error), "   ",
                 counted(result.photos, "photo", "photos"))) +
      '\n';
  const auto add = [&](const std::string& line) { text += fitted(line) + '\n'; };
  for (const std::string& line : level_report(result.confusion, classifier.class_names())) add(line);
  const std::string confused = most_confused(result.confusion, classifier.class_names());
  if (!confused.empty()) add("most confused: " + confused);
  const std::string classes = class_report(result.confusion, classifier.class_names());
  if (!classes.empty()) add(classes);
  for (const std::string& line : describe(result.decisions, result.rules)) add(line);
  if (result.seen) add(seen_text(*result.seen));
  if (result.drift) add(drift_text(*result.drift));
  return text;
}

EvaluationFigures figures_of_class(const Classifier& classifier, const classify::Evaluation& result) {
  return {{{"accuracy", result.accuracy},
           {"test_accuracy_interval", {result.interval.low, result.interval.high}},
           {"loss", result.loss},
           {"ece", result.calibration_error},
           {"confusion", result.confusion},
           {"by_class", class_json(result.confusion, classifier.class_names())},
           {"levels", to_json(classify::level_figures(classifier.class_names(), result.confusion))},
           {"decisions", to_json(result.decisions, result.rules)},
           {"seen", seen_json(result)},
           {"drift", drift_json(result)},
           {"classes", classifier.class_names()}},
          class_text(classifier, result)};
}

/// Prints the figures, and what every evaluation has. report: what was written; null: nothing.
void print_figures(const EvaluateArguments& given, const classify::Evaluation& result,
                   EvaluationFigures figures, const Json& report) {
  if (given.common.json) {
    figures.json.update({{"photos", result.photos},
                         {"report", report},
                         {"notes", result.notes},
                         {"skipped_images", left_out_json(result.left_out)}});
    print_json(figures.json);
    return;
  }
  report_left_out(result.left_out);
  report_notes(result.notes);
  std::cout << figures.text;
}

int evaluate(EvaluateArguments given) {
  complete_photos(given.photos, given.listing);
  use_threads(given.common.execution);
  const std::filesystem::path out = report_folder(given);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  if (classifier.gives_numbers()) expect_numbers(given, classifier);
  given.listing.nested = given.listing.nested || classify::has_nested_classes(classifier.class_names());
  const std::filesystem::path folder = folder_of(given);
  PhotoProgress progress(given.common.quiet);
  ClassifyOptions options{.views = given.views, .exif = given.common.exif};
  options.interpolation = given.common.interpolation;
  options.progress = progress.photos();
  options.listing = given.listing;
  options.listing.progress = progress.files();
  const classify::Evaluation result = classify::evaluate(classifier, folder, options);
  progress.clear();
  Json written;
  if (!out.empty()) written = write_folder(given, classifier, result, out);
  const bool reported = out.empty() || (!written.is_null() && try_plots(out, given.plots));
  print_figures(given, result,
                classifier.gives_numbers() ? figures_of_numbers(classifier, result)
                : result.several           ? figures_of_labels(classifier, result)
                                           : figures_of_class(classifier, result),
                written);
  if (!given.common.json && !written.is_null())
    std::cout << fitted(cat(out.string(), "/  report.html · predictions.csv · result.json")) << '\n';
  return reported ? exit_code_for(result.left_out) : kSomeFailed;
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("evaluate", "Measure the accuracy of a classifier on labelled photos");
  auto given = std::make_shared<EvaluateArguments>();
  add_model_argument(*command, given->model);
  command->add_option(
      "PHOTOS", given->photos,
      "a folder with one sub-folder per class, named like the classes of the model; or that of --labels");
  command
      ->add_option("--out", given->out,
                   "the folder for the report; default: the name of PHOTOS with -evaluation")
      ->type_name("DIR");
  add_no_report_option(*command, given->no_report);
  add_plots_option(*command, given->plots);
  add_weights_option(*command, given->model);
  add_pixels_option(*command, given->model.pixels,
                    "how the program around a model file scaled its pixels, where the model does not");
  add_views_option(*command, given->views);
  add_interpolation_option(*command, given->common);
  add_label_options(*command, given->listing);
  add_nested_option(*command, given->listing);
  add_listing_options(*command, given->listing, true);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "Photos that cannot be read are left out and listed (exit code 1). In a folder with train/, val/ and "
      "test/, the "
      "photos in test/ are used; of a list with a split those of its test part.\n\n"
      "Writes a folder with report.html, which opens in a browser without a network, predictions.csv and "
      "result.json.\n\n"
      "Examples:\n"
      "  graft evaluate photos-graft more_photos/\n"
      "  graft evaluate photos-graft more_photos/ --json\n"
      "  graft evaluate photos-graft more_photos/ --no-report");
  command->callback([given, &run] { run = [given] { return evaluate(*given); }; });
}

}  // namespace graft::cli
