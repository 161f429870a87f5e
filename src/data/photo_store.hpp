// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/data/photo_set.hpp"

#include "data/sample_source.hpp"

namespace graft::data {

/// A photo's pixels, decoded and resized as the options say. Errors as decode_image's, without the path.
[[nodiscard]] Tensor decode_and_resize(const std::filesystem::path& path, const LoadOptions& options);

/// Photos with as many of their pixels as fit into memory; the others are decoded again when asked for.
class PhotoStore : public SampleSource {
 public:
  /// pixels: one a photo, empty for those that are not kept.
  PhotoStore(Facts facts, std::vector<Tensor> pixels, LoadOptions options)
      : SampleSource(std::move(facts)), pixels_(std::move(pixels)), options_(std::move(options)) {}

  [[nodiscard]] bool in_memory(std::size_t row) const override { return !pixels_[row].empty(); }
  void read(std::size_t row, std::span<float> out) const override;

 private:
  std::vector<Tensor> pixels_;
  LoadOptions options_;
};

}  // namespace graft::data
