// SPDX-License-Identifier: Apache-2.0
// A finished classifier in 8-bit arithmetic: the ranges it needs, and its loss of accuracy on real photos.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/dataset.hpp"
#include "graft/json_fwd.hpp"
#include "graft/plan/value_ranges.hpp"

#pragma GCC visibility push(default)

namespace graft::inline classify {

/// The key of kMetadataEntry that holds plan::ValueRanges, and what was lost.
inline constexpr const char* kInt8Key = "int8";

/// The ranges that a classifier's metadata holds; null when there are none. Throws Error{bad_file}.
[[nodiscard]] std::shared_ptr<const plan::ValueRanges> int8_ranges(const Json& metadata);

/// One classifier's answers in float32 and in int8 to the same photos.
struct Int8Comparison {
  std::size_t photos = 0;
  std::size_t other_class = 0;                           ///< photos whose most probable class is another one
  double mean_moved = 0;                                 ///< of a probability, on average
  double most_moved = 0;                                 ///< of any probability
  std::optional<std::size_t> right_float32, right_int8;  ///< where the photos' classes are known

  /// What the user may set a limit to: the fraction of photos that are no longer classified correctly, on
  /// balance; where their classes are not known, of those that get another class than before. At least 0.
  [[nodiscard]] double lost() const;
  /// {photos, agreement, accuracy_float32, accuracy_int8, lost, mean_moved, most_moved}
  [[nodiscard]] Json to_json() const;
};

struct QuantizeOptions {
  double most_lost = 0.005;  ///< of Int8Comparison::lost(), 0..1
  /// The class of each photo to compare on; empty: not known.
  std::vector<int> truth;
  /// Called between batches and trials; return false to stop.
  std::function<bool(const std::string& stage, std::size_t done, std::size_t total)> progress;
};

struct Quantized {
  JsonValue metadata;  ///< the classifier's, with kInt8Key
  Int8Comparison compared;
  plan::ValueRanges ranges;
};

/// Records the ranges of the classifier's values on some photos (a few hundred are plenty), and compares int8
/// with float32 on others. Where int8 loses more than most_lost, layers stay in float32, first the one that
/// alone changes the answers most, then twice as many and so on, up to half of them. compare_on: photos that
/// are not among calibrate_on. Errors: Error{invalid_argument} for most_lost outside 0..1 or truth of another
/// length; Error{unsupported} when int8 loses too much all the same; Error{interrupted} when progress returns
/// false; as RangeRecorder. Deterministic for the same photos, threads and processor.
[[nodiscard]] Quantized quantize(const Classifier& classifier, const data::Dataset& calibrate_on,
                                 const data::Dataset& compare_on, const QuantizeOptions& options = {});

}  // namespace graft::inline classify

#pragma GCC visibility pop
