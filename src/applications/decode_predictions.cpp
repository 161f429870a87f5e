// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"

namespace graft::applications {

std::vector<std::vector<ClassPrediction>> decode_predictions(const Tensor& predictions, int top) {
  const auto classes = imagenet_classes();
  const Shape& shape = predictions.shape();
  if (shape.rank() != 2 || shape[1] != static_cast<std::int64_t>(classes.size())) {
    fail(ErrorKind::shape_mismatch, "decode_predictions: expected predictions (N, ", classes.size(),
         "), received ", shape);
  }
  if (top < 1)
    fail(ErrorKind::invalid_argument, "decode_predictions: top must be at least 1, received ", top);
  const auto kept = std::min(static_cast<std::size_t>(top), classes.size());
  const auto values = predictions.data<float>();
  std::vector<std::vector<ClassPrediction>> decoded;
  std::vector<std::size_t> order(classes.size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(shape[0]); ++row) {
    const auto scores = values.subspan(row * classes.size(), classes.size());
    // NaN is not ordered: it comes last.
    const auto score = [&](std::size_t i) {
      return std::isnan(scores[i]) ? -std::numeric_limits<float>::infinity() : scores[i];
    };
    const auto before = [&](std::size_t a, std::size_t b) {
      return score(a) != score(b) ? score(a) > score(b) : a < b;
    };
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), before);
    std::vector<ClassPrediction>& best = decoded.emplace_back();
    for (std::size_t i = 0; i < kept; ++i) {
      const std::size_t index = order[i];
      best.push_back({.wnid = classes[index].wnid,
                      .name = classes[index].name,
                      .probability = scores[index],
                      .index = static_cast<std::int64_t>(index)});
    }
  }
  return decoded;
}

}  // namespace graft::applications
