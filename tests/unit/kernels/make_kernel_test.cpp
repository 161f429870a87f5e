// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "graft/base/error.hpp"

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

TEST(MakeKernel, ReshapeHasNone) {
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
  EXPECT_THROW((void)make_kernel({.params = ops::Add{}, .inputs = {x}, .outputs = {x}}), Error);
  EXPECT_THROW((void)make_kernel({.params = ops::Softmax{}, .inputs = {x}, .outputs = {}}), Error);
}

TEST(MakeKernel, TakesTheFirstBackendThatHasIt) {
  const Argument image{Shape{1, 8, 8, 16}};
  const auto convolution = make_kernel({.params = ops::Convolution{.window = {.height = 1, .width = 1}},
                                        .inputs = {image, {Shape{1, 1, 16, 16}}, {{}, false}, {{}, false}},
                                        .outputs = {image}});
  EXPECT_EQ(convolution->implementation().substr(0, 6), "onednn");
  const auto add = make_kernel({.params = ops::Add{}, .inputs = {image, image}, .outputs = {image}});
  EXPECT_EQ(add->implementation(), "native");
}

TEST(MakeKernel, DenseOfOneRowIsNativeAndTheReferences) {
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

TEST(MakeKernel, EmptyArraysAreNoTrouble) {
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

}  // namespace
}  // namespace graft::kernels::test
