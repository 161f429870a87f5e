// SPDX-License-Identifier: Apache-2.0
// Classifier::with_own_plans: one classifier in several threads, each on some of the cores.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/classifier.hpp"
#include "graft/evaluation.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft {
namespace {

/// With the 1000 classes of ImageNet: threads share out the sums of such a Dense.
/// Weights far enough from the initial ones that answers differ between photos.
Classifier network(const char* name, int threads) {
  Model model = applications::find_application(name).build({.input_shape = {96, 96, 3}, .weights = "none"});
  for (const VariablePtr& weight : model.weights())
    weight->assign(test::golden_weight(weight->path(), weight->name(), weight->shape()));
  return {model, nullptr, {.threads = threads, .dtype_policy = DTypePolicy::float32}};
}

Tensor pixels(const char* seed) {
  Tensor batch({1, 96, 96, 3});
  const std::vector<double> values = test::u01(seed, batch.data().size());
  std::ranges::transform(values, batch.data().begin(), [](double u) { return static_cast<float>(255 * u); });
  return batch;
}

bool same_bits(const Tensor& a, const Tensor& b) { return std::ranges::equal(a.data(), b.data()); }

TEST(OwnPlans, FewerThreadsGiveTheSameBits) {
  for (const char* name : {"mobilenet_v2", "resnet50", "efficientnet_b0", "densenet121"}) {
    for (const int threads : {2, 3}) {
      const Classifier classifier = network(name, threads);
      const Tensor photo = pixels(name);
      const Tensor expected = classifier.probabilities(photo);
      for (int limit = 1; limit < threads; ++limit) {
        const ThreadLimit fewer(limit);
        EXPECT_TRUE(same_bits(classifier.probabilities(photo), expected)) << name << ' ' << threads;
        // Plans that are made meanwhile are those of all threads.
        EXPECT_TRUE(same_bits(classifier.with_own_plans().probabilities(photo), expected))
            << name << ' ' << threads;
      }
    }
  }
}

TEST(OwnPlans, ThreadsComputeAtTheSameTime) {
  const Classifier classifier = network("mobilenet_v2", 2);
  const Tensor a = pixels("a"), b = pixels("b");
  const Tensor of_a = classifier.probabilities(a), of_b = classifier.probabilities(b);
  EXPECT_FALSE(same_bits(of_a, of_b));
  int wrong[2] = {};
  const auto compute = [&](int i) {
    const ThreadLimit one(1);
    const Classifier own = classifier.with_own_plans();
    for (int k = 0; k < 10; ++k)
      wrong[i] += same_bits(own.probabilities(i == 0 ? a : b), i == 0 ? of_a : of_b) ? 0 : 1;
  };
  std::thread other([&] { compute(1); });
  compute(0);
  other.join();
  EXPECT_EQ(wrong[0], 0);
  EXPECT_EQ(wrong[1], 0);
}

TEST(OwnPlans, NamesAndTrainingFeaturesAreTheSame) {
  const SymbolicTensor input = Input({4, 4, 3});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D()(input);
  Classifier classifier(Model(input, layers::Dense({.units = 2, .activation = "softmax"})(mean)),
                        {{"class_names", {"red", "blue"}}});
  TrainingFeatures known{.rows = Tensor({20, 3}), .limit = 0.5};
  for (std::int64_t i = 0; i < 20; ++i) known.rows.slice(i, i + 1).data<float>()[0] = 1;
  classifier.set_training_features(known);
  const Classifier other = classifier.with_own_plans();
  EXPECT_EQ(other.class_names(), classifier.class_names());
  ASSERT_NE(other.training_features(), nullptr);
  EXPECT_EQ(other.training_features()->limit, 0.5);
  const Tensor photo = Tensor({1, 4, 4, 3});
  EXPECT_EQ(other.answers(photo).distances, classifier.answers(photo).distances);
  EXPECT_EQ(other.answers(photo).distances.size(), 1U);
}

}  // namespace
}  // namespace graft
