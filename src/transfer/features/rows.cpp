// SPDX-License-Identifier: Apache-2.0
#include "transfer/features/rows.hpp"

#include <algorithm>
#include <memory>

#include "graft/base/folders.hpp"
#include "graft/base/scratch_file.hpp"
#include "graft/error.hpp"

namespace graft::transfer {

Tensor zero_rows(const Shape& shape, std::size_t most_bytes) {
  const std::size_t bytes = static_cast<std::size_t>(shape.count()) * sizeof(float);
  if (bytes <= most_bytes) return Tensor(shape);
  try {
    const std::shared_ptr<void> memory = ScratchFile(made_files_folder()).map(bytes);
    return Tensor::view(shape, DType::float32, memory.get(), memory);
  } catch (const Error&) {
    return Tensor(shape);
  }
}

Tensor take_rows(const Tensor& features, std::span<const std::size_t> rows) {
  const auto width = static_cast<std::size_t>(features.shape()[1]);
  Tensor taken =
      zero_rows(features.shape().without_batch().with_batch(static_cast<std::int64_t>(rows.size())));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::ranges::copy(features.data<float>().subspan(rows[i] * width, width),
                      taken.data<float>().subspan(i * width, width).begin());
  }
  return taken;
}

std::vector<int> take(std::span<const int> labels, std::span<const std::size_t> rows) {
  std::vector<int> taken;
  for (const std::size_t row : rows) taken.push_back(labels[row]);
  return taken;
}

std::vector<int> labels_of_views(const std::vector<int>& labels, std::int64_t rows) {
  std::vector<int> all;
  all.reserve(static_cast<std::size_t>(rows));
  while (!labels.empty() && static_cast<std::int64_t>(all.size()) < rows)
    all.insert(all.end(), labels.begin(), labels.end());
  return all;
}

}  // namespace graft::transfer
