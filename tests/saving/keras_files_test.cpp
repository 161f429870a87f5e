// SPDX-License-Identifier: Apache-2.0
// graft's files in every format go through real Keras and back, where there is one.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graft/applications/catalogue.hpp"
#include "graft/base/atomic_file.hpp"
#include "graft/saving/load_weights.hpp"
#include "graft/saving/save_model.hpp"
#include "graft/saving/save_weights.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

/// Runs the script on a folder; its words when it fails.
void run_keras(const fs::path& folder) {
  const char* python = std::getenv("GRAFT_KERAS_PYTHON");
  const fs::path log = folder / "log.txt";
  const std::string command =
      cat("'", python, "' '", GRAFT_KERAS_FILES, "' '", folder.string(), "' > '", log.string(), "' 2>&1");
  // NOLINTNEXTLINE(cert-env33-c): the person who sets the variable chose the program
  const int status = std::system(command.c_str());
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_EQ(status, 0) << text.str();
}

void save_all(const Model& model, const fs::path& stem) {
  model.save(stem.string() + ".keras");
  model.save(stem.string() + ".h5");
  model.save_weights(stem.string() + ".weights.h5");
  model.save_weights(stem.string() + ".legacy.h5");
}

void expect_same(const Model& a, const Model& b, const std::string& what) {
  ASSERT_EQ(a.weights().size(), b.weights().size()) << what;
  for (std::size_t i = 0; i < a.weights().size(); ++i) {
    EXPECT_EQ(test::max_difference(a.weights()[i]->value().data(), b.weights()[i]->value().data()), 0)
        << what << ": " << a.weights()[i]->path();
  }
}

#define GRAFT_REQUIRE_KERAS()                       \
  if (std::getenv("GRAFT_KERAS_PYTHON") == nullptr) \
  GTEST_SKIP() << "set GRAFT_KERAS_PYTHON to a python that has keras, tensorflow and h5py"

TEST(KerasFiles, EveryFormatThereAndBack) {
  GRAFT_REQUIRE_KERAS();
  const test::TemporaryFolder folder;
  std::vector<std::pair<std::string, Model>> models;
  for (const char* name : {"small_cnn", "nested_transfer", "k2_small"}) {
    const fs::path file = test::goldens() / "files" / (std::string(name) + ".h5");
    models.emplace_back(name, saving::load_model(file).model);
  }
  models.emplace_back("small_transfer", test::small_transfer());
  models.emplace_back("row", Sequential({layers::InputLayer({.shape = {16, 16, 3}, .name = "in"}),
                                         test::small_base(), layers::GlobalMaxPooling2D({.name = "max"}),
                                         layers::Dense({.units = 2, .name = "dense"})},
                                        "row"));
  for (const auto& [name, model] : models) save_all(model, folder.path() / name);
  run_keras(folder.path());
  for (const auto& [name, model] : models) {
    const std::string stem = (folder.path() / name).string() + ".back";
    expect_same(saving::load_model(stem + ".keras").model, model, stem + ".keras");
    expect_same(saving::load_model(stem + ".h5").model, model, stem + ".h5");
    Model copy = saving::load_model(folder.path() / (name + ".keras")).model;
    for (const VariablePtr& weight : copy.weights()) weight->assign(Tensor(weight->shape()));
    copy.load_weights(stem + ".weights.h5");
    expect_same(copy, model, stem + ".weights.h5");
  }
}

/// Small sizes of Keras's applications; GRAFT_KERAS_ALL takes every one that graft has.
TEST(KerasFiles, WeightsFitKerassOwnApplications) {
  GRAFT_REQUIRE_KERAS();
  const bool all = std::getenv("GRAFT_KERAS_ALL") != nullptr;
  for (const applications::Application& application : applications::catalogue()) {
    const std::string name(application.keras_name);
    const bool lite = name.find("Lite") != std::string::npos;
    const bool quick = name == "MobileNetV2" || name == "MobileNet" || name == "DenseNet121";
    if (lite || (!all && !quick)) continue;
    const test::TemporaryFolder folder;
    const std::int64_t size = std::max<std::int64_t>(application.default_size / 2, 96);
    Model model;
    try {
      model = application.build({.input_shape = {size, size, 3}, .include_top = false, .pooling = "avg"});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported) throw;
      continue;
    }
    test::set_golden_weights(model);
    const std::string stem = (folder.path() / name).string() + ".app";
    model.save(stem + ".h5");
    model.save_weights(stem + ".weights.h5");
    const Json facts = {
        {"name", name},
        {"arguments", {{"input_shape", {size, size, 3}}, {"include_top", false}, {"pooling", "avg"}}}};
    write_file_atomically(stem + ".json", facts.dump());
    run_keras(folder.path());
  }
}

}  // namespace
}  // namespace graft
