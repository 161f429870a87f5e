// SPDX-License-Identifier: Apache-2.0
// graft quantize, and --precision int8 of the commands that run a model.
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// Tells red from blue by a convolution that is large enough for 8 bits: half of its filters read red.
void write_red_or_blue_with_a_convolution(const fs::path& folder) {
  constexpr std::int64_t kFilters = 16;
  const SymbolicTensor input = Input({32, 32, 3});
  const Layer map =
      layers::Conv2D({.filters = kFilters, .kernel_size = 3, .activation = "relu", .name = "map"});
  const Layer head = layers::Dense({.units = 2, .name = "head"});
  const SymbolicTensor output = head(layers::GlobalAveragePooling2D({.name = "mean"})(map(input)));
  Tensor kernel({3, 3, 3, kFilters});
  Tensor scores({kFilters, 2});
  for (std::int64_t f = 0; f < kFilters; ++f) {
    const bool red = f % 2 == 0;
    for (std::int64_t i = 0; i < 9; ++i)
      kernel.at(i / 3, i % 3, red ? 0 : 2, f) = 0.0013F * static_cast<float>(i + 1);
    scores.at(f, red ? 1 : 0) = 0.0017F * static_cast<float>(f + 1);
  }
  map.weights()[0]->assign(kernel);
  head.weights()[0]->assign(scores);
  fs::create_directories(folder);
  const Json metadata{{"class_names", {"blue", "red"}}, {"image_size", {32, 32}}, {"output", "logits"}};
  saving::save_model(Model(input, output), folder / "model.keras",
                     {.extra = {{"graft.json", metadata.dump()}}});
}

class CliQuantize : public testing::Test {
 protected:
  CliQuantize() {
    write_red_or_blue(at("model"));
    for (const char* name : {"red", "blue"}) fs::create_directories(at("photos") / name);
    for (int i = 0; i < 8; ++i) {
      const std::string file = std::to_string(i) + ".ppm";
      write_picture(at("photos") / "red" / file, 200 + i, 10 * i, 5);
      write_picture(at("photos") / "blue" / file, 5, 10 * i, 200 + i);
    }
  }

  [[nodiscard]] fs::path at(const char* name) const { return folder_.path() / name; }
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, folder_.path()); }

  TemporaryFolder folder_;
};

