// SPDX-License-Identifier: Apache-2.0
// What int8 plans need to know about a model beside its weights.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "graft/json_fwd.hpp"
#include "graft/model.hpp"

namespace graft::plan {

/// The ends of a range, both inside.
struct ValueRange {
  float low = 0, high = 0;
};

/// Ranges of the values between a model's layers, on photos like those that it will be used for: 8 bits cover
/// this range of each. Found by RangeRecorder.
struct ValueRanges {
  /// By value: "block1_conv1:0" is the first value that this layer computes ("model/layer:0" in nested
  /// models).
  std::map<std::string, ValueRange> ranges;
  /// Layers, by path, whose products stay in float32.
  std::set<std::string> float32_layers;

  /// {ranges: {name: [low, high]}, float32_layers: [path]}
  [[nodiscard]] Json to_json() const;
  /// Throws Error{bad_file} for anything else.
  [[nodiscard]] static ValueRanges from_json(const Json& json);
};

/// Runs a model in float32 on photos and records the ranges of its values, also of those that plans compute
/// inside a kernel: a convolution's result before its activation or before a sum. A range is not simply from
/// the smallest to the largest value: its ends minimise the mean squared error of rounding the values inside
/// and clipping those outside. Threads: one caller at a time; the model's weights must not change meanwhile.
class RangeRecorder {
 public:
  /// sample: (H, W, C) of the photos. Errors: as Plan::lower.
  RangeRecorder(const Model& model, const Shape& sample);
  ~RangeRecorder();
  RangeRecorder(RangeRecorder&&) noexcept;
  RangeRecorder& operator=(RangeRecorder&&) noexcept;
  RangeRecorder(const RangeRecorder&) = delete;
  RangeRecorder& operator=(const RangeRecorder&) = delete;

  /// photos: float32 (N, H, W, C), each run on its own. Throws Error{shape_mismatch}.
  void record(const Tensor& photos);
  /// The ranges found so far. Throws Error{numeric} naming the first layer whose values are not finite.
  [[nodiscard]] ValueRanges ranges() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graft::plan
