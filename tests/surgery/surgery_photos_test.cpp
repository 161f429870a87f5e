// SPDX-License-Identifier: Apache-2.0
// A classifier trained on real photos, rebuilt in every way: what it knew it still knows.
#include <algorithm>
#include <cmath>
#include <iostream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/layers.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/photos.hpp"
#include "graft/surgery.hpp"
#include "graft/train.hpp"

#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSize = 160;

/// The trained classifier, made once for all tests.
const transfer::TrainResult& trained(const fs::path& data) {
  static const transfer::TrainResult result = [&] {
    const fs::path photos = data / "photos" / "cats_dogs";
    return transfer::train(
        photos / "train",
        {.weights = (data / "weights" / "mobilenet_v2_1.0_224_no_top_keras_layout.h5").string(),
         .image_size = Size2D{kSize},
         .recipe = transfer::HeadRecipe{},
         .test = photos / "test",
         .seed = 1});
  }();
  return result;
}

/// The test photos as a classifier sees them, in the order of their names, and their labels.
struct Photos {
  Tensor pixels;
  std::vector<int> labels;
};

Photos test_photos(const fs::path& data, const Classifier& classifier) {
  const data::PhotoSet set =
      data::load_photos(data::list_photos(data / "photos" / "cats_dogs" / "test"), classifier.load_options());
  const data::Dataset all = set.all();
  Photos photos{.pixels = Tensor(all.sample_shape().with_batch(static_cast<std::int64_t>(set.size()))),
                .labels = set.labels()};
  data::BatchIterator batches = all.iterate();
  std::int64_t done = 0;
  while (const auto batch = batches.next()) {
    photos.pixels.slice(done, done + batch->images.shape()[0]).copy_from(batch->images);
    done += batch->images.shape()[0];
  }
  return photos;
}

Tensor repeated(const Tensor& grey, std::int64_t channels) {
  Shape shape = grey.shape();
  shape.set(3, channels);
  Tensor result(shape);
  for (std::size_t i = 0; i < result.data().size(); ++i)
    result.data()[i] = grey.data()[i / static_cast<std::size_t>(channels)];
  return result;
}

std::size_t best_of(const Tensor& probabilities, std::size_t row, std::size_t among) {
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  const auto first = probabilities.data().begin() + static_cast<std::ptrdiff_t>(row * width);
  return static_cast<std::size_t>(std::max_element(first, first + static_cast<std::ptrdiff_t>(among)) -
                                  first);
}

