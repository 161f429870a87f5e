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

  void add_model(const data::Dataset& photos, Part part, const Tensor& output) {
    std::vector<std::size_t> all(photos.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    add_model(photos, part, output, all);
  }

  /// output: of these photos only.
  void add_model(const data::Dataset& photos, Part part, const Tensor& output,
                 const std::vector<std::size_t>& chosen) {
    if (chosen.empty()) return;
    const Tensor probabilities = classify::to_probabilities(kind_, output, width_);
    const std::vector<std::filesystem::path> files = photos.file_paths();
    const std::vector<int> labels = photos.labels();
    for (std::size_t i = 0; i < chosen.size(); ++i)
      add(files[chosen[i]], {.part = part, .by_model = true, .truth = labels[chosen[i]]},
          row_of(probabilities, i));
  }

  /// In the order of the photos: training photos first.
  void add_heads(const Photos& photos, const UnseenAnswers& unseen, double temperature, bool validation) {
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
      if (photo >= train && !validation) continue;
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

}  // namespace

std::vector<std::size_t> without_answer(const Photos& photos, const UnseenAnswers& unseen) {
  std::vector<bool> answered(photos.train.size(), false);
  for (const std::size_t photo : unseen.photos) {
    if (photo < answered.size()) answered[photo] = true;
  }
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < answered.size(); ++i) {
    if (!answered[i]) missing.push_back(i);
  }
  return missing;
}

PhotoAnswers collect_answers(const Photos& photos, const Trained& trained, const ModelOutputs& outputs,
                             double temperature) {
  Collector collector(photos, trained);
  const bool by_heads = outputs.validation.empty();
  collector.add_heads(photos, trained.unseen, temperature, by_heads);
  if (!outputs.train.empty())
    collector.add_model(photos.train, Part::train, outputs.train, outputs.train_photos);
  if (!by_heads) collector.add_model(photos.validation, Part::validation, outputs.validation);
  collector.add_model(photos.test, Part::test, outputs.test);
  return collector.take();
}

}  // namespace graft::transfer
