// SPDX-License-Identifier: Apache-2.0
// Model files of Keras and tf_keras that once went wrong: each computes what its NAME.ref.json contains, the
// probabilities that Keras computed for the same photos.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/plan/plan.hpp"
#include "graft/saving.hpp"

#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-4;

/// Files that Keras computes another way than graft may: each has a test in refusals_test.cpp.
const std::set<std::string> kRefused{"k3b_unregistered_subclass_same_name.keras"};

fs::path cases() { return test::goldens() / "cases"; }

/// All files below a folder with this ending, sorted.
std::vector<fs::path> files_with(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

/// The largest difference between the file's probabilities and the reference; one photo at a time.
double difference(const fs::path& file, const fs::path& folder, const Json& reference) {
  const Classifier classifier = Classifier::open(file);
  double largest = 0;
  for (std::size_t photo = 0; photo < reference.at("photos").size(); ++photo) {
    const auto path = folder / reference.at("photos")[photo].get<std::string>();
    const auto expected = reference.at("probs")[photo].get<std::vector<float>>();
    std::vector<float> computed(expected.size(), 2);
    const ClassifyOptions all{.top = static_cast<int>(expected.size())};
    for (const Prediction& one : classifier.predict(path, all))
      computed.at(static_cast<std::size_t>(one.index)) = static_cast<float>(one.probability);
    largest = std::max(largest, test::max_difference(computed, expected));
  }
  return largest;
}

TEST(ModelFiles, ComputeWhatKerasComputes) {
  std::size_t count = 0;
  for (const fs::path& path : files_with(cases(), ".ref.json")) {
    const Json reference = test::read_json(path);
    if (!reference.contains("photos")) continue;  // of make_files.py
    const fs::path folder = path.parent_path();
    for (const Json& name : reference.at("files")) {
      const fs::path file = folder / name.get<std::string>();
      if (!fs::exists(file) || kRefused.contains(name.get<std::string>())) continue;
      ++count;
      try {
        EXPECT_LE(difference(file, folder, reference), kTolerance) << file;
      } catch (const Error& error) {
        ADD_FAILURE() << file << ": " << error.what();
      }
    }
  }
  EXPECT_GE(count, 19U);
}

/// What became of one file: "ok", "refused: ...", "noted: ..." where a note states why it differs, or how far
/// it is from Keras.
std::string outcome(const fs::path& file, const Json& images, const Json& reference) {
  try {
    const saving::LoadedModel loaded = saving::load_model(file);
    const Model& model = loaded.model;
    plan::Plan plan = plan::Plan::lower(model, {});
    double largest = 0;
    for (std::size_t i = 0; i < images.at("images").size(); ++i) {
      const auto pixels = images.at("images")[i].get<std::vector<float>>();
      const auto expected = reference.at("output")[i].get<std::vector<float>>();
      plan.forward(Tensor::from(model.input_shape().without_batch().with_batch(1), pixels));
      largest = std::max(largest, test::max_difference(plan.output().data(), expected));
    }
    if (largest <= kTolerance) return "ok";
    const std::string how = "differs by " + std::to_string(largest);
    return loaded.notes.empty() ? how : "noted: " + loaded.notes.front() + "; " + how;
  } catch (const Error& error) {
    const bool named = error.kind() == ErrorKind::unsupported || error.kind() == ErrorKind::shape_mismatch;
    return (named ? "refused: " : "broken: ") + std::string(error.what());
  }
}

/// All files that make_files.py made in a folder, each in the formats that its .ref.json lists.
void expect_computed_or_refused(const fs::path& folder) {
  const Json images = test::read_json(folder / "images.json");
  for (const fs::path& path : files_with(folder, ".ref.json")) {
    const Json reference = test::read_json(path);
    for (const Json& name : reference.at("files")) {
      const std::string result = outcome(folder / name.get<std::string>(), images, reference);
      // Keras 3.0 wrote a few files that no Keras can read.
      const bool no_keras_can = result.find("cannot read it itself") != std::string::npos;
      EXPECT_TRUE(result == "ok" || result.starts_with("refused") || result.starts_with("noted") ||
                  no_keras_can)
          << name << ": " << result;
      std::cout << name.get<std::string>() << "  " << result << '\n';
    }
  }
}

/// Files that may not be computed silently: what outcome() begins with, and what it names.
struct Exception {
  const char* result;
  const char* names;
};
const std::map<std::string, Exception> kExceptions{
    {"a_hard_sigmoid.h5", {"refused", "hard_sigmoid of Keras 2."}},
    {"k2_cast_half.h5", {"noted", "computed in float16 by Keras"}},
    {"m_layer_twice.keras", {"noted", "a file of Keras 3.2"}},
    {"m_mixed.h5", {"noted", "computed in mixed_bfloat16 by Keras"}},
    {"m_random_crop.keras", {"noted", "Keras 3.6 and 3.7"}},
    {"m_softmax_axes.h5", {"refused", "axis [1,2]"}},
    {"p_lora.h5", {"refused", "enable_lora()"}},
};

/// Further files of the same kinds, made by make_files.py; all others are computed.
TEST(ModelFiles, FurtherFilesComputeWhatKerasComputes) {
  const fs::path folder = test::goldens() / "cases" / "further";
  const Json images = test::read_json(folder / "images.json");
  std::size_t count = 0;
  for (const fs::path& path : files_with(folder, ".ref.json")) {
    const Json reference = test::read_json(path);
    for (const Json& name : reference.at("files")) {
      if (!fs::exists(folder / name.get<std::string>())) continue;
      ++count;
      const std::string result = outcome(folder / name.get<std::string>(), images, reference);
      const auto exception = kExceptions.find(name.get<std::string>());
      if (exception == kExceptions.end()) {
        EXPECT_EQ(result, "ok") << name;
        continue;
      }
      EXPECT_TRUE(result.starts_with(exception->second.result)) << name << ": " << result;
      EXPECT_NE(result.find(exception->second.names), std::string::npos) << name << ": " << result;
    }
  }
  EXPECT_GE(count, 10U);
}

/// Set GRAFT_MODEL_FILES to a folder of make_files.py.
TEST(ModelFiles, AnyFileIsComputedOrRefused) {
  const char* folder = std::getenv("GRAFT_MODEL_FILES");
  if (folder == nullptr) GTEST_SKIP() << "set GRAFT_MODEL_FILES to a folder that make_files.py filled";
  expect_computed_or_refused(folder);
}

}  // namespace
}  // namespace graft
