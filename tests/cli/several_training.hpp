// SPDX-License-Identifier: Apache-2.0
// Trainings with several labels on a photo.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "small_training.hpp"

namespace graft::test {

inline void write_labels(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// Photos whose red, green and blue are on or off: three labels.
class CliSeveral : public SmallTraining {
 protected:
  CliSeveral() {
    std::string text = "path,labels\n";
    for (int i = 0; i < 64; ++i) {
      const int kind = i % 8;
      const auto level = [&](int bit) { return (kind & bit) != 0 ? 200 + i % 50 : i % 40; };
      write_picture(root() / "photos" / name_of(i), level(1), level(2), level(4));
      text += name_of(i) + "," + labels_of(i) + "\n";
    }
    write_labels(root() / "photos/list.csv", text);
  }

  static std::string name_of(int i) { return std::to_string(i) + ".ppm"; }
  /// "red|blue"
  static std::string labels_of(int i) {
    std::string labels;
    for (const auto& [bit, label] : {std::pair{1, "red"}, std::pair{2, "green"}, std::pair{4, "blue"}}) {
      if (((i % 8) & bit) != 0) labels += (labels.empty() ? "" : "|") + std::string(label);
    }
    return labels;
  }
};

}  // namespace graft::test
