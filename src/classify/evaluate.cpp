// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/classify/views.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {

namespace {

constexpr double kLeastProbability = 1e-7;  // Keras's bound on probabilities in cross-entropy

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
           comma_list(classifier.class_names(), {}, kMostClassesNamed), "; rename the folder, or exclude it");
    }
    result.push_back(found);
  }
  return result;
}

bool has_nested_classes(const std::vector<std::string>& class_names) {
  return std::ranges::any_of(class_names,
                             [](const std::string& name) { return name.find('/') != std::string::npos; });
}

ClassFigures class_figures(const std::vector<std::vector<std::int64_t>>& confusion) {
  const std::size_t classes = confusion.size();
  ClassFigures figures;
  std::int64_t all = 0;
  std::size_t present = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    std::int64_t photos = 0, answers = 0;
    for (std::size_t other = 0; other < classes; ++other) {
      photos += confusion[k][other];
      answers += confusion[other][k];
    }
    const auto right = static_cast<double>(confusion[k][k]);
    figures.photos.push_back(photos);
    figures.recall.push_back(photos > 0 ? right / static_cast<double>(photos) : 0);
    figures.precision.push_back(answers > 0 ? right / static_cast<double>(answers) : 0);
    figures.balanced_accuracy += figures.recall.back();
    present += photos > 0 ? 1 : 0;
    all += photos;
    if (photos > figures.photos[figures.most_frequent]) figures.most_frequent = k;
  }
  figures.balanced_accuracy /= static_cast<double>(std::max<std::size_t>(present, 1));
  if (all > 0)
    figures.trivial_accuracy =
        static_cast<double>(figures.photos[figures.most_frequent]) / static_cast<double>(all);
  return figures;
}

