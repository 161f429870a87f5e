// SPDX-License-Identifier: Apache-2.0
// A small result folder for tests of reports.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft::test {

/// A small picture, unless there is a file.
void write_small_picture(const std::filesystem::path& file, int level);

/// Answers of two classes: truth and the probability of class 1, photo by photo, all test photos.
[[nodiscard]] PhotoAnswers two_classes(const std::vector<int>& truth, const std::vector<float>& of_one);

/// A photo of a run: its file, class, part and the probability of the second class.
struct TestPhoto {
  std::string file;
  int truth = 0;
  Part part = Part::test;
  float of_one = 0;
};

/// Writes result.json and predictions.csv, and a small picture for each photo whose file has none yet.
void write_run(const std::filesystem::path& folder, const std::vector<std::string>& classes,
               const std::vector<TestPhoto>& photos, const Json& more = Json::object());

}  // namespace graft::test
