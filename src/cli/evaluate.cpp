// SPDX-License-Identifier: Apache-2.0
// graft evaluate MODEL|ARCHITECTURE PHOTOS
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/transfer/calibration.hpp"
#include "graft/transfer/test_time.hpp"

#include "cli/common_options.hpp"
#include "cli/confusion.hpp"
#include "cli/exit_code.hpp"
#include "cli/match_classes.hpp"
#include "cli/network.hpp"
#include "cli/photos.hpp"
#include "cli/precision_option.hpp"
#include "cli/tuning_options.hpp"

namespace graft::cli {
namespace {

struct EvaluateCommand {
  std::string model;
  std::string photos;
  std::string weights;
  int views = 1;
  CommonOptions common;
};

struct Evaluation {
  std::size_t right = 0;
  double loss_sum = 0;
  Confusion confusion;
};

Evaluation compare(const Tensor& probabilities, const std::vector<std::size_t>& truth) {
  // Keras's bound on probabilities in cross-entropy.
  constexpr double kSmallest = 1e-7;
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  Evaluation result{.confusion = Confusion(width, std::vector<std::int64_t>(width))};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::span<const float> row = probabilities.data().subspan(i * width, width);
    const auto said = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    result.right += said == truth[i] ? 1 : 0;
    result.loss_sum -= std::log(std::clamp<double>(row[truth[i]], kSmallest, 1));
    ++result.confusion[truth[i]][said];
  }
  return result;
}

/// Of a folder with train/, val/ and test/ the part that is for this.
std::filesystem::path folder_of(const EvaluateCommand& command) {
  const data::Layout layout = data::find_layout(command.photos);
  if (!layout.has_parts()) return command.photos;
  const std::filesystem::path part = layout.test ? *layout.test : layout.validation.value_or(*layout.train);
  if (!command.common.quiet) std::cerr << "photos of " << part.string() << '\n';
  return part;
}

int evaluate(const EvaluateCommand& command) {
  apply(command.common);
  const data::PhotoList list = data::list_photos(folder_of(command));
  const Classifier classifier = open_classifier(command.model, command.weights);
  const std::vector<std::size_t> classes = match_classes(classifier, list.class_names);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = exif_of(command.common, load.decode.exif);
  const data::PhotoSet photos = data::load_photos(list, load);
  std::vector<std::size_t> truth;
  for (const int label : photos.labels()) truth.push_back(classes[static_cast<std::size_t>(label)]);
  const Tensor probabilities = transfer::averaged_probabilities(classifier, photos.all(), command.views);
  const Evaluation result = compare(probabilities, truth);
  const auto count = static_cast<double>(photos.size());
  const double accuracy = static_cast<double>(result.right) / count;
  const Interval interval = wilson_interval(result.right, photos.size());
  const double loss = result.loss_sum / count;
  const std::vector<int> labels(truth.begin(), truth.end());
  const double ece = transfer::expected_calibration_error(probabilities, labels);
  if (command.common.json) {
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
  std::cout << "accuracy " << percent(accuracy) << " (" << in_words(interval) << ")   loss " << loss
            << "   calibration error " << percent(ece) << "   " << counted(photos.size(), "photo", "photos")
            << '\n';
  const std::string confused = most_confused(result.confusion, classifier.class_names());
  if (!confused.empty()) std::cout << "most confused: " << confused << '\n';
  return kOk;
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("evaluate", "Measure a classifier on photos sorted into class folders");
  auto given = std::make_shared<EvaluateCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command
      ->add_option("PHOTOS", given->photos,
                   "a folder with one sub-folder per class, named as the model's classes")
      ->required();
  command->add_option("--weights", given->weights, "of an architecture: a file, or imagenet")
      ->type_name("FILE");
  add_views_option(*command, given->views);
  add_precision_option(*command);
  add_common_options(*command, given->common);
  command->footer(
      "Photos that cannot be read are left out and listed. Of a folder with train/, val/ and test/, test/ "
      "counts.\n\n"
      "Examples:\n"
      "  graft evaluate photos-graft more_photos/\n"
      "  graft evaluate photos-graft more_photos/ --json");
  command->callback([given, &run] { run = [given] { return evaluate(*given); }; });
}

}  // namespace graft::cli
