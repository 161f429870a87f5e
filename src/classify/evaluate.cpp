// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/classifier.hpp"

namespace graft::classify {

namespace {

constexpr double kLeastProbability = 1e-7;   // Keras's bound on probabilities in cross-entropy
constexpr std::size_t kNamesInMessage = 10;  // classes that a message lists

std::string known_classes(const Classifier& classifier) {
  const std::vector<std::string>& names = classifier.class_names();
  std::string known;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesInMessage); ++i)
    known += (i == 0 ? "" : ", ") + names[i];
  return known + (names.size() > kNamesInMessage ? ", ..." : "");
}

}  // namespace

std::vector<std::size_t> match_classes(const Classifier& classifier,
                                       const std::vector<std::string>& folders) {
  std::vector<std::size_t> result;
  for (const std::string& folder : folders) {
    const auto find_in = [&](const std::vector<std::string>& names) {
      return static_cast<std::size_t>(std::ranges::find(names, folder) - names.begin());
    };
    const std::size_t count = classifier.class_names().size();
    std::size_t found = find_in(classifier.class_names());
    if (found == count) found = find_in(classifier.class_ids());
    if (found == count) {
      fail(ErrorKind::not_found, "the folder '", folder, "' is not a class of the model; its classes are ",
           known_classes(classifier));
    }
    result.push_back(found);
  }
  return result;
}

Evaluation evaluate(const Tensor& probabilities, const std::vector<int>& truth) {
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  Evaluation result{.photos = truth.size(), .interval = {}, .confusion = {}, .left_out = {}};
  result.confusion.assign(width, std::vector<std::int64_t>(width));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::span<const float> row = probabilities.data().subspan(i * width, width);
    const auto right = static_cast<std::size_t>(truth[i]);
    const auto predicted = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    result.right += predicted == right ? 1 : 0;
    result.loss -= std::log(std::clamp<double>(row[right], kLeastProbability, 1));
    ++result.confusion[right][predicted];
  }
  if (truth.empty()) return result;
  const auto count = static_cast<double>(truth.size());
  result.accuracy = static_cast<double>(result.right) / count;
  result.loss /= count;
  result.interval = wilson_interval(result.right, truth.size());
  result.calibration_error = expected_calibration_error(probabilities, truth);
  return result;
}

Evaluation evaluate(const Classifier& classifier, const std::filesystem::path& folder,
                    const ClassifyOptions& options) {
  check_views(options.views);
  const data::PhotoList list = data::list_photos(folder);
  const std::vector<std::size_t> classes = match_classes(classifier, list.class_names);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = options.exif.value_or(load.decode.exif);
  const data::PhotoSet photos = data::load_photos(list, load, options.progress);
  std::vector<int> truth;
  for (const int label : photos.labels())
    truth.push_back(static_cast<int>(classes[static_cast<std::size_t>(label)]));
  Evaluation result = evaluate(averaged_probabilities(classifier, photos.all(), options.views), truth);
  result.left_out = photos.left_out();
  return result;
}

}  // namespace graft::classify
