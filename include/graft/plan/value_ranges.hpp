// SPDX-License-Identifier: Apache-2.0
// What int8 plans need to know of a model beside its weights.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "graft/base/json_fwd.hpp"
#include "graft/models/model.hpp"

namespace graft::plan {

struct Range {
  float low = 0, high = 0;
};

/// How far the values between a model's layers reach on photos like those it will see: 8 bits cover that much
/// of each. Found by RangeRecorder.
struct ValueRanges {
  /// By value: "block1_conv1:0" is the first value that this layer makes ("model/layer:0" in nested models).
  std::map<std::string, Range> ranges;
  /// Layers, by path, whose products stay in float32.
  std::set<std::string> float32_layers;

  /// {ranges: {name: [low, high]}, float32_layers: [path]}
  [[nodiscard]] Json to_json() const;
  /// Throws Error{bad_file} for anything else.
  [[nodiscard]] static ValueRanges from_json(const Json& json);
};

/// Runs a model in float32 on photos and remembers how far its values reach. Not simply from the smallest to
/// the largest: a range ends where rounding what lies inside and cutting off what lies outside cost least
/// together, by their mean squared error.
/// Threads: one user at a time; nobody may change the model's weights meanwhile.
class RangeRecorder {
 public:
  /// sample: (H, W, C) of the photos. Errors: as Plan::lower.
  RangeRecorder(const Model& model, const Shape& sample);
  ~RangeRecorder();
  RangeRecorder(RangeRecorder&&) noexcept;
  RangeRecorder& operator=(RangeRecorder&&) noexcept;

  /// photos: float32 (N, H, W, C), each run alone. Throws Error{shape_mismatch}.
  void record(const Tensor& photos);
  /// What was found so far. Throws Error{numeric} naming the first layer whose values are not finite.
  [[nodiscard]] ValueRanges ranges() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graft::plan
