// SPDX-License-Identifier: Apache-2.0
// Options of graft.h for opening and training, and what of them is refused before anything is read.
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/graft.h"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

/// The option that the call was refused for, and the status.
struct Refusal {
  graft_status status = GRAFT_OK;
  std::string option;
  std::string message;
};

Refusal refused_open(const std::string& path, const graft_open_options& options) {
  graft_classifier* classifier = nullptr;
  graft_error* error = nullptr;
  Refusal refusal;
  refusal.status = graft_classifier_open(path.c_str(), &options, &classifier, &error);
  refusal.option = graft_error_option(error);
  refusal.message = graft_error_message(error);
  graft_error_free(error);
  graft_classifier_free(classifier);
  return refusal;
}

Refusal refused_training(const std::string& photos, const graft_train_options& options) {
  graft_training* training = nullptr;
  graft_error* error = nullptr;
  Refusal refusal;
  refusal.status = graft_train(photos.c_str(), &options, &training, &error);
  refusal.option = graft_error_option(error);
  refusal.message = graft_error_message(error);
  graft_error_free(error);
  graft_training_free(training);
  return refusal;
}

TEST(COptions, StatusesHaveTheNamesOfTheirKinds) {
  EXPECT_STREQ(graft_status_name(GRAFT_OK), "ok");
  for (graft_status status = GRAFT_INVALID_ARGUMENT; status <= GRAFT_INTERNAL; ++status)
    EXPECT_EQ(graft_status_name(status), to_string(static_cast<ErrorKind>(status - 1)));
  EXPECT_STREQ(graft_status_name(GRAFT_INTERNAL), "internal");
  EXPECT_STREQ(graft_status_name(GRAFT_INTERNAL + 1), "unknown");
  EXPECT_STREQ(graft_status_name(-1), "unknown");
}

TEST(COptions, OfOpeningAreUsedOrRefused) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  const std::string model = (folder.path() / "model").string();
  const std::size_t size = sizeof(graft_open_options);
  EXPECT_EQ(
      refused_open(model, {.size = size, .threads = 1, .precision = "float32", .pixels = "0..1"}).status,
      GRAFT_OK);
  EXPECT_EQ(refused_open(model, {.size = size - 8}).option, "size");
  EXPECT_EQ(refused_open(model, {.size = size, .threads = -1}).option, "threads");
  EXPECT_EQ(refused_open(model, {.size = size, .precision = "int8"}).option, "precision");
  EXPECT_EQ(refused_open(model, {.size = size, .precision = "float64"}).status, GRAFT_INVALID_ARGUMENT);
  EXPECT_EQ(refused_open(model, {.size = size, .pixels = "0..2"}).option, "pixels");
  EXPECT_EQ(refused_open(model, {.size = size, .weights = "w.h5"}).status, GRAFT_INVALID_ARGUMENT);
  EXPECT_EQ(refused_open(model, {.size = size, .alpha = 0.5}).option, "alpha");
  EXPECT_EQ(refused_open(model, {.size = size, .alpha = -1}).option, "alpha");
  const std::string names = (folder.path() / "names.txt").string();
  std::ofstream(names) << "bleu\nrouge\n";
  const graft_open_options options{.size = size, .class_names = names.c_str()};
  graft_classifier* classifier = nullptr;
  ASSERT_EQ(graft_classifier_open(model.c_str(), &options, &classifier, nullptr), GRAFT_OK);
  EXPECT_STREQ(graft_classifier_class_name(classifier, 1), "rouge");
  const std::string saved = (folder.path() / "saved.keras").string();
  ASSERT_EQ(graft_classifier_save(classifier, saved.c_str(), nullptr), GRAFT_OK);
  graft_classifier_free(classifier);
  ASSERT_EQ(graft_classifier_open(saved.c_str(), nullptr, &classifier, nullptr), GRAFT_OK);
  EXPECT_STREQ(graft_classifier_class_name(classifier, 1), "rouge") << "names that were given are saved";
  const graft_onnx_options old{.size = sizeof old, .opset = 3};
  EXPECT_EQ(graft_classifier_export_onnx(classifier, (folder.path() / "x.onnx").c_str(), &old, nullptr),
            GRAFT_INVALID_ARGUMENT);
  graft_classifier_free(classifier);
}

TEST(COptions, OfTrainingAreRefusedBeforePhotosAreRead) {
  const TemporaryFolder folder;
  const std::string photos = (folder.path() / "nowhere").string();
  const std::size_t size = sizeof(graft_train_options);
  EXPECT_EQ(refused_training(photos, {.size = size}).status, GRAFT_NOT_FOUND);
  EXPECT_EQ(refused_training(photos, {.size = 8}).option, "size");
  EXPECT_EQ(refused_training(photos, {.size = size, .resume = 1}).option, "resume");
  EXPECT_EQ(refused_training(photos, {.size = size, .recipe = "magic"}).option, "recipe");
  EXPECT_EQ(refused_training(photos, {.size = size, .epochs = -1}).option, "epochs");
  EXPECT_EQ(refused_training(photos, {.size = size, .recipe = "head", .epochs = 3}).option, "epochs");
  EXPECT_EQ(refused_training(photos, {.size = size, .learning_rate = 0.1}).option, "learning_rate");
  EXPECT_EQ(refused_training(photos, {.size = size, .recipe = "tutorial", .budget = 9}).option, "budget");
  EXPECT_EQ(refused_training(photos, {.size = size, .image_size = -8}).option, "image_size");
  EXPECT_EQ(refused_training(photos, {.size = size, .batch_size = -8}).option, "batch_size");
  EXPECT_EQ(refused_training(photos, {.size = size, .threads = 5000}).option, "threads");
  const std::string taken = (folder.path() / "taken").string();
  std::filesystem::create_directory(taken);
  std::ofstream(taken + "/letter.txt") << "mine";
  EXPECT_EQ(refused_training(photos, {.size = size, .result_folder = taken.c_str()}).option, "result_folder");
  EXPECT_EQ(read_file(taken + "/letter.txt"), "mine");
}

TEST(COptions, AClassifierIsSharedByThreads) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  write_picture(folder.path() / "red.ppm", 255, 0, 0);
  graft_classifier* classifier = nullptr;
  ASSERT_EQ(graft_classifier_open((folder.path() / "model").c_str(), nullptr, &classifier, nullptr),
            GRAFT_OK);
  std::vector<std::thread> threads;
  std::vector<std::int64_t> said(8, -2);
  for (std::int64_t& one : said) {
    threads.emplace_back([&] {
      graft_answer* answer = nullptr;
      graft_classify_file(classifier, (folder.path() / "red.ppm").c_str(), nullptr, &answer, nullptr);
      graft_decision decision{.size = sizeof decision};
      graft_answer_decision(answer, &decision, nullptr);
      one = decision.index;
      graft_answer_free(answer);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(said, std::vector<std::int64_t>(8, 1));
  graft_classifier_free(classifier);
}

}  // namespace
}  // namespace graft::test
