// SPDX-License-Identifier: Apache-2.0
// Whether a file that graft export has written answers as graft does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/photos.hpp"
#include "graft/tensor.hpp"

namespace graft::cli {

enum class SampleKind {
  photos,
  random_pixels,   ///< which show any difference of float files
  drawn_pictures,  ///< for files of 8 bits, whose ranges are those of photos: see drawn_pictures()
};

/// What a file is compared on.
struct Samples {
  Tensor batch;  ///< float32 (N, H, W, C), raw 0..255
  SampleKind kind = SampleKind::photos;
  std::vector<int> truth{};  ///< the model's class of each photo; empty: not known
  std::vector<data::LeftOut> left_out{};
};

/// One engine's answers for the samples, against the expected ones.
struct Check {
  std::string engine;
  double difference = 0;                     ///< largest one of an output, of logits as a part of the largest
  std::optional<std::size_t> other_class{};  ///< photos whose most probable class differs; 8 bits only
  std::optional<std::size_t> right{};        ///< photos that are classified correctly, where that is known
};

/// How far answers may differ; unset: by what the file is made of.
struct ProofLimits {
  std::optional<double> difference{};
  double lost = 0.005;  ///< 8 bits: fraction of the photos
};

/// graft's own answers, and how others are judged by them. Float files must give the same numbers. Two
/// programs that compute with the same whole numbers do not: the last digits of a sum decide which whole
/// number follows, so that a file of 8 bits is judged by what rounding does in graft itself.
class Proof {
 public:
  /// int8: the file has kernels and values of 8 bits. float16: see --float16.
  Proof(const Classifier& classifier, const Samples& samples, bool int8, bool float16, ProofLimits limits);

  /// What an engine answers. Throws Error{unsupported} beyond the limits.
  void add(const std::string& engine, const Tensor& answer);

  /// [{engine, difference, photos, random_images or drawn_pictures}], of 8 bits with compared_with,
  /// other_class, accuracy and expected_accuracy; there the first compares graft's int8 with its float32.
  [[nodiscard]] Json to_json() const;
  /// A line for each comparison.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_empty() const { return checks_.empty(); }

 private:
  [[nodiscard]] Check compared(const std::string& engine, const Tensor& answer, const Tensor& with) const;
  [[nodiscard]] std::size_t right_in(const Tensor& answer) const;
  [[nodiscard]] Tensor probabilities(const Tensor& answer) const;
  [[nodiscard]] double most_difference() const;
  [[nodiscard]] double most_lost() const;  ///< photos
  void judge(const Check& check) const;

  const Classifier& classifier_;
  const Samples& samples_;
  bool int8_, float16_;
  ProofLimits limits_;
  Tensor expected_;
  std::optional<std::size_t> right_{};          ///< in the expected answers
  std::optional<std::size_t> right_float32_{};  ///< in float32
  std::optional<Check> rounding_{};             ///< 8 bits: graft's own from float32
  std::vector<Check> checks_;
};

}  // namespace graft::cli
