// SPDX-License-Identifier: Apache-2.0
// Rounds that leave the studio: exported files and their proof, and the phone. A script stands for the
// program graft.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "studio_fixture.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// Notes its arguments, writes what is behind -o with the files that belong to it, and says how it was
/// compared.
constexpr const char* kExporter = R"sh(#!/bin/sh
echo "$*" >> "$0.log"
out=none
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then out=$2; fi
  shift
done
echo made > "$out"
case $out in
  *.json) echo weights > "${out%/*}/group1-shard1of1.bin"; echo names > "${out%/*}/metadata.json" ;;
  *.hpp) echo weights > "${out%.hpp}.weights" ;;
esac
echo '{"output": "it", "checks": [{"engine": "reader", "difference": 0.25, "photos": 2}]}'
)sh";

class StudioExports : public StudioRequests {
 protected:
  StudioExports() {
    write_program(kExporter);
    studio_.reset();
    studio_ = std::make_unique<serve::Studio>(
        serve::StudioOptions{.project = project(), .program = program(), .port = 0});
    fs::create_directories(round());
    std::ofstream(round() / "model.keras") << "model";
    std::ofstream(round() / "result.json") << "{}";
  }
  [[nodiscard]] fs::path program() const { return folder_.path() / "program"; }
  [[nodiscard]] fs::path round() const { return folder_.path() / "things-graft"; }
  void write_program(const std::string& text) const {
    std::ofstream(program()) << text;
    fs::permissions(program(), fs::perms::owner_all);
  }
  /// The commands that were run since the last call.
  [[nodiscard]] std::vector<std::string> commands() const {
    const fs::path log = program().string() + ".log";
    std::istringstream text(read_file(log));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    if (!lines.empty()) fs::remove(log);  // an empty one is about to be written
    return lines;
  }
  [[nodiscard]] Json ended() const {
    Json job = get("/studio/state")["job"];
    for (int i = 0; i < 500 && job["running"] == true; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      job = get("/studio/state")["job"];
    }
    return job;
  }
  [[nodiscard]] Answer ask_for(const std::string& format) const {
    return request("POST", "/studio/export?round=things-graft&format=" + format);
  }
  /// Asks until the files are there, as the page does.
  [[nodiscard]] Json exported(const std::string& format) const {
    for (int step = 0; step < 3; ++step) {
      const Answer answer = ask_for(format);
      const Json json = Json::parse(answer.body);
      if (answer.status == 200) return json;
      EXPECT_EQ(answer.status, 202) << answer.body;
      EXPECT_EQ(ended()["failed"], "") << format;
    }
    ADD_FAILURE() << format << " was not written";
    return {};
  }
  [[nodiscard]] Answer download(const std::string& file) const {
    return request("GET", "/studio/download?round=things-graft&file=" + in_query(file));
  }
};

using Texts = std::vector<std::string>;

TEST_F(StudioExports, EachFormIsWrittenByTheCommandAndSaysHowItWasCompared) {
  make_class("red", 1);
  make_class("blue", 1);
  const Json onnx = exported("onnx");
  EXPECT_EQ(onnx["files"], Json::array({"model.onnx"}));
  EXPECT_EQ(onnx["checks"][0]["difference"], 0.25);
  EXPECT_EQ(commands(), Texts{"export things-graft things -o things-graft/model.onnx --force --json"});
  static_cast<void>(exported("tflite"));
  EXPECT_EQ(commands(), Texts{"export things-graft things -o things-graft/model.tflite --force --json"});
  const Json tfjs = exported("tfjs");
  EXPECT_EQ(tfjs["files"], (Json{"tfjs/model.json", "tfjs/group1-shard1of1.bin", "tfjs/metadata.json"}));
  EXPECT_EQ(commands(), Texts{"export things-graft things -o things-graft/tfjs/model.json --force --json"});
  // Source computes slowly, so a few photos are named; it is compiled where there is a compiler.
  EXPECT_EQ(exported("cpp")["files"], (Json{"cpp/model.hpp", "cpp/model.weights"}));
  const Texts source = commands();
  ASSERT_EQ(source.size(), 1U);
  EXPECT_TRUE(source[0].starts_with(
      "export things-graft things/blue/0.ppm things/red/0.ppm -o things-graft/cpp/model.hpp --force --json"))
      << source[0];
  EXPECT_EQ(download("tfjs/group1-shard1of1.bin").body, "weights\n");
  EXPECT_NE(download("cpp/model.weights").head.find("filename=\"model.weights\""), std::string::npos);
  for (const char* file :
       {"tfjs/../model.keras", "../things/red/0.ppm", "tfjs", "tfjs/other.bin", "settings.json"})
    EXPECT_EQ(download(file).status, 404) << file;
}

