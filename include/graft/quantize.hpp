// SPDX-License-Identifier: Apache-2.0
// A finished classifier in 8-bit arithmetic: the ranges it needs, and its loss of accuracy on real photos.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/dataset.hpp"
#include "graft/evaluation.hpp"
#include "graft/int8_values.hpp"
#include "graft/json_fwd.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace classify {

/// The key of kMetadataEntry that holds the ranges of the values between layers, and what was lost.
inline constexpr const char* kInt8Key = "int8";

/// Predictions of one classifier in float32 and in int8 for the same photos.
struct Int8Comparison {
  std::size_t photos = 0;  ///< number of photos
  /// Photos whose most probable class differs; with several labels a photo, those with other labels.
  std::size_t other_class = 0;
  /// Mean and largest absolute difference of a probability; of a number, in standard deviations of the
  /// float32 answers.
  double mean_moved = 0, most_moved = 0;
  /// Photos classified correctly in float32; unset where their classes are not known.
  std::optional<std::size_t> right_float32;
  std::optional<std::size_t> right_int8;  ///< the same in int8
  /// Several labels a photo: of all labels of all photos, the fraction that is given in one of both only.
  std::optional<double> other_labels{};
  /// Numbers: the mean square of the differences, as a fraction of the variance of the float32 answers.
  std::optional<double> moved_variance{};

  /// What the user may set a limit to: the fraction of photos that are no longer classified correctly, on
  /// balance; where their classes are not known, of those whose class changed; with several labels
  /// other_labels, with numbers moved_variance. At least 0.
  [[nodiscard]] double lost() const;
  /// {photos, agreement (not of numbers), accuracy_float32, accuracy_int8, other_labels, lost, mean_moved,
  /// most_moved}
  [[nodiscard]] Json to_json() const;
};

/// Arguments of quantize().
struct QuantizeOptions {
  double most_lost = 0.005;  ///< largest Int8Comparison::lost() that is allowed, 0..1
  /// The class of each photo to compare on; empty: not known, or the model answers with several labels or
  /// numbers.
  std::vector<int> truth;
  /// Called between batches and trials; return false to stop.
  std::function<bool(const std::string& stage, std::size_t done, std::size_t total)> progress;
};

/// The result of quantize().
struct Quantized {
  JsonValue metadata;                    ///< the classifier's, with kInt8Key
  Int8Comparison compared;               ///< on compare_on, with float32_layers in float32
  std::set<std::string> float32_layers;  ///< layers, by path, that stay in float32
  std::size_t values = 0;                ///< number of values between layers that have a range
};

/// Records the ranges of the classifier's values on some photos (a few hundred are plenty), and compares int8
/// with float32 on others. Where int8 loses more than most_lost, layers stay in float32, first the one that
/// alone changes the answers most, then twice as many and so on, up to half of them. compare_on: photos that
/// are not among calibrate_on. Errors: Error{invalid_argument} for most_lost outside 0..1, truth of another
/// length, or truth for a model without one class a photo; Error{unsupported} when int8 loses too much even
/// then; Error{interrupted} when progress returns false; as Model::predict(). Deterministic for the same
/// photos, threads and processor.
[[nodiscard]] Quantized quantize(const Classifier& classifier, const data::Dataset& calibrate_on,
                                 const data::Dataset& compare_on, const QuantizeOptions& options = {});

/// What a quantised classifier keeps in 8 bits, for files of other programs. Errors: Error{invalid_argument}
/// for a classifier without kInt8Key.
[[nodiscard]] Int8Values int8_values(const Classifier& classifier);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
