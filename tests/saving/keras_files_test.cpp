// SPDX-License-Identifier: Apache-2.0
// graft's files in every format go through real Keras and back, where there is one.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graft/applications.hpp"
#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/npz.hpp"
#include "graft/plan/plan.hpp"
#include "graft/saving.hpp"

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

/// Applications that Keras has not: those after torchvision and TensorFlow's TPU models.
bool is_in_keras(const applications::Application& application) {
  constexpr std::array kOthers{"alexnet",     "googlenet", "squeezenet",       "shufflenet", "resnext",
                               "wide_resnet", "resnet18",  "resnet34",         "vgg11",      "vgg13",
                               "vgg16_bn",    "vgg19_bn",  "efficientnet_lite"};
  return std::ranges::none_of(kOthers, [&](const char* name) { return application.name.starts_with(name); });
}

/// graft's model in every format, and what it computes, for the script to compare with Keras's application.
void write_application(const fs::path& folder, const applications::Application& application,
                       const applications::ApplicationOptions& options, const Json& arguments) {
  clear_session();
  const Model model = application.build(options);
  test::set_golden_weights(model);
  const std::string stem = (folder / application.keras_name).string() + ".app";
  model.save(stem + ".h5");
  model.save(stem + ".keras");
  model.save_weights(stem + ".weights.h5");
  Json layers = Json::array();
  for (const Layer& layer : model.layers()) layers.push_back({layer.name(), layer.count_params()});
  write_file_atomically(
      stem + ".json",
      Json{{"name", application.keras_name}, {"arguments", arguments}, {"layers", layers}}.dump());
  const Tensor image = test::golden_image(options.input_shape[0], options.input_shape[1]);
  plan::Plan plan = plan::Plan::lower(model, {});
  plan.forward(image);
  formats::write_npz(stem + ".npz", {{"image", image}, {"output", plan.output().clone()}});
}

/// GRAFT_KERAS_ALL takes every application that Keras has, else a few; a part of a name, those that have it.
bool is_wanted(const applications::Application& application) {
  const char* wanted = std::getenv("GRAFT_KERAS_ALL");
  const std::string name(application.keras_name);
  if (wanted == nullptr) return name == "MobileNetV2" || name == "MobileNet" || name == "DenseNet121";
  return std::string(wanted) == "1" || name.find(wanted) != std::string::npos;
}

TEST(KerasFiles, WeightsFitApplicationsOfKeras) {
  GRAFT_REQUIRE_KERAS();
  for (const applications::Application& application : applications::catalogue()) {
    if (!is_in_keras(application) || !is_wanted(application)) continue;
    SCOPED_TRACE(application.keras_name);
    const test::TemporaryFolder folder;
    const std::int64_t size = std::max<std::int64_t>(application.default_size / 2, 96);
    write_application(
        folder.path(), application,
        {.input_shape = {size, size, 3}, .include_top = false, .weights = "none", .pooling = "avg"},
        {{"input_shape", {size, size, 3}}, {"include_top", false}, {"pooling", "avg"}});
    run_keras(folder.path());
  }
}

}  // namespace
}  // namespace graft