TEST_F(StudioExports, EightBitsAreMeasuredFirst) {
  EXPECT_EQ(ask_for("onnx-int8").status, 400);  // without photos
  make_class("red", 1);
  make_class("blue", 1);
  EXPECT_EQ(exported("onnx-int8")["files"], Json::array({"int8/model.onnx"}));
  EXPECT_EQ(
      commands(),
      (Texts{"quantize things-graft things -o things-graft/int8/model.keras --force --compare 1000 --json",
             "export things-graft/int8 things -o things-graft/int8/model.onnx --force --json --int8"}));
  // The measured model serves the other form too.
  EXPECT_EQ(exported("tflite-int8")["files"], Json::array({"int8/model.tflite"}));
  EXPECT_EQ(commands(),
            Texts{"export things-graft/int8 things -o things-graft/int8/model.tflite --force --json --int8"});
}

TEST_F(StudioExports, AFileOfAnotherProgramHasNoProofAndAnOldOneIsWrittenAgain) {
  make_class("red", 1);
  EXPECT_EQ(exported("onnx")["checks"].size(), 1U);
  std::ofstream(round() / "model.onnx") << "of another program";
  const Json other = exported("onnx");
  EXPECT_TRUE(other["checks"].is_null()) << other;
  EXPECT_EQ(download("model.onnx").body, "of another program");
  fs::last_write_time(round() / "model.keras", fs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(download("model.onnx").status, 404);
  EXPECT_EQ(ask_for("onnx").status, 202);
  EXPECT_EQ(ended()["failed"], "");
}

TEST_F(StudioExports, WhatTheCommandSaysWrongIsTheJobsFailure) {
  write_program("#!/bin/sh\necho 'graft: the exported model answers otherwise than graft' >&2\nexit 5\n");
  EXPECT_EQ(ask_for("onnx").status, 202);
  EXPECT_EQ(ended()["failed"], "the exported model answers otherwise than graft");
  write_program("#!/bin/sh\necho 'no JSON'\n");
  EXPECT_EQ(ask_for("onnx").status, 202);
  EXPECT_NE(ended()["failed"], "");
}

TEST_F(StudioExports, CorrectionsOfAPhoneJoinAProjectThatIsGroupedAsTheRoundAnswers) {
  write_program("#!/bin/sh\necho \"$*\" >> \"$0.log\"\nexec sleep 30\n");
  const auto served = [this] {
    EXPECT_EQ(post("/studio/phone?round=things-graft"), 202);
    Texts found;
    for (int i = 0; i < 500 && found.empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      found = commands();
    }
    return found.empty() ? std::string() : found[0];
  };
  const std::string serving = "serve things-graft=" + round().string() + " --lan --port 0 --json";
  EXPECT_EQ(served(), serving + " --collect " + project().string());
  EXPECT_EQ(get("/studio/state")["phone"]["collects"], true);
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  EXPECT_EQ(served(), serving);
  EXPECT_EQ(get("/studio/state")["phone"]["collects"], false);
  std::ofstream(round() / "result.json") << R"({"several_labels": {}, "classes": ["a", "b"]})";
  EXPECT_EQ(served(), serving + " --collect " + project().string());
  EXPECT_EQ(post("/studio/phone"), 202);
}

}  // namespace
}  // namespace graft::test