TEST_F(CliQuantize, WritesAModelThatPredictsInInt8) {
  const Outcome outcome = run({"quantize", "model", "photos", "-o", "int8", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["model"], "int8/model.keras");
  EXPECT_EQ(outcome.json()["photos"], 8);
  EXPECT_EQ(outcome.json()["agreement"], 1);
  EXPECT_EQ(outcome.json()["accuracy_float32"], 1);
  EXPECT_EQ(outcome.json()["accuracy_int8"], 1);
  const Outcome predicted = run({"predict", "int8", "photos/red/1.ppm", "--precision", "int8", "--json"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(predicted.json()["photos"][0]["predictions"][0]["name"], "red");
  EXPECT_EQ(run({"evaluate", "int8", "photos", "--precision", "int8", "--json"}).json()["accuracy"], 1);
  EXPECT_EQ(run({"features", "int8", "photos", "-o", "f.npy", "--precision", "int8"}).code, 0);
  EXPECT_EQ(run({"profile", "int8", "--precision", "int8", "--runs", "1", "--json"}).code, 0);
  // Apart from the int8 entry the metadata is unchanged.
  const auto before = saving::load_model(at("model") / "model.keras");
  const auto after = saving::load_model(at("int8") / "model.keras");
  EXPECT_EQ(before.model.count_params(), after.model.count_params());
  Json metadata = Json::parse(after.extra.at("graft.json"));
  metadata.erase("int8");
  EXPECT_EQ(metadata, Json::parse(before.extra.at("graft.json")));
}

TEST_F(CliQuantize, IsExportedWithItsRangesOnly) {
  const Outcome without = run({"export", "model", "photos", "-o", "m.onnx", "--int8"});
  EXPECT_EQ(without.code, 2);
  EXPECT_NE(without.err.find("graft quantize"), std::string::npos) << without.err;
  ASSERT_EQ(run({"quantize", "model", "photos", "-o", "int8", "--quiet"}).code, 0);
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "m.hpp", "--int8"}).code, 2);
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "m.json", "--int8"}).code, 2);
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "m.onnx", "--int8", "--float16"}).code, 2);
  EXPECT_FALSE(fs::exists(at("m.onnx")));
  const Outcome exported = run({"export", "int8", "photos", "-o", "m.onnx", "--int8", "--json"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_EQ(exported.json()["precision"], "int8");
  const Json checks = exported.json()["checks"];
  EXPECT_EQ(checks[0]["engine"], "graft's own int8");
  EXPECT_EQ(checks[0]["compared_with"], "float32");
  EXPECT_EQ(checks[1]["engine"], "graft's own reader");
  EXPECT_EQ(checks[1]["compared_with"], "int8");
  EXPECT_EQ(checks[1]["other_class"], 0);
  EXPECT_EQ(checks[1]["accuracy"], 1);
  EXPECT_EQ(checks[1]["expected_accuracy"], 1);
  const Outcome predicted = run({"predict", "m.onnx", "photos/red/1.ppm", "--json"});
  EXPECT_EQ(predicted.json()["photos"][0]["predictions"][0]["name"], "red") << predicted.err;
}

TEST_F(CliQuantize, IsExportedToTensorFlowLiteWithItsRangesOnly) {
  write_red_or_blue_with_a_convolution(at("model"));
  const Outcome without = run({"export", "model", "photos", "-o", "m.tflite", "--int8"});
  EXPECT_EQ(without.code, 2);
  EXPECT_NE(without.err.find("graft quantize"), std::string::npos) << without.err;
  ASSERT_EQ(run({"quantize", "model", "photos", "-o", "int8", "--quiet"}).code, 0);
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "m.tflite", "--int8", "--float16"}).code, 2);
  EXPECT_FALSE(fs::exists(at("m.tflite")));
  const Outcome exported = run({"export", "int8", "photos", "-o", "m.tflite", "--int8", "--json"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_EQ(exported.json()["precision"], "int8");
  EXPECT_EQ(exported.json()["float32_operators"], Json::object());
  const Json checks = exported.json()["checks"];
  EXPECT_EQ(checks[0]["engine"], "graft's own int8");
  EXPECT_EQ(checks[1]["engine"], "graft's own reader");
  EXPECT_EQ(checks[1]["compared_with"], "int8");
  EXPECT_EQ(checks[1]["accuracy"], 1);
  const Outcome predicted = run({"predict", "m.tflite", "photos/red/1.ppm", "--json"});
  EXPECT_EQ(predicted.json()["photos"][0]["predictions"][0]["name"], "red") << predicted.err;
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "d.tflite", "--int8", "--max-difference", "0"}).code, 5);
  EXPECT_FALSE(fs::exists(at("d.tflite")));
  const Outcome drawn = run({"export", "int8", "-o", "r.tflite", "--int8", "--json"});
  ASSERT_EQ(drawn.code, 0) << drawn.err;
  EXPECT_EQ(drawn.json()["checks"][1]["drawn_pictures"], 16);
  // Float files say nothing of it.
  EXPECT_FALSE(run({"export", "int8", "-o", "f.tflite", "--json"}).json().contains("float32_operators"));
}

