// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/tensor_source.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::data {
namespace {

std::vector<int> integer_labels(const Tensor& labels) {
  const auto values = labels.dtype() == DType::int64 ? labels : labels.to(DType::int64);
  std::vector<int> result;
  for (const std::int64_t value : values.data<std::int64_t>()) {
    if (value < 0 || value > 1'000'000'000)
      fail(ErrorKind::invalid_argument, "labels: expected a class's number from 0 on, received ", value);
    result.push_back(static_cast<int>(value));
  }
  return result;
}

/// The given names, or "0", "1", ... up to the largest label.
std::vector<std::string> names_for(const std::vector<int>& labels, const std::vector<std::string>& given) {
  const int largest = labels.empty() ? -1 : *std::max_element(labels.begin(), labels.end());
  if (!given.empty()) {
    if (largest >= static_cast<std::int64_t>(given.size())) {
      fail(ErrorKind::invalid_argument, "labels: found class ", largest, ", but class_names has ",
           given.size());
    }
    return given;
  }
  if (largest > 1'000'000)
    fail(ErrorKind::invalid_argument, "labels: found class ", largest, "; give class_names to mean that");
  std::vector<std::string> names;
  for (int i = 0; i <= largest; ++i) names.push_back(std::to_string(i));
  return names;
}

class TensorSource : public SampleSource {
 public:
  TensorSource(Facts facts, Tensor images) : SampleSource(std::move(facts)), images_(std::move(images)) {}
  [[nodiscard]] bool is_decoded(std::size_t /*row*/) const override { return true; }
  void read(std::size_t row, std::span<float> out) const override {
    const auto begin = static_cast<std::int64_t>(row);
    copy_as_float(images_.slice(begin, begin + 1), out);
  }

 private:
  Tensor images_;
};

}  // namespace

std::shared_ptr<const SampleSource> make_tensor_source(const Tensor& images, const Tensor& labels,
                                                       const std::vector<std::string>& class_names) {
  if (images.shape().rank() < 1 || images.empty() ||
      (images.dtype() != DType::float32 && images.dtype() != DType::uint8)) {
    fail(ErrorKind::shape_mismatch, "images: expected float32 or uint8 (N, H, W, C), received ",
         to_string(images.dtype()), " ", images.shape());
  }
  SampleSource::Facts facts;
  facts.count = static_cast<std::size_t>(images.shape()[0]);
  facts.sample_shape = images.shape().without_batch();
  facts.class_names = class_names;
  if (!labels.empty()) {
    if (labels.shape().rank() < 1 || labels.shape()[0] != images.shape()[0]) {
      fail(ErrorKind::shape_mismatch, "labels: expected one for each of ", images.shape()[0],
           " samples, received ", labels.shape());
    }
    const bool integers = labels.dtype() == DType::int32 || labels.dtype() == DType::int64;
    if (integers && labels.count() == images.shape()[0]) {
      facts.labels = integer_labels(labels);
      facts.class_names = names_for(facts.labels, class_names);
    } else if (labels.dtype() == DType::float32) {
      facts.given_labels = labels;
    } else {
      fail(ErrorKind::shape_mismatch, "labels: expected int32 or int64 (N,), or float32, received ",
           to_string(labels.dtype()), " ", labels.shape());
    }
  }
  return std::make_shared<TensorSource>(std::move(facts), images);
}

}  // namespace graft::data
