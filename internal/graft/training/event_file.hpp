// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "graft/models/model.hpp"
#include "graft/tensor/tensor.hpp"

namespace graft {

/// A file that TensorBoard reads: events.out.tfevents.* in a folder of its own. Every event is on its way to
/// the disk when the call returns; a file cut short by a crash stays readable up to there. Errors: Error{io}.
class EventFile {
 public:
  /// Makes the folder at need and a new file in it.
  explicit EventFile(const std::filesystem::path& folder);
  /// A figure, a point of the curve called tag.
  void scalar(const std::string& tag, double value, std::int64_t step);
  /// A picture: uint8 or float32 0..255, (H, W, 3) or (H, W, 1).
  void image(const std::string& tag, const Tensor& pixels, std::int64_t step);
  /// The model's layers and their connections.
  void graph(const Model& model);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void write(const std::string& event);
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace graft
