// SPDX-License-Identifier: Apache-2.0
// Wrong calls of graft.h are typed errors, never crashes.
#include <cmath>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "graft/graft.h"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

/// The call fails with this status and a message that has the text; the object says the same.
void expect_error(graft_status expected, const std::string& text,
                  const std::function<graft_status(graft_error**)>& call, const std::string& option = {}) {
  graft_error* error = nullptr;
  EXPECT_EQ(call(&error), expected) << text << ": " << graft_error_message(error);
  ASSERT_NE(error, nullptr) << text;
  EXPECT_EQ(graft_error_status(error), expected);
  EXPECT_NE(std::string(graft_error_message(error)).find(text), std::string::npos)
      << graft_error_message(error);
  EXPECT_EQ(graft_error_option(error), option) << graft_error_message(error);
  graft_error_free(error);
  EXPECT_EQ(call(nullptr), expected) << "the message is not wanted";
}

class CErrors : public testing::Test {
 protected:
  CErrors() {
    write_red_or_blue(folder_.path() / "model");
    write_picture(folder_.path() / "red.ppm", 255, 0, 0);
    std::ofstream(folder_.path() / "broken.jpg") << "no picture";
    std::ofstream(folder_.path() / "broken.keras") << "no model";
    EXPECT_EQ(graft_classifier_open(path("model").c_str(), nullptr, &classifier_, nullptr), GRAFT_OK);
  }
  ~CErrors() override { graft_classifier_free(classifier_); }
  CErrors(const CErrors&) = delete;
  CErrors& operator=(const CErrors&) = delete;

  [[nodiscard]] std::string path(const char* name) const { return (folder_.path() / name).string(); }
  /// classify_file() of a good photo with these options.
  void expect_refused(const graft_classify_options& options, const std::string& option,
                      graft_status expected = GRAFT_INVALID_ARGUMENT) {
    const std::string photo = path("red.ppm");
    expect_error(
        expected, expected == GRAFT_UNSUPPORTED ? "does not know" : option,
        [&](graft_error** error) {
          graft_answer* answer = nullptr;
          return graft_classify_file(classifier_, photo.c_str(), &options, &answer, error);
        },
        option);
  }
  void expect_pixels_refused(const graft_pixels& pixels, graft_status expected, const std::string& text,
                             const std::string& option = {}) {
    static const std::vector<std::uint8_t> kData(300);
    for (const bool features : {false, true}) {
      expect_error(
          expected, text,
          [&](graft_error** error) {
            graft_answer* answer = nullptr;
            graft_features* found = nullptr;
            return features
                       ? graft_features_pixels(classifier_, kData.data(), &pixels, nullptr, &found, error)
                       : graft_classify_pixels(classifier_, kData.data(), &pixels, nullptr, &answer, error);
          },
          pixels.size == sizeof pixels ? option : "size");
    }
  }

  TemporaryFolder folder_;
  graft_classifier* classifier_ = nullptr;
};

TEST_F(CErrors, NullMayBeFreedAndRead) {
  graft_error_free(nullptr);
  graft_classifier_free(nullptr);
  graft_answer_free(nullptr);
  graft_features_free(nullptr);
  graft_training_free(nullptr);
  EXPECT_EQ(graft_error_status(nullptr), GRAFT_OK);
  EXPECT_STREQ(graft_error_message(nullptr), "");
  EXPECT_STREQ(graft_error_option(nullptr), "");
  EXPECT_EQ(graft_classifier_class_count(nullptr), 0U);
  EXPECT_EQ(graft_classifier_class_name(nullptr, 0), nullptr);
  EXPECT_EQ(graft_classifier_class_id(nullptr, 0), nullptr);
  EXPECT_EQ(graft_classifier_has_several_labels(nullptr), 0);
  EXPECT_EQ(graft_classifier_height(nullptr), 0);
  EXPECT_EQ(graft_classifier_width(nullptr), 0);
  EXPECT_EQ(graft_classifier_channels(nullptr), 0);
  EXPECT_EQ(graft_classifier_note_count(nullptr), 0U);
  EXPECT_EQ(graft_classifier_note(nullptr, 0), nullptr);
  EXPECT_EQ(graft_answer_count(nullptr), 0U);
  EXPECT_EQ(graft_answer_probabilities(nullptr), nullptr);
  EXPECT_STREQ(graft_answer_unknown_reason(nullptr), "");
  EXPECT_EQ(graft_answer_distance(nullptr), -1);
  EXPECT_EQ(graft_answer_is_unlike_training(nullptr), 0);
  EXPECT_STREQ(graft_answer_note(nullptr), "");
  EXPECT_EQ(graft_features_count(nullptr), 0U);
  EXPECT_EQ(graft_features_values(nullptr), nullptr);
  EXPECT_EQ(graft_training_note_count(nullptr), 0U);
  EXPECT_EQ(graft_training_note(nullptr, 0), nullptr);
  EXPECT_EQ(graft_classifier_class_name(classifier_, 2), nullptr);
  EXPECT_EQ(graft_classifier_note(classifier_, 99), nullptr);
}

