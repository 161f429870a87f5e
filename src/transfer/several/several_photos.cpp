// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_photos.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/data/several_split.hpp"

#include "transfer/frozen/frozen_run.hpp"
#include "transfer/measure/label_decisions.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

constexpr double kSeveralValidation = 0.15, kSeveralTest = 0.15;

}  // namespace

Photos split_several(const PhotoPool& pool, const TrainOptions& options,
                     const std::map<std::string, Part>& known) {
  const std::vector<std::vector<int>> all = pool.train.label_sets();
  std::vector<std::vector<int>> labels;
  std::vector<std::size_t> groups, rows;
  std::array<std::vector<std::size_t>, 3> kept;  // training, validation, test
  std::size_t keeps_part = 0;
  for (const std::size_t row : pool.usable) {
    if (const auto found = known.find(pool.prints[row]); found != known.end()) {
      ++keeps_part;
      const bool given = found->second == Part::test ? pool.test.has_value() : pool.validation.has_value();
      if (found->second == Part::test && given) continue;
      kept.at(given ? 0 : static_cast<std::size_t>(found->second)).push_back(row);
      continue;
    }
    rows.push_back(row);
    labels.push_back(all[row]);
    if (!pool.groups.empty()) groups.push_back(pool.groups[row]);
  }
  const double validation = pool.validation ? 0 : kSeveralValidation, test = pool.test ? 0 : kSeveralTest;
  const std::array fractions{1 - validation - test, validation, test};
  std::vector<std::vector<std::size_t>> parts(fractions.size());
  if (!rows.empty())
    parts = data::iterative_split({.labels = labels, .groups = groups, .seed = options.seed}, fractions);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (std::size_t& i : parts[part]) i = rows[i];
    if (kept.at(part).empty()) continue;
    parts[part].insert(parts[part].end(), kept.at(part).begin(), kept.at(part).end());
    std::ranges::sort(parts[part]);
  }
  Photos photos =
      make_photos(pool, options, {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])}, false);
  photos.split_note =
      frozen_split_note(photos, "each with its share of every label", !groups.empty(), options.seed);
  if (keeps_part > 0)
    photos.split_note += cat("; ", keeps_part, " known from earlier rounds keep their part");
  const Tensor truth = truth_of(photos.train.label_sets(), photos.class_names.size());
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    bool any = false;
    for (std::size_t at = k; at < truth.data<float>().size() && !any; at += photos.class_names.size())
      any = truth.data<float>()[at] == 1;
    if (any) continue;
    fail(ErrorKind::invalid_argument, "no training photo that can be read has the label '",
         photos.class_names[k], "': add photos, or name the labels to learn (class_names)");
  }
  return photos;
}

PhotoFolds several_folds(const Photos& photos, std::uint64_t seed) {
  return frozen_folds(photos.train.size(), [&](std::span<const double> fractions) {
    const std::vector<std::vector<int>> labels = photos.train.label_sets();
    return data::iterative_split({.labels = labels, .groups = photos.train_groups, .seed = seed}, fractions);
  });
}

std::vector<double> positive_weights_of(const Tensor& truth, ClassWeight weight) {
  constexpr double kMost = 100;
  if (weight == ClassWeight::none) return {};
  const auto classes = static_cast<std::size_t>(truth.shape()[1]);
  const auto count = static_cast<double>(truth.shape()[0]);
  std::vector<double> weights;
  for (std::size_t k = 0; k < classes; ++k) {
    double positives = 0;
    for (std::size_t at = k; at < truth.data<float>().size(); at += classes)
      positives += static_cast<double>(truth.data<float>()[at]);
    weights.push_back(std::clamp((count - positives) / std::max(positives, 1.0), 1 / kMost, kMost));
  }
  return weights;
}

}  // namespace graft::transfer
