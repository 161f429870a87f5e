// SPDX-License-Identifier: Apache-2.0
// How graft predict prints its answers.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;

class CliFormats : public testing::Test {
 protected:
  CliFormats() {
    write_red_or_blue(folder_.path() / "model");
    write_picture(folder_.path() / "p/red.ppm", 10, 0, 0);
    write_picture(folder_.path() / "p/blue.ppm", 0, 0, 10);
  }
  [[nodiscard]] Outcome predict(Words words) const {
    words.insert(words.begin(), {"predict", "model"});
    return run_graft(words, folder_.path());
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }

  TemporaryFolder folder_;
};

// The model's logits are 0.1 times the mean of the channels: a pixel of 10 has 1 and 0, softmax 0.7311.
TEST_F(CliFormats, TextbookPrintsTheNameAndItsShare) {
  const Outcome one = predict({"p/red.ppm", "--format", "textbook"});
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.out, "red (73.11%)\n");
  EXPECT_EQ(predict({"p/red.ppm", "--format", "textbook", "--top", "2"}).out,
            "red (73.11%)\nblue (26.89%)\n");
  EXPECT_EQ(predict({"p", "--format", "textbook"}).out,
            "p/blue.ppm\n  blue (73.11%)\np/red.ppm\n  red (73.11%)\n");
}

TEST_F(CliFormats, CsvHasALineForEachPhoto) {
  const Outcome outcome = predict({"p", "--csv"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(
      outcome.out.starts_with("file,answer,unknown,most_probable,probability,distance,reason\n"
                              "p/blue.ppm,blue,false,blue,0.731"))
      << outcome.out;
  EXPECT_NE(outcome.out.find("\np/red.ppm,red,false,red,0.731"), std::string::npos) << outcome.out;
  EXPECT_EQ(predict({"p", "--format", "csv"}).out, outcome.out);
}

TEST_F(CliFormats, JsonLinesHaveTheObjectsOfJson) {
  const Json together = predict({"p", "--json"}).json()["photos"];
  std::istringstream lines(predict({"p", "--jsonl"}).out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_EQ(Json::parse(line, nullptr, false), together[count]);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(predict({"p", "--format", "json"}).json()["photos"], together);
}

TEST_F(CliFormats, TwoFormatsAreRefused) {
  for (const Words& words : {Words{"p", "--json", "--csv"}, Words{"p", "--jsonl", "--csv"},
                             Words{"p", "--format", "csv", "--json"}, Words{"p", "--format", "xml"}})
    EXPECT_EQ(predict(words).code, 2) << testing::PrintToString(words);
}

TEST_F(CliFormats, AFileNamesTheClasses) {
  const auto name = [&](const std::string& file) {
    const Outcome outcome = predict({"p/red.ppm", "--top", "1", "--json", "--class-names", file});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json()["photos"][0]["predictions"][0];
  };
  write("names.txt", "Blau\nRot\n");
  EXPECT_EQ(name("names.txt")["name"], "Rot");
  write("numbered.txt", "0 Blau\n1 Rot\n");
  EXPECT_EQ(name("numbered.txt")["name"], "Rot");
  write("list.json", R"(["bleu", "rouge"])");
  EXPECT_EQ(name("list.json")["name"], "rouge");
  write("labels.json", R"({"labels": ["azul", "rojo"]})");
  EXPECT_EQ(name("labels.json")["name"], "rojo");
  write("index.json", R"({"1": ["n02", "crimson"], "0": ["n01", "navy"]})");
  EXPECT_EQ(name("index.json")["name"], "crimson");
  EXPECT_EQ(name("index.json")["class"], "n02");
}

TEST_F(CliFormats, WrongNamesOfClassesAreRefused) {
  const auto outcome = [&](const std::string& file) { return predict({"p", "--class-names", file}); };
  EXPECT_EQ(outcome("gone.txt").code, 3);
  write("three.txt", "a\nb\nc\n");
  EXPECT_EQ(outcome("three.txt").code, 2);
  EXPECT_NE(outcome("three.txt").err.find("has 3 names, the model has 2 classes"), std::string::npos);
  write("gap.json", R"({"0": "a", "2": "b"})");
  EXPECT_EQ(outcome("gap.json").code, 4);
  write("broken.json", R"({"0": )");
  EXPECT_EQ(outcome("broken.json").code, 4);
  write("empty.txt", "");
  EXPECT_EQ(outcome("empty.txt").code, 4);
}

}  // namespace
}  // namespace graft::test
