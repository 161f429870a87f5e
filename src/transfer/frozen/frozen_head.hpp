// SPDX-License-Identifier: Apache-2.0
// What runs for several labels a photo and for numbers share.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "graft/model.hpp"
#include "graft/train.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// Options that name a network, of several here the one with the best published accuracy, and write no first
/// model.
/// kind: of the photos, for the note: "several labels".
[[nodiscard]] TrainOptions with_named_network(const TrainOptions& given, const std::string& kind,
                                              Reporter& reporter);

/// A classifier that graft trained, and its file.
struct EarlierModel {
  Model model;
  std::string file;
};
/// The network of the options with the weights that it has inside an earlier classifier; its pretrained ones
/// are not read. Throws Error{invalid_argument} where the classifier has no such network.
[[nodiscard]] BaseModel base_inside(const EarlierModel& earlier, const TrainOptions& options,
                                    Size2D image_size);

/// Answers of heads for photos that they had not seen. Photos: training before validation.
struct HeadAnswers {
  const std::vector<std::size_t>& answered;  ///< the photo of each answer
  const std::vector<std::size_t>& folds;     ///< of each answer, from 1; 0 for validation photos
  Tensor values;                             ///< (answers, K)
  bool by_model = false;  ///< those for validation photos are the model's, which was not trained on them
};
/// Answers in the order of training, validation and test photos. They lack the truth.
struct OrderedAnswers {
  PhotoAnswers answers;
  std::vector<std::pair<Part, std::size_t>>
      places;  ///< of each answer: the part, and the photo's number in it
};
/// test: the model's answers for the test photos.
[[nodiscard]] OrderedAnswers order_answers(const Photos& photos, const HeadAnswers& heads,
                                           const Tensor& test);

}  // namespace transfer
}  // namespace graft
