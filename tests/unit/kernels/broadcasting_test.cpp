// SPDX-License-Identifier: Apache-2.0
// Binary with broadcasting, group normalisation, permutation, shared dropout, resizing backwards: native as
// the reference, the reference's gradients as its differences.
#include <cmath>
#include <iterator>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

using ops::BinaryKind;
constexpr BinaryKind kKinds[] = {BinaryKind::add,    BinaryKind::subtract, BinaryKind::multiply,
                                 BinaryKind::divide, BinaryKind::maximum,  BinaryKind::minimum,
                                 BinaryKind::prelu};

/// The second operand: for divisions away from 0, where a derivative is a very large number.
Tensor second_operand(BinaryKind kind, const Shape& shape, std::uint64_t seed) {
  Tensor b = random_tensor(shape, seed);
  for (float& value : b.data())
    if (kind == BinaryKind::divide) value += value < 0 ? -1.0F : 1.0F;
  return b;
}

struct Shapes {
  Shape a, b, y;
};

/// Each axis full in both, or 1 in one of them.
Shapes random_shapes(std::uint64_t seed) {
  Rng rng(seed, 3);
  Shapes shapes;
  const auto rank = 1 + rng.below(5);
  std::vector<std::int64_t> a;
  std::vector<std::int64_t> b;
  std::vector<std::int64_t> y;
  for (std::uint64_t axis = 0; axis < rank; ++axis) {
    const auto size = static_cast<std::int64_t>(1 + rng.below(seed % 5 == 0 ? 40 : 7));
    const auto kind = rng.below(4);
    y.push_back(size);
    a.push_back(kind == 0 ? 1 : size);
    b.push_back(kind == 1 ? 1 : size);
  }
  return {Shape(a), Shape(b), Shape(y)};
}

std::vector<Shapes> all_shapes() {
  std::vector<Shapes> result{{{2, 14, 14, 96}, {2, 1, 1, 96}, {2, 14, 14, 96}},
                             {{1, 30, 30, 96}, {1, 1, 1, 96}, {1, 30, 30, 96}},
                             {{1, 1, 1, 5000}, {3, 2, 2, 5000}, {3, 2, 2, 5000}},
                             {{4, 5000}, {4, 1}, {4, 5000}},
                             {{4, 100, 3}, {1, 1, 1}, {4, 100, 3}},
                             {{1}, {1}, {1}}};
  for (std::uint64_t seed = 0; seed < 60; ++seed) result.push_back(random_shapes(seed));
  return result;
}

TEST(Broadcasting, BinaryAndItsGradientEqualTheReference) {
  std::uint64_t seed = 0;
  for (const Shapes& s : all_shapes()) {
    const BinaryKind kind = kKinds[++seed % std::size(kKinds)];
    Tensor a = random_tensor(s.a, seed);
    const Tensor b = second_operand(kind, s.b, seed + 1000);
    for (float& value : a.data()) value = std::round(value * 4) / 4;  // some are equal
    const ops::Activation activation = ops::activation_from_name(seed % 3 == 0 ? "relu" : "linear");
    expect_as_reference(native(),
                        {.params = ops::Binary{kind, activation}, .inputs = {a, b}, .outputs = {Tensor(s.y)}},
                        1e-6);
    for (const int side : {0, 1}) {
      expect_as_reference(native(),
                          {.params = ops::BinaryBackward{kind, side},
                           .inputs = {a, b, random_tensor(s.y, seed + 2)},
                           .outputs = {Tensor(side == 0 ? s.a : s.b)}},
                          1e-5);
    }
  }
}

