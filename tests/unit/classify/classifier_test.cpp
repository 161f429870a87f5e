// SPDX-License-Identifier: Apache-2.0
#include "graft/classifier.hpp"

#include <cmath>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"

#include "support.hpp"

namespace graft {
namespace {

/// Averages the colours: output i is the mean of channel i, over 255.
Model color_model(std::int64_t units, const std::string& activation = "linear") {
  const SymbolicTensor input = Input({4, 6, 3});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D()(input);
  const Layer head = layers::Dense({.units = units, .activation = activation});
  const SymbolicTensor output = head(mean);
  Tensor& kernel = head.weights()[0]->mutable_value();
  std::fill(kernel.data().begin(), kernel.data().end(), 0.0F);
  for (std::int64_t i = 0; i < units; ++i)
    kernel.data()[static_cast<std::size_t>(i * units + i)] = 1.0F / 255;
  return Model(input, output);
}

/// A picture of one colour.
Tensor pixels(int red, int green, int blue, std::int64_t size = 5) {
  Tensor image({size, size, 3}, DType::uint8);
  const auto data = image.data<std::uint8_t>();
  for (std::size_t i = 0; i < data.size(); i += 3) {
    data[i] = static_cast<std::uint8_t>(red);
    data[i + 1] = static_cast<std::uint8_t>(green);
    data[i + 2] = static_cast<std::uint8_t>(blue);
  }
  return image;
}

Json metadata(const std::string& output, const std::vector<std::string>& names) {
  return {{"class_names", names}, {"image_size", {4, 6}}, {"output", output}, {"exif", "ignore"}};
}

TEST(Classifier, LogitsBecomeProbabilitiesSorted) {
  const Classifier classifier(color_model(3), metadata("logits", {"red", "green", "blue"}));
  EXPECT_EQ(classifier.image_size(), (Size2D{4, 6}));
  EXPECT_EQ(classifier.load_options().decode.exif, data::Exif::ignore);
  const auto best = classifier.predict(pixels(0, 255, 51), {.top = 2});
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(best[0].name, "green");
  EXPECT_EQ(best[0].class_id, "green");
  EXPECT_EQ(best[1].name, "blue");
  const double sum = 1 + std::exp(1.0) + std::exp(0.2);
  EXPECT_NEAR(best[0].probability, std::exp(1.0) / sum, 1e-6);
  EXPECT_NEAR(best[1].probability, std::exp(0.2) / sum, 1e-6);
}

TEST(Classifier, OneOutputTellsTwoClassesApart) {
  const Classifier logit(color_model(1), metadata("binary_logit", {"dark", "red"}));
  const Tensor row = logit.probabilities(Tensor::full({1, 4, 6, 3}, 255));
  EXPECT_NEAR(row.data()[1], 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_NEAR(row.data()[0] + row.data()[1], 1, 1e-6);
  // Without metadata the last activation says it.
  const Classifier sigmoid(color_model(1, "sigmoid"), nullptr);
  EXPECT_EQ(sigmoid.class_names(), (std::vector<std::string>{"0", "1"}));
  EXPECT_NEAR(sigmoid.probabilities(Tensor::full({1, 4, 6, 3}, 255)).data()[1], row.data()[1], 1e-6);
}

TEST(Classifier, BatchesOfAnySizeGiveTheSameRows) {
  const Classifier classifier(color_model(3, "softmax"), nullptr);
  constexpr std::int64_t kRows = 75;  // two full batches and a filled one
  Tensor batch({kRows, 4, 6, 3});
  for (std::size_t i = 0; i < batch.data().size(); ++i)
    batch.data()[i] = static_cast<float>((i * 7919) % 256);
  const Tensor all = classifier.probabilities(batch);
  ASSERT_EQ(all.shape(), (Shape{kRows, 3}));
  for (std::int64_t i = 0; i < kRows; ++i) {
    EXPECT_LT(test::max_difference(classifier.probabilities(batch.slice(i, i + 1)).data(),
                                   all.slice(i, i + 1).data()),
              1e-6);
  }
  const auto dataset = data::Dataset::from_tensors(batch, {}, {.batch_size = 10, .shuffle = true});
  EXPECT_LT(test::max_difference(classifier.probabilities(dataset).data(), all.data()), 1e-6);
}

TEST(Classifier, FileBytesPixelsAndDatasetAgree) {
  GRAFT_REQUIRE_DATA(data);
  const auto path = data / "ugly" / "exif_Landscape_6.jpg";
  const Classifier classifier(color_model(3), nullptr);
  const double first = classifier.predict(path)[0].probability;
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(classifier.predict(std::as_bytes(std::span(text)))[0].probability, first);
  EXPECT_EQ(classifier.predict(data::read_image(path))[0].probability, first);
  const data::PhotoSet photos = data::load_photos({.paths = {path}}, classifier.load_options());
  const Tensor rows = classifier.probabilities(photos.all());
  EXPECT_EQ(classifier.best(rows.data())[0].probability, first);
}

TEST(Classifier, OpensAFolderAndIsSharedBetweenThreads) {
  const test::TemporaryFolder folder;
  saving::save_model(color_model(3), folder.path() / "model.keras",
                     {.extra = {{kMetadataEntry, metadata("logits", {"r", "g", "b"}).dump()}}});
  const Classifier classifier = Classifier::open(folder.path());
  EXPECT_EQ(classifier.class_names(), (std::vector<std::string>{"r", "g", "b"}));
  std::vector<std::thread> threads;
  std::vector<std::string> said(8);
  for (std::size_t i = 0; i < said.size(); ++i) {
    threads.emplace_back(
        [&, i] { said[i] = classifier.predict(pixels(i % 2 == 0 ? 255 : 0, 99, 0))[0].name; });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < said.size(); ++i) EXPECT_EQ(said[i], i % 2 == 0 ? "r" : "g");
}

TEST(Classifier, AModelSavedWithClassNamesHasThem) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "named.keras";
  color_model(3, "softmax").save(file, {"red", "green", "blue"});
  const Classifier classifier = Classifier::open(file);
  EXPECT_EQ(classifier.class_names(), (std::vector<std::string>{"red", "green", "blue"}));
  EXPECT_EQ(classifier.predict(pixels(0, 255, 51), {.top = 1}).front().name, "green");
  EXPECT_THROW(color_model(3).save(folder.path() / "two.keras", {"red", "green"}), Error);
  EXPECT_THROW(color_model(2).save(folder.path() / "twice.keras", {"red", "red"}), Error);
  EXPECT_THROW(color_model(2).save(folder.path() / "old.h5", {"red", "green"}), Error);
  color_model(1, "sigmoid").save(folder.path() / "one.keras", {"dark", "red"});
  EXPECT_EQ(Classifier::open(folder.path() / "one.keras").class_names().back(), "red");
}

TEST(Classifier, MetadataThatDoesNotFitIsRefused) {
  const Model model = color_model(3);
  for (const Json& bad : {Json{{"class_names", {"a", "b"}}}, Json{{"class_names", {1, 2, 3}}},
                          Json{{"class_names", 3}}, Json{{"output", "binary_logit"}}, Json{{"output", 1}},
                          Json{{"image_size", {4, 7}}}, Json{{"image_size", {-1, 6}}},
                          Json{{"image_size", "4"}}, Json{{"exif", true}}, Json{{"interpolation", 2}}}) {
    try {
      const Classifier classifier(model, bad);
      ADD_FAILURE() << "accepted " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file) << bad;
    }
  }
  EXPECT_THROW(static_cast<void>(classifier_metadata({{kMetadataEntry, "[1]"}}, "m.keras")), Error);
  EXPECT_THROW(
      static_cast<void>(classifier_metadata({{kMetadataEntry, std::string(100000, '[')}}, "m.keras")), Error);
  EXPECT_TRUE(classifier_metadata({}, "m.keras").is_null());
  const Classifier classifier(model, nullptr);
  EXPECT_THROW(static_cast<void>(classifier.predict(Tensor({4, 6, 3}))), Error);
  EXPECT_THROW(static_cast<void>(classifier.predict(pixels(1, 2, 3), {.top = 0})), Error);
  EXPECT_THROW(static_cast<void>(classifier.probabilities(Tensor({1, 6, 4, 3}))), Error);
}

}  // namespace
}  // namespace graft
