// SPDX-License-Identifier: Apache-2.0
// graft evaluate MODEL|ARCHITECTURE PHOTOS
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/calibration.hpp"
#include "graft/classify/views.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/folder_classes.hpp"
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

struct Evaluation {
  std::size_t right = 0;
  double loss_sum = 0;
  Confusion confusion;
};

Evaluation compare(const Tensor& probabilities, const std::vector<std::size_t>& truth) {
  // Lower bound of probabilities in the cross-entropy, as in Keras.
  constexpr double kSmallest = 1e-7;
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  Evaluation result{.confusion = Confusion(width, std::vector<std::int64_t>(width))};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::span<const float> row = probabilities.data().subspan(i * width, width);
    const auto predicted = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    result.right += predicted == truth[i] ? 1 : 0;
    result.loss_sum -= std::log(std::clamp<double>(row[truth[i]], kSmallest, 1));
    ++result.confusion[truth[i]][predicted];
  }
  return result;
}

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
  const data::PhotoList list = data::list_photos(folder_of(given));
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  const std::vector<std::size_t> classes = classes_of_folders(classifier, list.class_names);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = given.common.exif.value_or(load.decode.exif);
  const data::PhotoSet photos = data::load_photos(list, load);
  std::vector<std::size_t> truth;
  for (const int label : photos.labels()) truth.push_back(classes[static_cast<std::size_t>(label)]);
  const Tensor probabilities = classify::averaged_probabilities(classifier, photos.all(), given.views);
  const Evaluation result = compare(probabilities, truth);
  const auto count = static_cast<double>(photos.size());
  const double accuracy = static_cast<double>(result.right) / count;
  const Interval interval = wilson_interval(result.right, photos.size());
  const double loss = result.loss_sum / count;
  const std::vector<int> labels(truth.begin(), truth.end());
  const double ece = classify::expected_calibration_error(probabilities, labels);
  if (given.common.json) {
    print_json({{"accuracy", accuracy},
                {"test_accuracy_interval", {interval.low, interval.high}},
                {"loss", loss},
                {"ece", ece},
                {"confusion", result.confusion},
                {"classes", classifier.class_names()},
                {"photos", photos.size()},
                {"skipped_images", left_out_json(photos.left_out())}});
    return kOk;
  }
  for (const data::LeftOut& file : photos.left_out())
    std::cerr << "left out: " << file.path.string() << ": " << file.reason << '\n';
  std::cout << "accuracy " << percent(accuracy) << " (" << interval_text(interval) << ")   loss " << loss
            << "   calibration error " << percent(ece) << "   " << counted(photos.size(), "photo", "photos")
            << '\n';
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
