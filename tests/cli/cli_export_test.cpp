// SPDX-License-Identifier: Apache-2.0
// graft export, and ONNX files as models.
#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

class CliExport : public testing::Test {
 protected:
  CliExport() {
    write_red_or_blue(folder_.path() / "model");
    write_picture(folder_.path() / "red.ppm", 255, 0, 0);
    write_picture(folder_.path() / "grey.ppm", 90, 90, 90);
  }
  [[nodiscard]] Outcome run(const std::vector<std::string>& words) const {
    return run_graft(words, folder_.path());
  }
  [[nodiscard]] bool exists(const char* name) const { return std::filesystem::exists(folder_.path() / name); }

  TemporaryFolder folder_;
};

TEST_F(CliExport, AnOnnxFileAnswersAsTheModel) {
  const Outcome outcome = run({"export", "model", "red.ppm", "grey.ppm", "-o", "m.onnx", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  EXPECT_EQ(json["output"], "m.onnx");
  EXPECT_EQ(json["input_layout"], "NHWC");
  EXPECT_EQ(json["checks"][0]["engine"], "graft's own reader");
  EXPECT_EQ(json["checks"][0]["photos"], 2);
  EXPECT_LT(json["checks"][0]["difference"].get<double>(), 1e-5);
  const Json one = run({"predict", "model", "red.ppm", "--json"}).json()["photos"][0]["predictions"];
  const Json other = run({"predict", "m.onnx", "red.ppm", "--json"}).json()["photos"][0]["predictions"];
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i]["class"], other[i]["class"]);
    EXPECT_NEAR(one[i]["probability"].get<double>(), other[i]["probability"].get<double>(), 1e-5);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    EXPECT_EQ(entry.path().filename().string().find("checked"), std::string::npos) << entry.path();
}

TEST_F(CliExport, WritesWordsForAPerson) {
  const Outcome outcome = run({"export", "model", "-o", "m.onnx", "--float16", "--opset", "17"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("on 4 images of random pixels"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("m.onnx"), std::string::npos);
}

TEST_F(CliExport, BeyondTheBoundThereIsNoFile) {
  const Outcome outcome = run({"export", "model", "-o", "m.onnx", "--float16", "--max-difference", "0"});
  EXPECT_EQ(outcome.code, 5) << outcome.err;
  EXPECT_NE(outcome.err.find("no file was written"), std::string::npos) << outcome.err;
  EXPECT_FALSE(exists("m.onnx"));
}

TEST_F(CliExport, AFileIsNotOverwritten) {
  ASSERT_EQ(run({"export", "model", "-o", "m.onnx"}).code, 0);
  EXPECT_NE(run({"export", "model", "-o", "m.onnx"}).code, 0);
  EXPECT_EQ(run({"export", "model", "-o", "m.onnx", "--force"}).code, 0);
  EXPECT_NE(run({"export", "model", "-o", "m.pb"}).code, 0);
}

TEST_F(CliExport, OnnxFilesAreModelsForOtherCommands) {
  ASSERT_EQ(run({"export", "model", "-o", "m.onnx"}).code, 0);
  EXPECT_EQ(run({"summary", "m.onnx"}).code, 0);
  const Outcome edited = run({"edit", "m.onnx", "-o", "more", "--add-class", "green"});
  EXPECT_EQ(edited.code, 0) << edited.err;
  EXPECT_TRUE(exists("more/model.keras"));
  EXPECT_EQ(run({"features", "m.onnx", "red.ppm", "-o", "f.csv"}).code, 0);
}

TEST_F(CliExport, TensorFlowLiteFilesAreModelsForOtherCommands) {
  const Outcome exported = run({"export", "model", "-o", "m.tflite", "--json"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_NE(exported.out.find("TensorFlow Lite"), std::string::npos) << exported.out;
  EXPECT_EQ(run({"predict", "m.tflite", "red.ppm"}).out, run({"predict", "model", "red.ppm"}).out);
  EXPECT_EQ(run({"edit", "m.tflite", "-o", "more", "--add-class", "green"}).code, 0);
  const Outcome opset = run({"export", "model", "-o", "n.tflite", "--opset", "14"});
  EXPECT_EQ(opset.code, 2);
  EXPECT_NE(opset.err.find("--opset has no effect"), std::string::npos) << opset.err;
  std::filesystem::resize_file(folder_.path() / "m.tflite", 400);
  const Outcome broken = run({"summary", "m.tflite"});
  EXPECT_NE(broken.code, 0);
  EXPECT_NE(broken.err.find("m.tflite is not a whole TensorFlow Lite file"), std::string::npos) << broken.err;
}

TEST_F(CliExport, TensorFlowJsFilesAreModelsForOtherCommands) {
  const Outcome exported = run({"export", "model", "red.ppm", "-o", "m.json", "--json"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_EQ(exported.json()["format"], "TensorFlow.js");
  EXPECT_EQ(exported.json()["checks"][0]["engine"], "graft's own reader");
  EXPECT_TRUE(exists("metadata.json") && exists("group1-shard1of1.bin"));
  EXPECT_EQ(run({"predict", "m.json", "red.ppm"}).out, run({"predict", "model", "red.ppm"}).out);
  const Outcome again = run({"export", "model", "-o", "other.json"});
  EXPECT_EQ(again.code, 2) << again.err;
  EXPECT_NE(again.err.find("exists already"), std::string::npos) << again.err;
  EXPECT_FALSE(exists("other.json"));
  EXPECT_EQ(run({"export", "model", "-o", "m.json", "--teachable-machine", "--force"}).code, 0);
  EXPECT_TRUE(exists("weights.bin"));
  EXPECT_FALSE(exists("group1-shard1of1.bin"));
  const Outcome no_effect = run({"export", "model", "-o", "m.onnx", "--teachable-machine"});
  EXPECT_EQ(no_effect.code, 2);
  EXPECT_NE(no_effect.err.find("--teachable-machine has no effect"), std::string::npos) << no_effect.err;
}

TEST_F(CliExport, BeyondTheBoundThereIsNoFileOfTensorFlowJs) {
  const Outcome outcome = run({"export", "model", "-o", "m.json", "--max-difference=-1"});
  EXPECT_EQ(outcome.code, 5) << outcome.err;
  EXPECT_FALSE(exists("m.json") || exists("metadata.json") || exists("group1-shard1of1.bin"));
}

TEST_F(CliExport, TensorFlowJsInNodeAnswersAsTheModel) {
  if (std::getenv("GRAFT_TFJS_FOLDER") == nullptr)
    GTEST_SKIP() << "set GRAFT_TFJS_FOLDER to a folder for npm's @tensorflow/tfjs";
  const Outcome exported = run({"export", "model", "red.ppm", "-o", "m.json", "--verify", "--json"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_EQ(exported.json()["checks"][1]["engine"], "TensorFlow.js 4.22.0");
  const Outcome teachable =
      run({"export", "model", "-o", "m.json", "--force", "--teachable-machine", "--verify", "--json"});
  ASSERT_EQ(teachable.code, 0) << teachable.err;
  EXPECT_EQ(teachable.json()["checks"][1]["engine"], "TensorFlow.js 1.3.1");
}

TEST_F(CliExport, ABrokenFileIsNamed) {
  ASSERT_EQ(run({"export", "model", "-o", "m.onnx"}).code, 0);
  std::filesystem::resize_file(folder_.path() / "m.onnx",
                               std::filesystem::file_size(folder_.path() / "m.onnx") - 20);
  const Outcome outcome = run({"summary", "m.onnx"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_NE(outcome.err.find("m.onnx is no ONNX file, or it is broken"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace graft::test