Evaluation evaluate(const Tensor& probabilities, const std::vector<int>& truth) {
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  Evaluation result{.photos = truth.size(), .interval = {}, .confusion = {}, .left_out = {}, .notes = {}};
  result.confusion.assign(width, std::vector<std::int64_t>(width));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::span<const float> row = probabilities.data().subspan(i * width, width);
    const auto right = static_cast<std::size_t>(truth[i]);
    const std::size_t predicted = best_class(row);
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

namespace {

/// The part of each photo when the model was made; test for others. Nothing where nothing is recorded.
std::optional<std::vector<Part>> known_parts(const Classifier& classifier, const data::PhotoSet& photos) {
  if (classifier.file().empty()) return std::nullopt;
  const std::map<std::string, Part> parts = parts_by_print(read_rounds(rounds_folder(classifier.file())));
  if (parts.empty()) return std::nullopt;
  std::vector<Part> result;
  for (const std::string& print : photo_prints(photos.file_paths())) {
    const auto known = parts.find(print);
    result.push_back(known == parts.end() ? Part::test : known->second);
  }
  return result;
}

/// What the photos that the model was made with leave; nothing where there are none.
std::optional<SeenPhotos> loaded_photos(const PhotoAnswers& answers) {
  const auto width = static_cast<std::size_t>(answers.probabilities.shape()[1]);
  SeenPhotos seen;
  for (std::size_t i = 0; i < answers.parts.size(); ++i) {
    if (answers.parts[i] != Part::test) {
      ++(answers.parts[i] == Part::train ? seen.trained : seen.chosen_by);
      continue;
    }
    const std::span<const float> row = answers.probabilities.data().subspan(i * width, width);
    ++seen.unseen;
    seen.right += best_class(row) == static_cast<std::size_t>(answers.truth[i]) ? 1 : 0;
  }
  if (seen.trained + seen.chosen_by == 0) return std::nullopt;
  seen.accuracy = seen.unseen > 0 ? static_cast<double>(seen.right) / static_cast<double>(seen.unseen) : 0;
  seen.interval = wilson_interval(seen.right, seen.unseen);
  return seen;
}

PhotoAnswers answers_of(const data::PhotoSet& photos, std::vector<int> truth, const Tensor& probabilities,
                        std::vector<Part> parts) {
  const std::size_t count = truth.size();
  PhotoAnswers answers{.files = {},
                       .parts = std::move(parts),
                       .folds = std::vector<std::size_t>(count, 0),
                       .by_model = std::vector<bool>(count, true),
                       .truth = std::move(truth),
                       .probabilities = probabilities};
  for (const std::filesystem::path& file : photos.file_paths())
    answers.files.push_back(std::filesystem::absolute(file).lexically_normal());
  return answers;
}

/// Answers for each photo of a data set, in its own order; distances are those of the photo as it is.
BatchAnswers answers_for(const Classifier& classifier, const data::Dataset& photos, int views) {
  if (classifier.training_features() == nullptr) return {averaged_probabilities(classifier, photos, views)};
  const std::size_t width = classifier.class_names().size();
  BatchAnswers all{Tensor({static_cast<std::int64_t>(photos.size()), static_cast<std::int64_t>(width)}),
                   std::vector<double>(photos.size())};
  data::BatchIterator batches = photos.iterate();
  while (const auto batch = batches.next()) {
    BatchAnswers some = classifier.answers(batch->images);
    if (views > 1) some.probabilities = averaged_probabilities(classifier, batch->images, views);
    for (std::size_t i = 0; i < batch->indices.size(); ++i) {
      const std::size_t at = batch->indices[i];
      std::ranges::copy(some.probabilities.data().subspan(i * width, width),
                        all.probabilities.data().subspan(at * width, width).begin());
      all.distances[at] = some.distances[i];
    }
  }
  return all;
}

/// How the photos compare with the training photos; null where that is not known.
std::shared_ptr<const Drift> drift_of(const Classifier& classifier, const BatchAnswers& answers) {
  if (answers.distances.size() < kFewestForDrift) return nullptr;
  return std::make_shared<const Drift>(find_drift(*classifier.training_features(), answers.distances));
}

}  // namespace

namespace {

/// The labels of each photo as the classifier's classes, as (N, K) of 1 and 0. A photo of a list with one
/// label a photo has that label.
Tensor truth_of(const data::PhotoSet& photos, const std::vector<std::size_t>& classes, std::size_t width,
                std::vector<std::vector<int>>& sets) {
  Tensor truth({static_cast<std::int64_t>(photos.size()), static_cast<std::int64_t>(width)});
  std::ranges::fill(truth.data<float>(), 0.0F);
  sets.resize(photos.size());
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const std::vector<int> labels =
        photos.label_sets().empty() ? std::vector<int>{photos.labels()[i]} : photos.label_sets()[i];
    for (const int label : labels) {
      const std::size_t k = classes[static_cast<std::size_t>(label)];
      truth.data<float>()[i * width + k] = 1;
      sets[i].push_back(static_cast<int>(k));
    }
    std::ranges::sort(sets[i]);
  }
  return truth;
}

/// Keras's binary cross-entropy.
double binary_loss(const Tensor& probabilities, const Tensor& truth) {
  const auto p = probabilities.data<float>();
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double bounded = std::clamp(static_cast<double>(p[i]), kLeastProbability, 1 - kLeastProbability);
    sum -= std::log(truth.data<float>()[i] == 1 ? bounded : 1 - bounded);
  }
  return sum / static_cast<double>(std::max<std::size_t>(p.size(), 1));
}

Evaluation evaluate_several(const Classifier& classifier, const data::PhotoSet& photos,
                            const std::vector<std::size_t>& classes, int views) {
  std::vector<std::vector<int>> sets;
  const Tensor truth = truth_of(photos, classes, classifier.class_names().size(), sets);
  const BatchAnswers answers = answers_for(classifier, photos.all(), views);
  const Tensor& probabilities = answers.probabilities;
  Evaluation result{.photos = photos.size()};
  result.drift = drift_of(classifier, answers);
  // Labels that must not be missed have their thresholds and figures like the others.
  result.rules.reject_below = classifier.decision_rules().reject_below;
  result.decisions = label_decision_figures(probabilities, truth, classifier.label_thresholds(),
                                            classifier.decision_rules());
  result.several = several_labels_figures(probabilities, truth, classifier.label_thresholds());
  result.several_levels =
      several_level_figures(classifier.class_names(), probabilities, truth, classifier.label_thresholds());
  result.accuracy = result.several->exact_match;
  result.right = static_cast<std::size_t>(std::lround(result.accuracy * static_cast<double>(result.photos)));
  result.interval = wilson_interval(result.right, result.photos);
  result.loss = binary_loss(probabilities, truth);
  result.answers = answers_of(photos, std::vector<int>(photos.size(), -1), probabilities,
                              std::vector<Part>(photos.size(), Part::test));
  result.answers.truth.clear();
  result.answers.truth_sets = std::move(sets);
  result.left_out = photos.left_out();
  result.notes = photos.notes();
  return result;
}

