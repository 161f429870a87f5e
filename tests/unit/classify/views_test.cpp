// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft::classify {
namespace {

TEST(Views, ViewsAreThePhotoItsMirrorImageAndParts) {
  Tensor photo({1, 8, 16, 1});
  for (std::int64_t i = 0; i < photo.count(); ++i)
    photo.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i);
  const auto at = [](const Tensor& t, std::int64_t y, std::int64_t x) {
    return t.data<float>()[static_cast<std::size_t>(y * 16 + x)];
  };
  EXPECT_EQ(test::max_difference(view_of(photo, 0).data<float>(), photo.data<float>()), 0);
  const Tensor mirrored = view_of(photo, 1);
  for (std::int64_t y = 0; y < 8; ++y) {
    for (std::int64_t x = 0; x < 16; ++x) EXPECT_EQ(at(mirrored, y, x), at(photo, y, 15 - x));
  }
  EXPECT_EQ(at(view_of(photo, 4), 0, 0), at(photo, 0, 0));     // a corner stays where it is
  EXPECT_EQ(at(view_of(photo, 10), 7, 15), at(photo, 7, 15));  // the last one too
  EXPECT_GT(at(view_of(photo, 10), 0, 0), at(photo, 0, 0));
  const Tensor turned = view_of(photo, 5);
  EXPECT_EQ(at(turned, 0, 15), at(view_of(photo, 4), 0, 0));
  for (int view = 0; view < kMostViews; ++view) EXPECT_EQ(view_of(photo, view).shape(), photo.shape());
}

TEST(Views, ProbabilitiesAreTheMeansOverTheViews) {
  const SymbolicTensor input = Input({4, 6, 3});
  const Layer flat = layers::Flatten();
  const Layer head = layers::Dense({.units = 3, .activation = "softmax"});
  const Model model(input, head(flat(input)));
  for (const VariablePtr& weight : model.weights())
    weight->assign(test::golden_weight(weight->path(), weight->name(), weight->shape()));
  const Classifier classifier(
      model, {{"class_names", {"a", "b", "c"}}, {"image_size", {4, 6}}, {"output", "softmax"}});
  Tensor photos({5, 4, 6, 3});
  const std::vector<double> u = test::u01("views", static_cast<std::size_t>(photos.count()));
  for (std::size_t i = 0; i < u.size(); ++i) photos.data<float>()[i] = static_cast<float>(u[i]);
  const auto dataset = data::Dataset::from_tensors(photos, {}, {.batch_size = 2});
  const Tensor one = classifier.probabilities(photos);
  EXPECT_EQ(
      test::max_difference(averaged_probabilities(classifier, dataset, 1).data<float>(), one.data<float>()),
      0);
  const Tensor other = classifier.probabilities(view_of(photos, 1));
  const Tensor both = averaged_probabilities(classifier, dataset, 2);
  for (std::size_t i = 0; i < 15; ++i)
    EXPECT_NEAR(both.data<float>()[i], (one.data<float>()[i] + other.data<float>()[i]) / 2, 1e-6);
  EXPECT_GT(test::max_difference(both.data<float>(), one.data<float>()), 1e-4);
  EXPECT_THROW((void)averaged_probabilities(classifier, dataset, 0), Error);
  EXPECT_THROW((void)averaged_probabilities(classifier, dataset, kMostViews + 1), Error);
}

}  // namespace
}  // namespace graft::classify