/// Among the first two classes, cats and dogs.
double accuracy(const Tensor& probabilities, const std::vector<int>& labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    right += best_of(probabilities, i, 2) == static_cast<std::size_t>(labels[i]) ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

void expect_same_answers(const Tensor& before, const Tensor& after) {
  ASSERT_EQ(before.shape(), after.shape());
  EXPECT_LT(max_difference(before.data(), after.data()), 1e-3);
  for (std::size_t i = 0; i < static_cast<std::size_t>(before.shape()[0]); ++i)
    EXPECT_EQ(best_of(before, i, 2), best_of(after, i, 2)) << "photo " << i;
}

void tell(const std::string& what, double before, double after) {
  std::cout << what << ": accuracy " << before << " before, " << after << " after\n";
}

TEST(SurgeryOnPhotos, OneChannelAnswersAsThreeEqualOnesDid) {
  GRAFT_REQUIRE_DATA(data);
  const transfer::TrainResult& result = trained(data);
  const Classifier before(result.model, result.metadata);
  const models::Edited edited = models::change_channels(result.model, {.channels = 1});
  const Classifier grey(edited.model, result.metadata);
  const Photos photos = test_photos(data, grey);
  ASSERT_EQ(photos.pixels.shape()[3], 1);
  const Tensor old_answers = before.probabilities(repeated(photos.pixels, 3));
  const Tensor answers = grey.probabilities(photos.pixels);
  tell("3 channels to 1, grey photos", accuracy(old_answers, photos.labels),
       accuracy(answers, photos.labels));
  expect_same_answers(old_answers, answers);
  EXPECT_GE(accuracy(answers, photos.labels), 0.85);
  // And on to three and four: the grey photo, repeated, is answered the same again.
  for (const std::int64_t channels : {3, 4}) {
    const Classifier more(models::change_channels(edited.model, {.channels = channels}).model,
                          result.metadata);
    expect_same_answers(old_answers, more.probabilities(repeated(photos.pixels, channels)));
  }
}

TEST(SurgeryOnPhotos, FourChannelsOnColourPhotos) {
  GRAFT_REQUIRE_DATA(data);
  const transfer::TrainResult& result = trained(data);
  const Classifier before(result.model, result.metadata);
  const Photos photos = test_photos(data, before);
  Tensor with_fourth({photos.pixels.shape()[0], kSize, kSize, 4});
  for (std::size_t i = 0; i < with_fourth.data().size(); ++i)
    with_fourth.data()[i] = i % 4 == 3 ? 255 : photos.pixels.data()[i / 4 * 3 + i % 4];
  const Classifier zero(
      models::change_channels(result.model, {.channels = 4, .added = models::NewChannels::zero}).model,
      result.metadata);
  const Tensor old_answers = before.probabilities(photos.pixels);
  const Tensor answers = zero.probabilities(with_fourth);
  tell("3 channels to 4, the fourth at zero", accuracy(old_answers, photos.labels),
       accuracy(answers, photos.labels));
  expect_same_answers(old_answers, answers);
}

TEST(SurgeryOnPhotos, OtherSizesStayAccurate) {
  GRAFT_REQUIRE_DATA(data);
  const transfer::TrainResult& result = trained(data);
  for (const std::int64_t size : {128, 192, 224}) {
    const models::Edited edited = models::change_input_size(result.model, size);
    EXPECT_EQ(edited.report.kept.size(), result.model.weights().size());
    Json metadata = result.metadata;
    classify::update_metadata(metadata, edited.model);
    EXPECT_EQ(metadata["image_size"], (Json{size, size}));
    const Classifier after(edited.model, metadata);
    const Photos photos = test_photos(data, after);
    const double now = accuracy(after.probabilities(photos.pixels), photos.labels);
    tell(std::to_string(kSize) + " pixels to " + std::to_string(size), result.test_accuracy, now);
    EXPECT_GE(now, 0.9);
  }
}

TEST(SurgeryOnPhotos, AClassMoreAndAClassLess) {
  GRAFT_REQUIRE_DATA(data);
  const transfer::TrainResult& result = trained(data);
  const Classifier before(result.model, result.metadata);
  const Photos photos = test_photos(data, before);
  const Tensor old_answers = before.probabilities(photos.pixels);
  Json metadata = result.metadata;
  const models::Edited more =
      classify::replace_classes(result.model, metadata, {.names = {"cats", "dogs", "hamsters"}});
  const Classifier three(more.model, metadata);
  EXPECT_EQ(three.class_names().size(), 3U);
  const Tensor answers = three.probabilities(photos.pixels);
  tell("a class more, among the old ones", accuracy(old_answers, photos.labels),
       accuracy(answers, photos.labels));
  for (std::size_t i = 0; i < photos.labels.size(); ++i) {
    // Softmax takes a constant from all logits: differences of logarithms are those of the logits.
    const auto logit_gap = [&](const Tensor& p, std::size_t width) {
      return std::log(static_cast<double>(p.data()[i * width])) -
             std::log(static_cast<double>(p.data()[i * width + 1]));
    };
    EXPECT_NEAR(logit_gap(answers, 3), logit_gap(old_answers, 2), 1e-2) << i;
    EXPECT_EQ(best_of(answers, i, 2), best_of(old_answers, i, 2));
  }
  const models::Edited back = classify::replace_classes(more.model, metadata, {.names = {"cats", "dogs"}});
  EXPECT_EQ(max_difference(Classifier(back.model, metadata).probabilities(photos.pixels).data(),
                           old_answers.data()),
            0);
}

TEST(SurgeryOnPhotos, LayersInAndOutOfTheTrainedBase) {
  GRAFT_REQUIRE_DATA(data);
  const transfer::TrainResult& result = trained(data);
  const Classifier before(result.model, result.metadata);
  const Photos photos = test_photos(data, before);
  const Tensor old_answers = before.probabilities(photos.pixels);
  const models::Edited in = models::insert_after(result.model, "block_3_expand_relu",
                                                 {layers::Dropout({.rate = 0.5, .name = "rest"})});
  EXPECT_EQ(max_difference(Classifier(in.model, result.metadata).probabilities(photos.pixels).data(),
                           old_answers.data()),
            0);
  const models::Edited out = models::remove_layer(in.model, "rest");
  EXPECT_EQ(out.report.kept.size(), result.model.weights().size());
  // A residual block's last convolution and its sum cut short: hurts, but is a network still.
  const models::Edited cut = models::remove_layer(result.model, "block_16_project_BN");
  const double now =
      accuracy(Classifier(cut.model, result.metadata).probabilities(photos.pixels), photos.labels);
  tell("without block_16_project_BN", accuracy(old_answers, photos.labels), now);
  EXPECT_EQ(cut.report.dropped.size(), 4U);
}

}  // namespace
}  // namespace graft::test
