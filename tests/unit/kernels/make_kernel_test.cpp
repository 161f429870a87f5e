// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/parallel.hpp"
#include "graft/error.hpp"

#include "bf16_cases.hpp"
#include "cases.hpp"

namespace graft::kernels::test {
namespace {

TEST(MakeKernel, RefusesReshape) {
  const Argument x{Shape{2, 3}};
  EXPECT_FALSE(reference().make({.params = ops::Reshape{}, .inputs = {x}, .outputs = {x}}));
  try {
    (void)make_kernel({.params = ops::Reshape{}, .inputs = {x}, .outputs = {x}});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_NE(std::string(error.what()).find("Reshape"), std::string::npos);
  }
}

TEST(MakeKernel, RefusesAWrongNumberOfArguments) {
  const Argument x{Shape{2, 3}};
  EXPECT_THROW(
      (void)make_kernel({.params = ops::Binary{ops::BinaryKind::add}, .inputs = {x}, .outputs = {x}}), Error);
  EXPECT_THROW((void)make_kernel({.params = ops::Softmax{}, .inputs = {x}, .outputs = {}}), Error);
}

TEST(MakeKernel, UsesTheFirstBackendThatSupportsTheOp) {
  const Argument image{Shape{1, 8, 8, 16}};
  const auto convolution = make_kernel({.params = ops::Convolution{.window = {.height = 1, .width = 1}},
                                        .inputs = {image, {Shape{1, 1, 16, 16}}, {{}, false}, {{}, false}},
                                        .outputs = {image}});
  EXPECT_EQ(convolution->implementation().substr(0, 6), "onednn");
  const auto add = make_kernel(
      {.params = ops::Binary{ops::BinaryKind::add}, .inputs = {image, image}, .outputs = {image}});
  EXPECT_EQ(add->implementation(), "native");
}

TEST(MakeKernel, DenseOfOneRowIsNativeAndEqualsTheReference) {
  std::uint64_t seed = 0;
  for (const std::int64_t in : {1, 7, 8, 65, 2048}) {
    for (const std::int64_t out : {1, 3, 100, 1000}) {
      ++seed;
      const Case c{.params = ops::Dense{ops::activation_from_name(seed % 2 == 0 ? "relu" : "linear")},
                   .inputs = {random_tensor({1, in}, seed), random_tensor({in, out}, seed + 1),
                              seed % 3 == 0 ? std::nullopt : std::optional(random_tensor({out}, seed))},
                   .outputs = {Tensor(Shape{1, out})}};
      EXPECT_EQ(make_kernel(c.spec())->implementation(), "native");
      expect_as_reference(native(), c, 2e-5);
    }
  }
}

TEST(MakeKernel, SupportsEmptyArrays) {
  const Tensor none(Shape{0, 4, 4, 3});
  const Tensor no_columns(Shape{2, 4, 0, 3});
  for (const Tensor& x : {none, no_columns}) {
    for (const ops::Params& params :
         std::vector<ops::Params>{ops::RandomTransform{.angle = {-1, 1}}, ops::Softmax{},
                                  ops::RandomContrast{}, ops::ActivationForward{}, ops::Dropout{}}) {
      const Case c{.params = params, .inputs = {x}, .outputs = {Tensor(x.shape())}};
      const auto kernel = make_kernel(c.spec());
      EXPECT_EQ(run(*kernel, c)[0]->count(), 0);
    }
  }
}

/// Ops that plans let several threads run at once; some kernels keep something from run to run. The same for
/// all threads, as weights are, are the inputs after the first.
std::vector<Case> concurrent_cases() {
  const Shape image{2, 9, 8, 32};
  const ops::Window three{
      .height = 3, .width = 3, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1};
  std::vector<Case> cases;
  const auto add = [&](const ops::Params& params, const std::vector<Shape>& weights, const Shape& result) {
    Case c{.params = params, .inputs = {random_tensor(image, 1)}, .outputs = {Tensor(result)}};
    for (const Shape& shape : weights) c.inputs.emplace_back(random_tensor(shape, 2));
    cases.push_back(c);
  };
  add(ops::Convolution{.window = {.height = 1, .width = 1}, .activation = ops::activation_from_name("swish")},
      {{1, 1, 32, 48}, {48}}, {2, 9, 8, 48});
  add(ops::Convolution{.window = three, .groups = 32, .activation = ops::activation_from_name("relu6")},
      {{3, 3, 1, 32}, {32}}, image);
  add(ops::ScaleShift{ops::activation_from_name("relu")}, {{32}, {32}}, image);
  add(ops::GlobalPool{}, {}, {2, 32});
  add(ops::ActivationForward{ops::activation_from_name("sigmoid")}, {}, image);
  add(ops::Softmax{}, {}, image);
  add(ops::ConvolutionBackwardInput{.window = three}, {{3, 3, 8, 32}}, {2, 9, 8, 8});
  add(ops::ConvolutionBackwardInput{.window = three, .groups = 32}, {{3, 3, 1, 32}}, image);
  add(ops::ConvolutionBackwardKernel{.window = three}, {{2, 9, 8, 24}}, {3, 3, 32, 24});
  add(ops::ConvolutionBackwardKernel{.window = {.height = 1, .width = 1}}, {{2, 9, 8, 48}}, {1, 1, 32, 48});
  add(ops::ConvolutionBackwardKernel{.window = three, .groups = 32}, {image}, {3, 3, 1, 32});
  add(ops::ActivationBackward{ops::activation_from_name("relu6")}, {image}, image);
  Case winograd{
      .params = ops::Convolution{.window = three},
      .inputs = {random_tensor({4, 14, 14, 32}, 3), random_tensor({3, 3, 32, 64}, 4), random_tensor({64}, 5)},
      .outputs = {Tensor(Shape{4, 14, 14, 64})}};
  cases.push_back(winograd);
  return cases;
}

TEST(MakeKernel, AllowsConcurrentRuns) {
  constexpr std::size_t kThreads = 2, kRounds = 200;
  const int before = num_threads();
  set_num_threads(static_cast<int>(kThreads));
  for (const Case& c : concurrent_cases()) {
    Spec spec = c.spec();
    spec.concurrency = static_cast<int>(kThreads);
    std::vector<View> weights{View{}};
    for (std::size_t i = 1; i < c.inputs.size(); ++i) {
      spec.inputs[i].constant = true;
      weights.push_back(view_of(*c.inputs[i]));
    }
    const auto kernel = make_kernel(spec);
    ASSERT_TRUE(kernel->allows_concurrent_runs());
    kernel->pack(weights);
    std::vector<Tensor> images;
    std::vector<Tensor> results;  // of every round its own: the next would hide what went elsewhere
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      images.push_back(random_tensor(c.inputs[0]->shape(), 10 + thread));
      for (std::size_t round = 0; round < kRounds; ++round) results.emplace_back(c.outputs[0]->shape());
    }
    parallel_for(kThreads, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t thread = begin; thread < end; ++thread) {
        std::vector<View> inputs = weights;
        inputs[0] = view_of(images[thread]);
        for (std::size_t round = 0; round < kRounds; ++round) {
          const std::vector<MutableView> outputs{view_of(results[thread * kRounds + round])};
          kernel->run({.thread = thread}, inputs, outputs);
        }
      }
    });
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      Case own = c;
      own.inputs[0] = images[thread];
      const Tensor expected = *run(reference(), own)[0];
      for (std::size_t round = 0; round < kRounds; ++round) {
        const auto got = results[thread * kRounds + round].data();
        for (std::size_t i = 0; i < expected.data().size(); ++i)
          ASSERT_NEAR(got[i], expected.data()[i], 1e-4) << c.describe() << ", thread " << thread;
      }
    }
  }
  set_num_threads(before);
}