TEST_F(CErrors, NullArgumentsAreNamed) {
  const std::string photo = path("red.ppm");
  graft_answer* answer = nullptr;
  graft_classifier* opened = nullptr;
  graft_features* features = nullptr;
  graft_training* training = nullptr;
  const std::uint8_t byte = 0;
  const auto null = [](const std::string& name, const std::function<graft_status(graft_error**)>& call) {
    expect_error(GRAFT_INVALID_ARGUMENT, name + ": expected", call);
  };
  null("path", [&](auto** e) { return graft_classifier_open(nullptr, nullptr, &opened, e); });
  null("result", [&](auto** e) { return graft_classifier_open("x", nullptr, nullptr, e); });
  null("bytes", [&](auto** e) { return graft_classifier_open_bytes(nullptr, 5, nullptr, &opened, e); });
  null("bytes", [&](auto** e) { return graft_classifier_open_bytes(&byte, 0, nullptr, &opened, e); });
  null("network", [&](auto** e) { return graft_classifier_imagenet(nullptr, nullptr, &opened, e); });
  null("classifier",
       [&](auto** e) { return graft_classify_file(nullptr, photo.c_str(), nullptr, &answer, e); });
  null("path", [&](auto** e) { return graft_classify_file(classifier_, nullptr, nullptr, &answer, e); });
  null("result",
       [&](auto** e) { return graft_classify_file(classifier_, photo.c_str(), nullptr, nullptr, e); });
  null("bytes", [&](auto** e) { return graft_classify_bytes(classifier_, nullptr, 1, nullptr, &answer, e); });
  null("pixels",
       [&](auto** e) { return graft_classify_pixels(classifier_, &byte, nullptr, nullptr, &answer, e); });
  const graft_pixels pixels{.size = sizeof pixels, .width = 1, .height = 1, .channels = 3};
  null("data",
       [&](auto** e) { return graft_classify_pixels(classifier_, nullptr, &pixels, nullptr, &answer, e); });
  null("classifier",
       [&](auto** e) { return graft_features_file(nullptr, photo.c_str(), nullptr, &features, e); });
  null("bytes",
       [&](auto** e) { return graft_features_bytes(classifier_, nullptr, 1, nullptr, &features, e); });
  null("classifier", [&](auto** e) { return graft_classifier_save(nullptr, "x.keras", e); });
  null("path", [&](auto** e) { return graft_classifier_save(classifier_, nullptr, e); });
  null("classifier", [&](auto** e) { return graft_classifier_export_onnx(nullptr, "x.onnx", nullptr, e); });
  null("path", [&](auto** e) { return graft_classifier_export_onnx(classifier_, nullptr, nullptr, e); });
  null("photos", [&](auto** e) { return graft_train(nullptr, nullptr, &training, e); });
  null("training", [&](auto** e) { return graft_training_classifier(nullptr, nullptr, &opened, e); });
  graft_training_facts facts{.size = sizeof facts};
  null("training", [&](auto** e) { return graft_training_get_facts(nullptr, &facts, e); });
  graft_prediction prediction{.size = sizeof prediction};
  null("answer", [&](auto** e) { return graft_answer_prediction(nullptr, 0, &prediction, e); });
  graft_decision decision{.size = sizeof decision};
  null("answer", [&](auto** e) { return graft_answer_decision(nullptr, &decision, e); });
  EXPECT_EQ(answer, nullptr);
}

TEST_F(CErrors, FilesThatAreNoneOrBroken) {
  graft_classifier* opened = nullptr;
  graft_answer* answer = nullptr;
  const auto open = [&](const char* name) {
    return [&, file = path(name)](graft_error** e) {
      return graft_classifier_open(file.c_str(), nullptr, &opened, e);
    };
  };
  expect_error(GRAFT_NOT_FOUND, "nowhere.keras", open("nowhere.keras"));
  expect_error(GRAFT_BAD_FILE, "broken.keras", open("broken.keras"));
  const std::string text(200, 'x');
  expect_error(GRAFT_BAD_FILE, "the model in memory", [&](auto** e) {
    return graft_classifier_open_bytes(text.data(), text.size(), nullptr, &opened, e);
  });
  EXPECT_EQ(opened, nullptr);
  const auto photo = [&](const char* name) {
    return [&, file = path(name)](graft_error** e) {
      return graft_classify_file(classifier_, file.c_str(), nullptr, &answer, e);
    };
  };
  expect_error(GRAFT_NOT_FOUND, "nowhere.jpg", photo("nowhere.jpg"));
  expect_error(GRAFT_BAD_FILE, "broken.jpg", photo("broken.jpg"));
  expect_error(GRAFT_BAD_FILE, "", [&](auto** e) {
    return graft_classify_bytes(classifier_, text.data(), text.size(), nullptr, &answer, e);
  });
  EXPECT_EQ(answer, nullptr);
  expect_error(GRAFT_IO, "", [&](auto** e) {
    return graft_classifier_save(classifier_, path("no/such/folder/x.keras").c_str(), e);
  });
  expect_error(GRAFT_INVALID_ARGUMENT, "x.tflite",
               [&](auto** e) { return graft_classifier_save(classifier_, path("x.tflite").c_str(), e); });
}

