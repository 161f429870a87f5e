// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "graft/model.hpp"
#include "graft/tensor.hpp"

namespace graft {

/// A file that TensorBoard reads: events.out.tfevents.* in its own folder. Every event is handed to the
/// system when the call returns; a file that a crash cut short is readable up to that point. Throws
/// Error{io}.
class EventFile {
 public:
  /// Creates the folder if missing, and a new file in it.
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