/// Of a classifier of numbers, on photos with the same ones.
Evaluation evaluate_numbers(const Classifier& classifier, const data::PhotoSet& photos, int views) {
  const BatchAnswers answers = answers_for(classifier, photos.all(), views);
  Evaluation result{.photos = photos.size()};
  result.drift = drift_of(classifier, answers);
  result.answers = answers_of(photos, std::vector<int>(photos.size(), -1), answers.probabilities,
                              std::vector<Part>(photos.size(), Part::test));
  result.answers.truth.clear();
  result.answers.truth_numbers = photos.targets();
  result.numbers =
      number_figures(result.answers.probabilities, photos.targets(), classifier.number_intervals());
  for (const NumberFigures& one : result.numbers)
    result.loss += one.mean_squared_error / static_cast<double>(result.numbers.size());
  result.left_out = photos.left_out();
  result.notes = photos.notes();
  return result;
}

/// Photos and classifier have numbers, or both have classes.
void check_kinds(const Classifier& classifier, const data::PhotoList& list,
                 const std::filesystem::path& folder) {
  if (!list.targets.empty() && !classifier.gives_numbers())
    fail(
        ErrorKind::unsupported, folder.string(),
        ": the list has numbers, and the model gives classes; name the column of classes (--columns label=)");
  if (classifier.gives_numbers() &&
      list.targets.size() != list.paths.size() * classifier.class_names().size())
    fail(ErrorKind::unsupported, folder.string(), ": the model estimates ", classifier.class_names().size(),
         " numbers a photo, ", comma_list(classifier.class_names()),
         "; expected a list with as many columns of them (--labels, --target-column)");
}

}  // namespace

Evaluation evaluate(const Classifier& classifier, const std::filesystem::path& folder,
                    const ClassifyOptions& options) {
  check_views(options.views);
  data::ListOptions listing = options.listing;
  if (classifier.gives_numbers() && listing.labels.targets.empty() && !listing.labels.file.empty())
    listing.labels.targets = classifier.class_names();
  listing.labels.several = listing.labels.several || classifier.has_several_labels();
  listing.nested = listing.nested || has_nested_classes(classifier.class_names());
  const data::PhotoList list = data::list_photos(folder, listing);
  if (!list.label_sets.empty() && !classifier.has_several_labels()) {
    fail(ErrorKind::unsupported, folder.string(),
         ": its photos may have several labels, and the model gives one; expected one label a photo");
  }
  check_kinds(classifier, list, folder);
  const std::vector<std::size_t> classes =
      classifier.gives_numbers() ? std::vector<std::size_t>{} : match_classes(classifier, list.class_names);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = options.exif.value_or(load.decode.exif);
  load.resize.interpolation = options.interpolation.value_or(load.resize.interpolation);
  const data::PhotoSet photos = data::load_photos(list, load, options.progress);
  if (classifier.gives_numbers()) return evaluate_numbers(classifier, photos, options.views);
  if (classifier.has_several_labels()) return evaluate_several(classifier, photos, classes, options.views);
  std::vector<int> truth;
  for (const int label : photos.labels())
    truth.push_back(static_cast<int>(classes[static_cast<std::size_t>(label)]));
  const BatchAnswers answers = answers_for(classifier, photos.all(), options.views);
  const Tensor& probabilities = answers.probabilities;
  Evaluation result = evaluate(probabilities, truth);
  result.drift = drift_of(classifier, answers);
  result.rules = classifier.decision_rules();
  result.decisions = decision_figures(probabilities, truth, result.rules);
  const auto parts = known_parts(classifier, photos);
  result.answers = answers_of(photos, std::move(truth), probabilities,
                              parts.value_or(std::vector<Part>(photos.size(), Part::test)));
  if (parts) result.seen = loaded_photos(result.answers);
  result.left_out = photos.left_out();
  result.notes = photos.notes();
  return result;
}

}  // namespace graft::classify