TEST(Broadcasting, GradientsEqualDifferences) {
  for (const BinaryKind kind : kKinds) {
    for (const Shapes& s : {Shapes{{2, 3, 4, 5}, {2, 1, 1, 5}, {2, 3, 4, 5}}, Shapes{{1, 5}, {4, 1}, {4, 5}},
                            Shapes{{3, 4}, {3, 4}, {3, 4}}}) {
      const Tensor a = random_tensor(s.a, 1);
      const Tensor b = second_operand(kind, s.b, 2);
      const Tensor dy = random_tensor(s.y, 3);
      const Case forward{.params = ops::Binary{kind}, .inputs = {a, b}, .outputs = {Tensor(s.y)}};
      for (const int side : {0, 1}) {
        const auto d = run(reference(), {.params = ops::BinaryBackward{kind, side},
                                         .inputs = {a, b, dy},
                                         .outputs = {Tensor(side == 0 ? s.a : s.b)}});
        expect_gradient(forward, dy, *d[0],
                        {.at = static_cast<std::size_t>(side), .step = 1e-4, .tolerance = 2e-2});
      }
    }
  }
}

TEST(Broadcasting, DivisionIsTheFormula) {
  const Tensor a = Tensor::from({2, 2}, std::vector<float>{1, -2, 3, 0});
  const Tensor b = Tensor::from({1, 2}, std::vector<float>{4, -8});
  for (const Backend* backend : {&reference(), &native()}) {
    const auto y =
        run(*backend,
            {.params = ops::Binary{BinaryKind::divide}, .inputs = {a, b}, .outputs = {Tensor(Shape{2, 2})}});
    const std::vector<float> expected{0.25F, 0.25F, 0.75F, 0};
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(y[0]->data()[i], expected[i]);
  }
}

TEST(Broadcasting, AddAndSubtractNeedNoSides) {
  const Tensor dy = random_tensor({3, 4, 5}, 1);
  for (const BinaryKind kind : {BinaryKind::add, BinaryKind::subtract}) {
    for (const Shape& own : {Shape{3, 1, 5}, Shape{3, 4, 5}, Shape{1, 4, 1}}) {
      expect_as_reference(native(),
                          {.params = ops::BinaryBackward{kind, 1},
                           .inputs = {std::nullopt, std::nullopt, dy},
                           .outputs = {Tensor(own)}},
                          1e-6);
    }
  }
}

TEST(GroupNormalization, EqualsTheReferenceAndItsGradientsEqualDifferences) {
  for (const auto& [shape, groups] : std::vector<std::pair<Shape, std::int64_t>>{{{3, 5, 5, 8}, 2},
                                                                                 {{2, 7, 7, 64}, 32},
                                                                                 {{300, 97}, 1},
                                                                                 {{5, 3}, 1},
                                                                                 {{2, 4, 4, 6}, 6},
                                                                                 {{1, 9, 9, 96}, 1},
                                                                                 {{40, 768}, 1},
                                                                                 {{4, 12}, 3}}) {
    const std::int64_t c = shape[-1];
    const Tensor x = random_tensor(shape, 1, 1, 3);
    const Tensor gamma = random_tensor({c}, 2);
    const Tensor dy = random_tensor(shape, 3);
    const Tensor statistics(Shape{shape[0], groups});
    const Case forward{.params = ops::GroupNormalization{.groups = groups},
                       .inputs = {x, gamma, random_tensor({c}, 4)},
                       .outputs = {Tensor(shape), statistics, statistics}};
    expect_as_reference(native(), forward, 1e-5);
    expect_as_reference(native(),
                        {.params = ops::GroupNormalization{.groups = groups},
                         .inputs = {x, std::nullopt, std::nullopt},
                         .outputs = {Tensor(shape), std::nullopt, std::nullopt}},
                        1e-5);
    const auto y = run(reference(), forward);
    const Case backward{.params = ops::GroupNormalizationBackward{.groups = groups},
                        .inputs = {x, gamma, y[1], y[2], dy},
                        .outputs = {Tensor(shape), Tensor(Shape{c}), Tensor(Shape{c})}};
    expect_as_reference(native(), backward, 2e-5);
    Case without = backward;
    without.inputs[1].reset();
    without.outputs[1].reset();
    expect_as_reference(native(), without, 2e-5);
    const auto gradients = run(reference(), backward);
    if (x.count() > 600) continue;
    for (std::size_t i = 0; i < 3; ++i)
      expect_gradient(forward, dy, *gradients[i], {.at = i, .step = 2e-3, .tolerance = 2e-2});
  }
}

