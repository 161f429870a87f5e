// SPDX-License-Identifier: Apache-2.0
// A program in C that links the shared library answers as the program graft does, bit by bit.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// 40 x 30 pixels of all colours.
void write_noise(const fs::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << "P6\n40 30\n255\n";
  for (unsigned i = 0; i < 40U * 30U * 3U; ++i) file << static_cast<char>((i * 2654435761U) >> 24U);
}

/// Lines of output by their first word, without it.
using Lines = std::map<std::string, std::vector<std::string>>;

class CProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder();
    write_red_or_blue(path("model"));
    write_noise(path("noise.ppm"));
    for (int i = 0; i < 24; ++i) {
      write_picture(path("photos/blue/" + std::to_string(i) + ".ppm"), 3 * i, 5 * i, 250 - i);
      write_picture(path("photos/red/" + std::to_string(i) + ".ppm"), 250 - i, 2 * i, 4 * i);
    }
    const std::string command =
        std::string(GRAFT_C_PROGRAM) + " model/model.keras noise.ppm noise.ppm photos . > out";
    code_ = std::system(("cd " + folder_->path().string() + " && " + command).c_str());
    std::ifstream out(path("out"));
    for (std::string line; std::getline(out, line);) {
      const std::size_t space = line.find(' ');
      lines_[line.substr(0, space)].push_back(line.substr(std::min(space, line.size() - 1) + 1));
    }
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override { ASSERT_EQ(code_, 0); }

  static fs::path path(const std::string& name) { return folder_->path() / name; }
  static Json run(const std::vector<std::string>& words) {
    const Outcome outcome = run_graft(words, folder_->path());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json();
  }
  /// "name id probability is_label", one line a class, of the program's answer for the photo.
  static std::vector<std::string> answer_of(const std::string& model, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"predict", model, "noise.ppm", "--json", "--top", "2"});
    const Json photo = run(options)["photos"][0];
    std::vector<std::string> result;
    for (const Json& one : photo["predictions"]) {
      char number[32];
      std::snprintf(number, sizeof number, "%.17g", static_cast<double>(one["probability"].get<float>()));
      const auto name = one["class"].get<std::string>();
      result.push_back(name + ' ' + name + ' ' + number + " 0");
    }
    return result;
  }
  /// Without the line about the decision.
  static std::vector<std::string> predictions(const std::string& title) {
    std::vector<std::string> result = lines_[title];
    EXPECT_EQ(result.size(), 3U) << title;
    if (!result.empty()) result.pop_back();
    return result;
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline int code_ = -1;
  static inline Lines lines_;
};

TEST_F(CProgram, KnowsItsModel) {
  EXPECT_EQ(lines_["version"].front(),
            run_graft({"--version"}).out.substr(6, lines_["version"].front().size()));
  EXPECT_EQ(lines_["class"], (std::vector<std::string>{"blue", "red"}));
  EXPECT_EQ(lines_["input"].front(), "8 8 3");
  EXPECT_EQ(lines_["note"].size(), 1U);  // no layer scales the pixels
}

TEST_F(CProgram, AnswersAsTheProgramDoesBitByBit) {
  const std::vector<std::string> expected = answer_of("model");
  ASSERT_EQ(expected.size(), 2U);
  for (const char* title : {"file", "bytes", "pixels", "memory"})
    EXPECT_EQ(predictions(title), expected) << title;
  EXPECT_EQ(lines_["file"].back(), "decision 1 red");
  EXPECT_EQ(predictions("reject"), answer_of("model", {"--tta", "2"}));
  EXPECT_EQ(lines_["reject"].back(), "decision -1 unknown");
}

TEST_F(CProgram, FeaturesAreThoseOfTheProgram) {
  ASSERT_EQ(run_graft({"features", "model", "noise.ppm", "-o", "f.csv"}, folder_->path()).code, 0);
  std::ifstream table(path("f.csv"));
  std::string line;
  std::getline(table, line);
  std::getline(table, line);
  std::istringstream expected(line.substr(line.find(',', line.find(',') + 1) + 1));
  std::istringstream received(lines_["features"].front());
  int count = 0;
  for (float value = 0; received >> value; ++count) {
    std::string number;
    std::getline(expected, number, ',');
    EXPECT_EQ(value, std::stof(number));
  }
  EXPECT_EQ(count, 3);
  EXPECT_EQ(lines_["features_bytes"], lines_["features"]);
  EXPECT_EQ(lines_["features_pixels"], lines_["features"]);
}

TEST_F(CProgram, TrainsAFolder) {
  EXPECT_TRUE(lines_["trained"].front().starts_with("48 0 1 0")) << lines_["trained"].front();
  EXPECT_EQ(lines_["stopped"].front(), "interrupted");
  EXPECT_TRUE(fs::exists(path("trained/result.json")));
  // In memory and from the file it is the same classifier.
  std::vector<std::string> in_memory(lines_["trained"].begin() + 1, lines_["trained"].end() - 1);
  EXPECT_EQ(in_memory, answer_of("trained"));
}

TEST_F(CProgram, SavedFilesAnswerAlike) {
  EXPECT_EQ(answer_of("saved.keras"), answer_of("model"));
  const Json onnx = run({"predict", "saved.onnx", "noise.ppm", "--json"})["photos"][0]["predictions"];
  EXPECT_EQ(onnx[0]["class"], "red");
  EXPECT_TRUE(fs::exists(path("saved.json")));
}

}  // namespace
}  // namespace graft::test