TEST_F(CliQuantize, AnInt8FileIsJudgedByWhatRoundingDoes) {
  write_red_or_blue_with_a_convolution(at("model"));
  ASSERT_EQ(run({"quantize", "model", "photos", "-o", "int8", "--quiet"}).code, 0);
  const Outcome words = run({"export", "int8", "photos", "-o", "m.onnx", "--int8"});
  ASSERT_EQ(words.code, 0) << words.err;
  EXPECT_NE(words.out.find("graft's own int8 differs from float32 by "), std::string::npos) << words.out;
  EXPECT_NE(words.out.find("; another class: 0; accuracy 100.0 %, in float32 100.0 %"), std::string::npos)
      << words.out;
  // Without photos pictures are drawn, the same each time.
  const Outcome drawn = run({"export", "int8", "-o", "r.onnx", "--int8", "--json"});
  ASSERT_EQ(drawn.code, 0) << drawn.err;
  const Json checks = drawn.json()["checks"];
  EXPECT_GT(checks[0]["difference"].get<double>(), 0);
  EXPECT_EQ(checks[0]["drawn_pictures"], 16);
  EXPECT_EQ(checks[1]["drawn_pictures"], 16);
  EXPECT_FALSE(checks[1].contains("accuracy"));
  EXPECT_EQ(run({"export", "int8", "-o", "again.onnx", "--int8", "--json"}).json()["checks"], checks);
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "d.onnx", "--int8", "--max-difference", "0"}).code, 5);
  EXPECT_FALSE(fs::exists(at("d.onnx")));
  EXPECT_EQ(run({"export", "int8", "photos", "-o", "l.onnx", "--most-lost", "0.1"}).code, 2);
  // Of a folder with parts the test photos count.
  fs::create_directories(at("all"));
  fs::rename(at("photos"), at("all") / "train");
  for (const char* name : {"red", "blue"}) fs::create_directories(at("all") / "test" / name);
  write_picture(at("all") / "test" / "red" / "a.ppm", 220, 3, 5);
  write_picture(at("all") / "test" / "blue" / "a.ppm", 3, 5, 220);
  const Outcome parts = run({"export", "int8", "all", "-o", "p.onnx", "--int8", "--json"});
  ASSERT_EQ(parts.code, 0) << parts.err;
  EXPECT_EQ(parts.json()["checks"][1]["photos"], 2);
}

TEST_F(CliQuantize, ComparesPredictionsWhenFoldersAreNotTheModelsClasses) {
  fs::rename(at("photos") / "red", at("photos") / "warm");
  const Outcome outcome = run({"quantize", "model", "photos", "-o", "int8.keras", "--photos", "4"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("agree on 100.0 % of 12 photos"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("accuracy"), std::string::npos) << outcome.out;
}

TEST_F(CliQuantize, ComparesOnSomePhotosOfEachClassWhereThatIsAskedFor) {
  const Outcome some = run({"quantize", "model", "photos", "-o", "int8", "--compare", "4", "--json"});
  ASSERT_EQ(some.code, 0) << some.err;
  EXPECT_EQ(some.json()["photos"], 4);
  EXPECT_EQ(some.json()["accuracy_int8"], 1);  // of both classes
  const Outcome all = run({"quantize", "model", "photos", "-o", "all", "--compare", "1000", "--json"});
  EXPECT_EQ(all.json()["photos"], 8);
  EXPECT_EQ(run({"quantize", "model", "photos", "-o", "none", "--compare", "0"}).code, 2);
}

TEST_F(CliQuantize, InvalidArgumentsAreReported) {
  const Outcome plain = run({"predict", "model", "photos/red/1.ppm", "--precision", "int8"});
  EXPECT_EQ(plain.code, 2);
  EXPECT_NE(plain.err.find("graft quantize"), std::string::npos) << plain.err;
  const Outcome features =
      run({"features", "model", "photos/red/1.ppm", "-o", "f.npy", "--precision", "int8"});
  EXPECT_EQ(features.code, 2);
  EXPECT_NE(features.err.find("graft quantize"), std::string::npos) << features.err;
  EXPECT_EQ(run({"quantize", "model", "photos", "-o", "model"}).code, 2);
  EXPECT_EQ(run({"quantize", "model", "nowhere", "-o", "int8"}).code, 3);
  EXPECT_EQ(run({"quantize", "model", "photos", "-o", "int8", "--most-lost", "7"}).code, 2);
  EXPECT_FALSE(fs::exists(at("int8")));
}

}  // namespace
}  // namespace graft::test