TEST(Permute, EqualsTheReference) {
  const Tensor x = random_tensor({2, 3, 5, 4}, 1);
  for (const std::vector<int>& axes :
       {std::vector{0, 1, 2, 3}, {0, 3, 1, 2}, {3, 2, 1, 0}, {0, 2, 1, 3}, {1, 0, 3, 2}}) {
    Shape y{0, 0, 0, 0};
    for (int i = 0; i < 4; ++i) y.set(i, x.shape()[axes[static_cast<std::size_t>(i)]]);
    expect_as_reference(native(), {.params = ops::Permute{axes}, .inputs = {x}, .outputs = {Tensor(y)}}, 0);
  }
}

TEST(RandomCrop, EqualsTheReferenceAndIsAPartOfTheImage) {
  const Tensor x = random_tensor({2, 9, 8, 3}, 1);
  const Case c{.params = ops::RandomCrop{.seed = 5}, .inputs = {x}, .outputs = {Tensor(Shape{2, 4, 5, 3})}};
  std::size_t places = 0;
  float last = 0;
  for (std::uint64_t step = 0; step < 20; ++step) {
    const RunOptions options{.context = {.seed = 1, .step = step}};
    expect_as_reference(native(), c, 0, options);
    const float first = run(native(), c, options)[0]->data()[0];
    places += first != last ? 1 : 0;
    last = first;
  }
  EXPECT_GT(places, 5U);
}

TEST(Dropout, SharedDrawsAndNoiseEqualTheReference) {
  const Tensor x = random_tensor({6, 5, 4, 7}, 1, 1, 2);
  for (const std::uint32_t shared : {0b0110U, 0b1110U, 0b0001U, 0b1111U, 0b0100U}) {
    const Case c{.params = ops::Dropout{.rate = 0.5F, .seed = 3, .shared_axes = shared},
                 .inputs = {x},
                 .outputs = {Tensor(x.shape())}};
    expect_as_reference(native(), c, 0);
  }
  const auto y = run(native(), {.params = ops::Dropout{.rate = 0.5F, .seed = 3, .shared_axes = 0b1110U},
                                .inputs = {x},
                                .outputs = {Tensor(x.shape())}});
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < y[0]->data().size(); ++i) {
    const bool zero = y[0]->data()[i] == 0;
    EXPECT_EQ(zero, y[0]->data()[i / 140 * 140] == 0) << "one draw a sample";
    zeros += zero ? 1 : 0;
  }
  EXPECT_GT(zeros, 0U);
  EXPECT_LT(zeros, y[0]->data().size());
  expect_as_reference(native(),
                      {.params = ops::GaussianNoise{.deviation = 0.3F, .seed = 3},
                       .inputs = {x},
                       .outputs = {Tensor(x.shape())}},
                      0);
}

TEST(Resize, ItsGradientEqualsTheReferenceAndADifference) {
  for (const auto& [in, out] : std::vector<std::pair<Shape, Shape>>{
           {{2, 3, 4, 5}, {2, 6, 8, 5}}, {{1, 7, 5, 3}, {1, 4, 9, 3}}, {{1, 1, 1, 2}, {1, 3, 3, 2}}}) {
    for (const auto interpolation : {ops::Interpolation::nearest, ops::Interpolation::bilinear}) {
      const Tensor dy = random_tensor(out, 2);
      const Case backward{
          .params = ops::ResizeBackward{interpolation}, .inputs = {dy}, .outputs = {Tensor(in)}};
      expect_as_reference(native(), backward, 1e-5);
      const Case forward{
          .params = ops::Resize{interpolation}, .inputs = {random_tensor(in, 1)}, .outputs = {Tensor(out)}};
      expect_gradient(forward, dy, *run(reference(), backward)[0], {.step = 0.1});
    }
  }
}

}  // namespace
}  // namespace graft::kernels::test
