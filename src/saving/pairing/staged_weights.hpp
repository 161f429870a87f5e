// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graft/formats/stored_tensor.hpp"
#include "graft/saving.hpp"

namespace graft {
inline namespace saving {

/// Weights to load, and the report on the others; only apply() changes the model.
class StagedWeights {
 public:
  explicit StagedWeights(LoadOptions options, std::string file) : options_(options), file_(std::move(file)) {}

  /// One weight of the model and the file's for it. Throws Error{shape_mismatch} naming both unless
  /// skip_mismatch.
  void pair(const VariablePtr& weight, const formats::StoredTensor& found);
  /// The two layers' weights in order; those that only one side has are missing or unused. Throws
  /// Error{shape_mismatch} when the numbers differ, unless skip_mismatch.
  void pair_in_order(const std::string& layer, const std::vector<VariablePtr>& weights,
                     const formats::StoredTensors& found);
  /// A value that comes with the definition of the network instead of the file: no report mentions it.
  void set(const VariablePtr& weight, const Tensor& value);
  /// Adds to the report's place.
  void from(const std::string& place);
  void missing(const std::vector<VariablePtr>& weights);
  void unused(const formats::StoredTensors& weights);

  /// Reads the staged weights and assigns them to the model.
  LoadReport apply();
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const LoadOptions& options() const { return options_; }
  [[nodiscard]] const LoadReport& report() const { return report_; }

 private:
  LoadOptions options_;
  std::string file_;
  LoadReport report_;
  std::vector<std::pair<VariablePtr, formats::StoredTensor>> staged_;
};

}  // namespace saving
}  // namespace graft