/// A row that bfloat16's own loops leave to a float32 kernel between conversions, one for each thread.
TEST(MakeKernel, MakesAConvertingKernelForEachThread) {
  constexpr std::int64_t kWidth = 4096;
  const Argument row{.shape = {1, kWidth}, .dtype = DType::bfloat16};
  const Argument weight{.shape = {kWidth}};
  const auto kernel = make_kernel(
      {.params = ops::ScaleShift{}, .inputs = {row, weight, weight}, .outputs = {row}, .concurrency = 2});
  const Tensor scale = random_tensor({kWidth}, 2);
  const Tensor shift = random_tensor({kWidth}, 3);
  const Tensor x = to_bf16(random_tensor({1, kWidth}, 1));
  const Case expected{.params = ops::ScaleShift{},
                      .inputs = {from_bf16(x), scale, shift},
                      .outputs = {Tensor(Shape{1, kWidth})}};
  const Tensor y = *run(reference(), expected)[0];
  for (const std::size_t thread : {0U, 1U}) {
    Tensor got({1, kWidth}, DType::bfloat16);
    kernel->run({.thread = thread}, std::vector<View>{view_of(x), view_of(scale), view_of(shift)},
                std::vector<MutableView>{view_of(got)});
    const Tensor wide = from_bf16(got);
    for (std::size_t i = 0; i < y.data().size(); ++i) ASSERT_NEAR(wide.data()[i], y.data()[i], kRounding * 2);
  }
}

/// 3 channels of 1 or 2 bytes do not fill a word: elements must still move as they are.
TEST(MakeKernel, OpsThatMoveElementsRunOnEveryTypeWithoutConversion) {
  const Shape shape{2, 2, 2, 3};
  std::vector<float> numbers(24);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const Tensor x = Tensor::from(shape, numbers);
  for (const DType dtype : {DType::bfloat16, DType::uint8}) {
    const auto argument = [&](const Shape& of) {
      return Argument{.shape = of, .dtype = dtype, .scale = 0.5F};
    };
    const Tensor moved = x.to(dtype);
    const auto run_on = [&](const ops::Params& params, std::size_t inputs, const Shape& y_shape) {
      const auto kernel = make_kernel({params, std::vector(inputs, argument(shape)), {argument(y_shape)}});
      EXPECT_EQ(kernel->implementation(), "native");
      Tensor y(y_shape, dtype);
      kernel->run({}, std::vector<View>(inputs, view_of(moved)), std::vector<MutableView>{view_of(y)});
      return y.to(DType::float32);
    };
    const Tensor slice = run_on(ops::Slice{.axis = 3, .begin = 1}, 1, {2, 2, 2, 1});
    EXPECT_EQ(slice.data()[7], 22);
    const Tensor joined = run_on(ops::Concatenate{.axis = 3}, 2, {2, 2, 2, 6});
    EXPECT_EQ(joined.data()[47], 23);
    EXPECT_EQ(joined.data()[42], 21);
    const Tensor padded = run_on(ops::Pad{.left = 1}, 1, {2, 2, 3, 3});
    EXPECT_EQ(padded.data()[2], 0);
    EXPECT_EQ(padded.data()[3], 0.0F + x.data()[0]);
    const Tensor cropped = run_on(ops::Crop{.top = 1}, 1, {2, 1, 2, 3});
    EXPECT_EQ(cropped.data()[6], 18);
  }
}

}  // namespace
}  // namespace graft::kernels::test