TEST_F(CErrors, SizesOfStructsAreChecked) {
  expect_refused({.size = 0}, "size");
  expect_refused({.size = sizeof(graft_classify_options) - 1}, "size");
  // A program that was compiled with a later header: what it does not use is 0.
  struct {
    graft_classify_options known;
    std::int64_t later;
  } options{.known = {.size = sizeof options}, .later = 0};
  graft_answer* answer = nullptr;
  ASSERT_EQ(graft_classify_file(classifier_, path("red.ppm").c_str(), &options.known, &answer, nullptr),
            GRAFT_OK);
  options.later = 1;
  expect_refused(options.known, "size", GRAFT_UNSUPPORTED);
  graft_prediction prediction{.size = 8};
  expect_error(
      GRAFT_INVALID_ARGUMENT, "prediction: expected its size",
      [&](auto** e) { return graft_answer_prediction(answer, 0, &prediction, e); }, "size");
  EXPECT_EQ(prediction.name, nullptr);
  prediction.size = sizeof prediction;
  expect_error(GRAFT_INVALID_ARGUMENT, "rank",
               [&](auto** e) { return graft_answer_prediction(answer, 2, &prediction, e); });
  expect_error(GRAFT_INVALID_ARGUMENT, "decision",
               [&](auto** e) { return graft_answer_decision(answer, nullptr, e); });
  EXPECT_EQ(graft_answer_prediction(answer, 1, &prediction, nullptr), GRAFT_OK);
  EXPECT_EQ(prediction.size, sizeof prediction);
  graft_answer_free(answer);
}

TEST_F(CErrors, OptionsOutOfRangeAreNamed) {
  expect_refused({.size = sizeof(graft_classify_options), .views = -1}, "views");
  expect_refused({.size = sizeof(graft_classify_options), .views = 13}, "views");
  expect_refused({.size = sizeof(graft_classify_options), .reject = 2}, "reject");
  expect_refused({.size = sizeof(graft_classify_options), .reject = 1},
                 "reject");  // the file has no threshold
  expect_refused({.size = sizeof(graft_classify_options), .reject = 1, .reject_below = 2}, "reject_below");
  expect_refused({.size = sizeof(graft_classify_options), .reject = 1, .reject_below = NAN}, "reject_below");
  expect_refused({.size = sizeof(graft_classify_options), .reject_below = 0.5}, "reject_below");
  expect_refused({.size = sizeof(graft_classify_options), .exif = "sometimes"}, "exif");
  expect_refused({.size = sizeof(graft_classify_options), .max_pixels = -1}, "max_pixels");
  graft_answer* answer = nullptr;
  const graft_classify_options few{.size = sizeof few, .max_pixels = 100};
  expect_error(GRAFT_RESOURCE_LIMIT, "", [&](auto** e) {
    return graft_classify_file(classifier_, path("red.ppm").c_str(), &few, &answer, e);
  });
  graft_features* features = nullptr;
  const graft_classify_options views{.size = sizeof views, .views = 2};
  expect_error(
      GRAFT_INVALID_ARGUMENT, "views",
      [&](auto** e) {
        return graft_features_file(classifier_, path("red.ppm").c_str(), &views, &features, e);
      },
      "views");
}

TEST_F(CErrors, PixelsThatAreNotThere) {
  const std::size_t size = sizeof(graft_pixels);
  expect_pixels_refused({.size = 0}, GRAFT_INVALID_ARGUMENT, "size");
  expect_pixels_refused({.size = size}, GRAFT_INVALID_ARGUMENT, "pixels");
  expect_pixels_refused({.size = size, .width = -1, .height = 1, .channels = 3}, GRAFT_INVALID_ARGUMENT, "-1",
                        "width");
  expect_pixels_refused({.size = size, .width = 2, .height = 2, .channels = 4}, GRAFT_SHAPE_MISMATCH,
                        "3 channels");
  expect_pixels_refused({.size = size, .width = 2, .height = 2, .channels = 3, .stride = 5},
                        GRAFT_INVALID_ARGUMENT, "stride");
  expect_pixels_refused({.size = size, .width = 10, .height = 10, .channels = 3, .length = 299},
                        GRAFT_INVALID_ARGUMENT, "299 bytes are too few");
  expect_pixels_refused({.size = size, .width = 2, .height = 10, .channels = 3, .stride = 40, .length = 300},
                        GRAFT_INVALID_ARGUMENT, "too few");
  const std::int64_t most = std::int64_t{1} << 31;
  expect_pixels_refused({.size = size, .width = most, .height = most, .channels = 3}, GRAFT_RESOURCE_LIMIT,
                        "");
}

}  // namespace
}  // namespace graft::test
