// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/answers.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "graft/classify/classifier_metadata.hpp"
#include "graft/classify/logits.hpp"
#include "graft/evaluation.hpp"

namespace graft::transfer {
namespace {

using classify::OutputKind;

/// One after the other.
class Collector {
 public:
  Collector(const Photos& photos, const Trained& trained)
      : width_(photos.class_names.size()),
        kind_(classify::output_kind(trained.model, {{"output", trained.output}})) {}

  void add_model(const data::Dataset& photos, Part part, const PartOutputs& outputs) {
    if (outputs.photos.empty()) return;
    const Tensor probabilities = classify::to_probabilities(kind_, outputs.output, width_);
    const std::vector<std::filesystem::path> files = photos.file_paths();
    const std::vector<int> labels = photos.labels();
    for (std::size_t i = 0; i < outputs.photos.size(); ++i) {
      const std::size_t photo = outputs.photos[i];
      add(files[photo], {.part = part, .by_model = true, .truth = labels[photo]}, row_of(probabilities, i));
    }
  }

  /// In the order of the photos: training photos first.
  void add_heads(const Photos& photos, const UnseenAnswers& unseen, double temperature,
                 const std::vector<std::size_t>& answered_validation) {
    if (unseen.empty()) return;
    std::vector<std::filesystem::path> files = photos.train.file_paths();
    const std::size_t train = files.size();
    const std::vector<std::filesystem::path> more = photos.validation.file_paths();
    files.insert(files.end(), more.begin(), more.end());
    const Tensor probabilities = classify::softened(unseen.logits, temperature);
    std::vector<std::size_t> order(unseen.photos.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return unseen.photos[i]; });
    for (const std::size_t i : order) {
      const std::size_t photo = unseen.photos[i];
      if (photo >= train && std::ranges::binary_search(answered_validation, photo - train)) continue;
      add(files[photo],
          {.part = photo < train ? Part::train : Part::validation,
           .fold = unseen.folds[i],
           .truth = unseen.labels[i]},
          row_of(probabilities, i));
    }
  }

  PhotoAnswers take() {
    answers_.probabilities =
        Tensor({static_cast<std::int64_t>(answers_.files.size()), static_cast<std::int64_t>(width_)});
    std::ranges::copy(values_, answers_.probabilities.data<float>().begin());
    return std::move(answers_);
  }

 private:
  struct Row {
    Part part = Part::train;
    std::size_t fold = 0;
    bool by_model = false;
    int truth = 0;
  };

  [[nodiscard]] std::span<const float> row_of(const Tensor& probabilities, std::size_t i) const {
    return probabilities.data<float>().subspan(i * width_, width_);
  }

  void add(const std::filesystem::path& file, const Row& row, std::span<const float> probabilities) {
    answers_.files.push_back(std::filesystem::absolute(file).lexically_normal());
    answers_.parts.push_back(row.part);
    answers_.folds.push_back(row.fold);
    answers_.by_model.push_back(row.by_model);
    answers_.truth.push_back(row.truth);
    values_.insert(values_.end(), probabilities.begin(), probabilities.end());
  }

  std::size_t width_;
  OutputKind kind_;
  PhotoAnswers answers_;
  std::vector<float> values_;
};

PartOutputs all_of(const data::Dataset& photos, const Tensor& output) {
  PartOutputs outputs{.photos = std::vector<std::size_t>(photos.size()), .output = output};
  std::iota(outputs.photos.begin(), outputs.photos.end(), std::size_t{0});
  return outputs;
}

}  // namespace

Unanswered without_answer(const Photos& photos, const UnseenAnswers& unseen) {
  const std::size_t train = photos.train.size();
  std::vector<bool> answered(train + photos.validation.size(), false);
  for (const std::size_t photo : unseen.photos) answered.at(photo) = true;
  Unanswered missing;
  for (std::size_t i = 0; i < answered.size(); ++i) {
    if (answered[i]) continue;
    if (i < train) {
      missing.train.push_back(i);
    } else {
      missing.validation.push_back(i - train);
    }
  }
  return missing;
}

PhotoAnswers collect_answers(const Photos& photos, const Trained& trained, const ModelOutputs& outputs,
                             double temperature) {
  Collector collector(photos, trained);
  collector.add_heads(photos, trained.unseen, temperature, outputs.validation.photos);
  collector.add_model(photos.train, Part::train, outputs.train);
  collector.add_model(photos.validation, Part::validation, outputs.validation);
  collector.add_model(photos.test, Part::test, all_of(photos.test, outputs.test));
  return collector.take();
}

}  // namespace graft::transfer
