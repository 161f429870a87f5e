// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/views.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/classifier.hpp"
#include "graft/image.hpp"

namespace graft::classify {
namespace {

/// Position of a part along each axis: 0 beginning, 1 middle, 2 end.
struct Place {
  std::int64_t vertical, horizontal;
};
constexpr std::array kPlaces = {Place{1, 1}, Place{0, 0}, Place{0, 2}, Place{2, 0}, Place{2, 2}};

void mirror(Tensor& photos) {
  const Shape& shape = photos.shape();
  const auto values = photos.data<float>();
  const auto channels = static_cast<std::size_t>(shape[3]);
  const auto row = static_cast<std::size_t>(shape[2]) * channels;
  for (std::size_t begin = 0; begin < values.size(); begin += row) {
    for (std::size_t left = 0, right = row - channels; left < right; left += channels, right -= channels)
      std::swap_ranges(&values[begin + left], &values[begin + left] + channels, &values[begin + right]);
  }
}

/// 7/8 of one photo (H, W, C) at a place, at full size.
Tensor enlarged(const Tensor& photo, const Place& place) {
  const Shape& shape = photo.shape();
  const std::int64_t height = std::max<std::int64_t>(1, shape[0] * 7 / 8);
  const std::int64_t width = std::max<std::int64_t>(1, shape[1] * 7 / 8);
  const std::int64_t top = (shape[0] - height) * place.vertical / 2;
  const std::int64_t left = (shape[1] - width) * place.horizontal / 2;
  Tensor part({height, width, shape[2]});
  const auto from = photo.data<float>();
  const auto to = part.data<float>();
  for (std::int64_t row = 0; row < height; ++row) {
    std::copy_n(&from[static_cast<std::size_t>(((top + row) * shape[1] + left) * shape[2])], width * shape[2],
                &to[static_cast<std::size_t>(row * width * shape[2])]);
  }
  return data::resize(part, {shape[0], shape[1]});
}

}  // namespace

Tensor view_of(const Tensor& photos, int view) {
  Tensor result = photos.clone();
  const int part = view / 2;
  parallel_for(static_cast<std::size_t>(photos.shape()[0]), 1, [&](std::size_t begin, std::size_t end) {
    for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
      Tensor own = result.slice(i, i + 1);
      if (part > 0) {
        const Tensor one = photos.slice(i, i + 1).reshape(photos.shape().without_batch());
        own.copy_from(
            enlarged(one, kPlaces.at(static_cast<std::size_t>(part - 1))).reshape(one.shape().with_batch(1)));
      }
      if (view % 2 == 1) mirror(own);
    }
  });
  return result;
}

void check_views(int views) {
  if (views < 1 || views > kMostViews)
    fail_option(ErrorKind::invalid_argument, "views", "views: expected 1 to ", kMostViews, ", received ",
                views);
}

Tensor averaged_probabilities(const Classifier& classifier, const Tensor& batch, int views) {
  check_views(views);
  if (views == 1) return classifier.probabilities(batch);
  const Tensor images = batch.to(DType::float32);
  Tensor mean;
  for (int view = 0; view < views; ++view) {
    const Tensor rows = classifier.probabilities(view_of(images, view));
    if (mean.empty()) mean = Tensor(rows.shape());
    for (std::size_t i = 0; i < rows.data().size(); ++i)
      mean.data()[i] += rows.data()[i] / static_cast<float>(views);
  }
  return mean;
}

Tensor averaged_probabilities(const Classifier& classifier, const data::Dataset& photos, int views) {
  check_views(views);
  const std::size_t width = classifier.class_names().size();
  Tensor result({static_cast<std::int64_t>(photos.size()), static_cast<std::int64_t>(width)});
  data::BatchIterator batches = photos.iterate();
  while (const auto batch = batches.next()) {
    const Tensor rows = averaged_probabilities(classifier, batch->images, views);
    for (std::size_t i = 0; i < batch->indices.size(); ++i) {
      std::ranges::copy(rows.data().subspan(i * width, width),
                        result.data().subspan(batch->indices[i] * width, width).begin());
    }
  }
  return result;
}

}  // namespace graft::classify
