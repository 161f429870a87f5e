// SPDX-License-Identifier: Apache-2.0
// Random graphs: results with memory reused and ops fused equal those with every value kept.
#include <array>
#include <cmath>
#include <span>

#include <gtest/gtest.h>

#include "graft/base/parallel.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

SymbolicTensor random_layer(Rng& rng, const std::vector<SymbolicTensor>& known) {
  const auto pick = [&] { return known[rng.below(known.size())]; };
  switch (rng.below(8)) {
    case 0:
      return layers::Conv2D({.filters = 4, .kernel_size = 3, .padding = Padding::same})(pick());
    case 1:
      return layers::DepthwiseConv2D({.kernel_size = 3, .padding = Padding::same, .use_bias = false})(pick());
    case 2:
      return layers::BatchNormalization()(pick());
    case 3:
      return layers::Activation(rng.below(2) == 0 ? "relu" : "swish")(pick());
    case 4:
      return layers::Reshape({.target_shape = {6, 6, 4}})(layers::Flatten()(pick()));
    case 5:
      return layers::Dense({.units = 4, .activation = "tanh"})(pick());
    case 6:
      return layers::Conv2D({.filters = 4, .kernel_size = 1})(
          layers::Concatenate()(std::vector{pick(), pick()}));
    default:
      return layers::Add()(std::vector{pick(), pick()});
  }
}

Model random_model(std::uint64_t seed) {
  clear_session();
  Rng rng(seed);
  std::vector<SymbolicTensor> known{Input({6, 6, 4}, "image")};
  for (int i = 0; i < 14; ++i) known.push_back(random_layer(rng, known));
  const std::vector<SymbolicTensor> last(known.end() - 4, known.end());
  return {known.front(), layers::Dense({.units = 2})(layers::Flatten()(layers::Add()(last)))};
}

TEST(RandomGraphs, ReusedMemoryAndFusionsChangeNothing) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    const Model model = random_model(seed);
    test::fill_weights(model);
    const Tensor input = test::random_tensor({2, 6, 6, 4}, "x");
    PlanOptions every{.batch_size = 2, .outputs = {model.outputs()[0]}};
    for (const Layer& layer : model.layers()) every.outputs.push_back(layer.output());
    Plan kept = Plan::lower(model, every);
    kept.forward(input);
    Plan reused = Plan::lower(model, {.batch_size = 2});
    for (int run = 0; run < 2; ++run) {
      reused.forward(input);
      const Tensor expected = kept.output();
      double size = 1;
      for (const float x : expected.data()) size = std::max(size, std::abs(static_cast<double>(x)));
      ASSERT_LT(test::max_difference(expected.data(), reused.output().data()), 1e-5 * size);
    }
  }
}

/// Threads until the end of a test.
class Threads {
 public:
  Threads() : before_(num_threads()) {}
  ~Threads() { set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  static void set(int count) { set_num_threads(count); }

 private:
  int before_;
};

TEST(RandomGraphs, ChunksOfSamplesChangeNothing) {
  std::size_t smaller = 0;
  const Threads threads;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    // Each thread has its own chunks where the batch can be divided among them.
    const int count = std::array{1, 2, 2, 2, 3}.at(seed / 3 % 5);
    const Model model = random_model(seed);
    test::fill_weights(model);
    // A batch of 3 equals the height of a kernel: sizes must not decide which axis is the batch.
    const std::int64_t batch = seed % 3 == 0 ? 3 : 6;
    const Tensor input = test::random_tensor({batch, 6, 6, 4}, "x");
    const Tensor gradient = test::random_tensor({batch, 2}, "g");
    for (const Mode mode : {Mode::inference, Mode::training}) {
      Threads::set(1);
      Plan whole = Plan::lower(model, {.mode = mode, .batch_size = batch, .cache_bytes = 1U << 30U});
      whole.forward(input);
      Threads::set(count);
      for (const std::size_t cache : {1U, 400U, 1000U, 2500U, 6000U}) {
        Plan split = Plan::lower(model, {.mode = mode, .batch_size = batch, .cache_bytes = cache});
        if (split.arena_bytes() < whole.arena_bytes()) ++smaller;
        for (int run = 0; run < 2; ++run) split.forward(input);
        double size = 1;
        for (const float x : whole.output().data()) size = std::max(size, std::abs(static_cast<double>(x)));
        ASSERT_LT(test::max_difference(whole.output().data(), split.output().data()), 1e-5 * size);
        if (mode == Mode::inference) continue;
        whole.forward(input);  // a backward pass may write over what the forward pass left
        whole.backward(gradient);
        split.backward(gradient);
        for (std::size_t i = 0; i < whole.gradients().size(); ++i) {
          const auto expected = whole.gradients()[i].value.data();
          double largest = 1;
          for (const float x : expected) largest = std::max(largest, std::abs(static_cast<double>(x)));
          ASSERT_LT(test::max_difference(expected, split.gradients()[i].value.data()), 1e-4 * largest);
        }
      }
    }
  }
  EXPECT_GT(smaller, 100U) << "batches were not split";
}

TEST(RandomGraphs, GradientsThatAreNamedFinalAreFinal) {
  const Threads threads;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Threads::set(seed % 3 == 0 ? 2 : 1);
    const Model model = random_model(seed);
    test::fill_weights(model);
    const Tensor input = test::random_tensor({6, 6, 6, 4}, "x");
    const Tensor gradient = test::random_tensor({6, 2}, "g");
    for (const std::size_t cache : {400U, 2500U, 1U << 30U}) {
      Plan plan = Plan::lower(model, {.mode = Mode::training, .batch_size = 6, .cache_bytes = cache});
      plan.forward(input);
      std::vector<Tensor> named(plan.gradients().size());
      plan.backward(gradient, {}, [&](std::span<const std::size_t> final_ones) {
        for (const std::size_t i : final_ones) {
          ASSERT_TRUE(named.at(i).empty()) << "named twice";
          named[i] = plan.gradients()[i].value.clone();
        }
      });
      for (std::size_t i = 0; i < named.size(); ++i) {
        ASSERT_FALSE(named[i].empty()) << "gradient " << i << " was not named";
        ASSERT_EQ(test::max_difference(named[i].data(), plan.gradients()[i].value.data()), 0);
      }
    }
  }
}

TEST(RandomGraphs, ASecondBackwardReturnsTheSameGradients) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    const Model model = random_model(seed);
    test::fill_weights(model);
    const Tensor input = test::random_tensor({2, 6, 6, 4}, "x");
    const Tensor gradient = test::random_tensor({2, 2}, "g");
    const auto run = [&] {
      Plan plan = Plan::lower(model, {.mode = Mode::training, .batch_size = 2});
      std::vector<Tensor> all;
      for (int step = 0; step < 2; ++step) {
        plan.forward(input);
        plan.backward(gradient);
        for (const Gradient& g : plan.gradients()) all.push_back(g.value.clone());
      }
      return all;
    };
    const std::vector<Tensor> all = run();
    const std::size_t half = all.size() / 2;
    for (std::size_t i = 0; i < half; ++i)
      ASSERT_EQ(test::max_difference(all[i].data(), all[half + i].data()), 0) << "gradient " << i;
  }
}

}  // namespace
}  // namespace graft::plan
