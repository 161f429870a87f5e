// SPDX-License-Identifier: Apache-2.0
// Files that graft does not read: the message names the format or what in the file it is.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/classifier.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

void expect_refused(const std::string& file, ErrorKind kind, const std::vector<std::string>& parts) {
  try {
    static_cast<void>(Classifier::open(test::goldens() / "cases" / file));
    ADD_FAILURE() << file << " was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const std::string& part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "no '" << part << "' in " << error.what();
  }
}

TEST(RefusedFiles, AClassOfTheUsersNamedLikeKerass) {
  expect_refused("custom_class_named_like_builtin/k3b_unregistered_subclass_same_name.keras",
                 ErrorKind::unsupported, {"'dense_36'", "own class", "Dense"});
}

TEST(RefusedFiles, FormatsAreNamed) {
  expect_refused("unclear_messages/fake.onnx", ErrorKind::bad_file, {"no ONNX file", "no graph"});
  const test::TemporaryFolder folder;
  const fs::path saved = folder.path() / "saved";
  fs::create_directories(saved / "variables");
  std::ofstream(saved / "saved_model.pb") << "\x08\x01";
  expect_refused(saved, ErrorKind::unsupported, {"SavedModel", "keras"});
  expect_refused(saved / "saved_model.pb", ErrorKind::unsupported, {"SavedModel"});
}

/// A file with this name and these bytes is refused, and the message has these parts.
void expect_named(const fs::path& folder, const std::string& name, const std::string& bytes,
                  const std::vector<std::string>& parts) {
  std::ofstream(folder / name, std::ios::binary) << bytes;
  expect_refused(folder / name, ErrorKind::unsupported, parts);
}

TEST(RefusedFiles, FormatsOfOtherProgramsAreNamed) {
  const test::TemporaryFolder folder;
  const fs::path& at = folder.path();
  expect_named(at, "flax_model.msgpack",
               "\x81\xa6params\x81\xa5"
               "Dense",
               {"Flax", "--weights"});
  expect_named(at, "model.mlmodel", std::string("\x08\x04\x12\x1a", 4) + std::string(60, '\0'), {"Core ML"});
  expect_named(at, "model.ckpt-100.index", std::string(64, '\0'), {"TensorFlow checkpoint"});
  expect_named(at, "model.ckpt-100.data-00000-of-00001", std::string(64, '\1'), {"TensorFlow checkpoint"});
  expect_named(at, "checkpoint", "model_checkpoint_path: \"model.ckpt-100\"\n", {"TensorFlow's checkpoints"});
  expect_named(at, "net.xml", "<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"/>", {"OpenVINO"});
  expect_named(at, "frozen.pb", "\n\x1e\n\x05input", {"TensorFlow graph"});
  expect_named(at, "model.pt2", "PK\x03\x04", {"torch.export", "state_dict"});
  expect_named(at, "model.engine", "ftrt", {"TensorRT"});
}

TEST(RefusedFiles, FoldersOfOtherProgramsAreNamed) {
  const test::TemporaryFolder folder;
  const auto with_file = [&](const char* name, const fs::path& file) {
    const fs::path inner = folder.path() / name;
    fs::create_directories((inner / file).parent_path());
    std::ofstream(inner / file) << "{}";
    return inner;
  };
  expect_refused(with_file("orbax", "_CHECKPOINT_METADATA"), ErrorKind::unsupported, {"Orbax"});
  expect_refused(with_file("tf1", "checkpoint"), ErrorKind::unsupported, {"TensorFlow's checkpoints"});
  expect_refused(with_file("a.mlpackage", "Data/com.apple.CoreML/x"), ErrorKind::unsupported,
                 {"Core ML package"});
  expect_refused(with_file("hub", "model.safetensors"), ErrorKind::unsupported,
                 {"--weights", "architecture"});
  expect_refused(with_file("none", "photo.jpg"), ErrorKind::not_found, {"contains no model.keras"});
}

TEST(RefusedFiles, WeightsOfPyTorchNeedAnArchitecture) {
  const fs::path torch = test::goldens() / "files";
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(torch)) {
    if (entry.path().extension() == ".pth" || entry.path().extension() == ".safetensors")
      expect_refused(entry.path(), ErrorKind::unsupported, {"PyTorch", "its weights"});
  }
}

TEST(RefusedFiles, QuantisedByKeras) {
  expect_refused("unclear_messages/k3b_quant_int8.keras", ErrorKind::unsupported,
                 {"dense_20", "quantized", "int8"});
}

TEST(RefusedFiles, TwoInputsOrOutputs) {
  expect_refused("unclear_messages/k3b_two_inputs.keras", ErrorKind::unsupported,
                 {"2 inputs", "input_layer_25"});
  expect_refused("unclear_messages/k3b_two_outputs.keras", ErrorKind::unsupported, {"2 outputs", "age"});
}

TEST(RefusedFiles, AnActivationOfTheUsers) {
  expect_refused("unclear_messages/k3b_custom_activation.keras", ErrorKind::unsupported,
                 {"conv2d_1", "mine>my_swish"});
}

}  // namespace
}  // namespace graft
