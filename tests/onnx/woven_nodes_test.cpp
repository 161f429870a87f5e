// SPDX-License-Identifier: Apache-2.0
// Nodes that PyTorch's exporters write for vision transformers, each against its formula.
#include <cmath>
#include <functional>

#include "graft/base/fail.hpp"
#include "graft/onnx/import.hpp"
#include "graft/training.hpp"

#include "graph_writer.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

using formats::OnnxAttribute;
using test::GraphWriter;
using test::numbers;

constexpr std::int64_t kPlaces = 16;  // of 4 x 4 pixels

/// Element number i of the answer for one photo.
using Formula = std::function<double(const std::vector<std::vector<double>>& channels, std::size_t i)>;

/// Photos as lists of places, a channel each.
std::vector<std::vector<double>> channels_of(const Tensor& batch, std::int64_t photo) {
  std::vector<std::vector<double>> result(3, std::vector<double>(kPlaces));
  for (std::int64_t p = 0; p < kPlaces; ++p)
    for (std::int64_t c = 0; c < 3; ++c)
      result[static_cast<std::size_t>(c)][static_cast<std::size_t>(p)] =
          static_cast<double>(batch.at(photo, p / 4, p % 4, c));
  return result;
}

/// The graph answers with the formula, for each photo of a batch, in this shape.
void expect_answer(const formats::OnnxModel& graph, const Shape& shape, const Formula& formula) {
  clear_session();
  Model model = from_onnx(graph, "file");
  const Tensor batch = numbers({3, 4, 4, 3}, "photos");
  const Tensor answer = model.predict(batch);
  ASSERT_EQ(answer.shape(), shape.with_batch(3));
  const auto size = static_cast<std::size_t>(shape.count());
  for (std::size_t n = 0; n < 3; ++n) {
    const auto channels = channels_of(batch, static_cast<std::int64_t>(n));
    for (std::size_t i = 0; i < size; ++i)
      EXPECT_NEAR(answer.data()[n * size + i], formula(channels, i), 1e-5) << "photo " << n << ", " << i;
  }
}

std::string refusal_of(const formats::OnnxModel& graph) {
  return test::message_of([&] { static_cast<void>(from_onnx(graph, "file")); }, ErrorKind::unsupported);
}

/// x as (N, 3, 16).
std::string places_of(GraphWriter& w) { return w.reshape("x", {0, 3, -1}); }

OnnxAttribute axes_of(std::int64_t axis) {
  return OnnxAttribute::of("axes", std::vector<std::int64_t>{axis});
}

TEST(OnnxWovenNodes, GatherInAnyOrder) {
  const std::vector<std::int64_t> order{5, 0, -1, 6, 7, 5};
  GraphWriter w;
  const std::string y = w.gather(places_of(w), 2, w.integers(order));
  expect_answer(w.finish(y), {3, 6}, [&](const auto& channels, std::size_t i) {
    const std::int64_t place = order[i % 6];
    return channels[i / 6][static_cast<std::size_t>(place < 0 ? place + kPlaces : place)];
  });
}

TEST(OnnxWovenNodes, GatherIntoSeveralAxes) {
  const std::vector<std::int64_t> rows{2, 0, 1, 1, 0, 2};
  GraphWriter w;
  const std::string y = w.gather(places_of(w), 1, w.integers({3, 1, 2}, rows));
  expect_answer(w.finish(y), {3, 1, 2, kPlaces}, [&](const auto& channels, std::size_t i) {
    return channels[static_cast<std::size_t>(rows[i / kPlaces])][i % kPlaces];
  });
}

TEST(OnnxWovenNodes, GatherOfImages) {
  GraphWriter w;
  expect_answer(
      w.finish(w.gather("x", 1, w.integers({2, 0}))), {2, 4, 4},
      [](const auto& channels, std::size_t i) { return channels[i < kPlaces ? 2 : 0][i % kPlaces]; });
}

TEST(OnnxWovenNodes, GatherOfPhotosIsRefused) {
  GraphWriter w;
  const std::string message = refusal_of(w.finish(w.gather(places_of(w), 0, w.integers({0}))));
  EXPECT_NE(message.find("the batch"), std::string::npos) << message;
}

TEST(OnnxWovenNodes, DivisionOfValues) {
  GraphWriter w;
  const std::string below = w.add("Add", {w.add("Mul", {"x", "x"}), w.number(1)});
  const std::string y = w.add("Div", {w.add("Div", {"x", below}), w.add("Div", {w.number(2), below})});
  const std::string both = w.add("Add", {y, w.add("Div", {w.number(2), below})});
  expect_answer(w.finish(both), {3, 4, 4}, [](const auto& channels, std::size_t i) {
    const double x = channels[i / kPlaces][i % kPlaces];
    return x / 2 + 2 / (x * x + 1);
  });
}

/// Of values whose batch is the second axis.
TEST(OnnxWovenNodes, DivisionOfMovedValues) {
  GraphWriter w;
  const std::string moved = w.transpose(places_of(w), {2, 0, 1});
  const std::string below = w.add("Add", {w.add("Mul", {moved, moved}), w.number(1)});
  const std::string y = w.transpose(w.add("Div", {moved, below}), {1, 2, 0});
  expect_answer(w.finish(y), {3, kPlaces}, [](const auto& channels, std::size_t i) {
    const double x = channels[i / kPlaces][i % kPlaces];
    return x / (x * x + 1);
  });
}

TEST(OnnxWovenNodes, EinsumIsAProductOfMatrices) {
  const auto product = [](const std::string& equation) {
    GraphWriter w;
    return w.finish(w.add("Einsum", {"x", "x"}, {OnnxAttribute::of("equation", equation)}));
  };
  for (const bool turned : {false, true}) {
    expect_answer(product(turned ? "b c k i, b c k j -> b c i j" : "bcik,bcjk->bcij"), {3, 4, 4},
                  [turned](const auto& channels, std::size_t i) {
                    const std::vector<double>& x = channels[i / kPlaces];
                    const std::size_t row = i % kPlaces / 4;
                    const std::size_t column = i % 4;
                    double sum = 0;
                    for (std::size_t k = 0; k < 4; ++k)
                      sum += turned ? x[k * 4 + row] * x[k * 4 + column] : x[row * 4 + k] * x[column * 4 + k];
                    return sum;
                  });
  }
  EXPECT_NE(refusal_of(product("bcik,bcik->bcik")).find("bcik"), std::string::npos);
}

/// Matrices of fixed numbers on either side, as queries that do not depend on the photo.
TEST(OnnxWovenNodes, ProductsWithFixedMatrices) {
  const Tensor left = numbers({1, 3, 2, 4}, "left");
  const Tensor right = numbers({4, 5}, "right");
  const Tensor each = numbers({1, 3, 4, 5}, "each");
  const auto sum = [](const auto& channels, std::size_t channel, std::size_t row, const auto& factor) {
    double result = 0;
    for (std::size_t k = 0; k < 4; ++k) result += channels[channel][row * 4 + k] * factor(k);
    return result;
  };
  GraphWriter w;
  const std::string y = w.add("MatMul", {w.fixed(left), "x"});
  expect_answer(w.finish(y), {3, 2, 4}, [&](const auto& channels, std::size_t i) {
    double result = 0;
    for (std::size_t k = 0; k < 4; ++k)
      result += static_cast<double>(left.data()[i / 4 * 4 + k]) * channels[i / 8][k * 4 + i % 4];
    return result;
  });
  GraphWriter one;
  expect_answer(one.finish(one.add("MatMul", {"x", one.fixed(right)})), {3, 4, 5},
                [&](const auto& channels, std::size_t i) {
                  return sum(channels, i / 20, i % 20 / 5,
                             [&](std::size_t k) { return static_cast<double>(right.data()[k * 5 + i % 5]); });
                });
  GraphWriter heads;
  const std::string product = heads.add("MatMul", {"x", heads.fixed(each)});
  expect_answer(heads.finish(heads.add("Add", {product, heads.fixed(Tensor::full({5}, 1))})), {3, 4, 5},
                [&](const auto& channels, std::size_t i) {
                  return 1 + sum(channels, i / 20, i % 20 / 5, [&](std::size_t k) {
                           return static_cast<double>(each.data()[(i / 20 * 4 + k) * 5 + i % 5]);
                         });
                });
}

double length_of(const std::vector<double>& row) {
  double sum = 0;
  for (const double one : row) sum += one * one;
  return std::sqrt(sum);
}

/// torch.nn.functional.normalize().
TEST(OnnxWovenNodes, UnitNormalization) {
  for (const bool moved : {false, true}) {
    GraphWriter w;
    std::string x = places_of(w);
    if (moved) x = w.transpose(x, {1, 0, 2});
    const std::string length = w.add("Clip", {w.add("ReduceL2", {x}, {axes_of(-1)}), w.number(1e-12F)});
    std::string y = w.add("Div", {x, w.add("Expand", {length, w.add("Shape", {x})})});
    if (moved) y = w.transpose(y, {1, 0, 2});
    expect_answer(w.finish(y), {3, kPlaces}, [](const auto& channels, std::size_t i) {
      return channels[i / kPlaces][i % kPlaces] / length_of(channels[i / kPlaces]);
    });
  }
}

TEST(OnnxWovenNodes, ExpandRepeatsOneElement) {
  GraphWriter w;
  const std::string x = places_of(w);
  const std::string mean = w.add("ReduceMean", {x}, {axes_of(1)});
  const std::string y = w.add("Expand", {mean, w.integers({1, 5, 1})});
  expect_answer(w.finish(y), {5, kPlaces}, [](const auto& channels, std::size_t i) {
    return (channels[0][i % kPlaces] + channels[1][i % kPlaces] + channels[2][i % kPlaces]) / 3;
  });
  GraphWriter other;
  const std::string photos = other.add("Expand", {places_of(other), other.integers({7, 3, kPlaces})});
  EXPECT_NE(refusal_of(other.finish(photos)).find("makes"), std::string::npos);
}

TEST(OnnxWovenNodes, SoftmaxThatGuardsAgainstNoNumber) {
  GraphWriter w;
  const std::string weights = w.add("Softmax", {places_of(w)}, {OnnxAttribute::of("axis", std::int64_t{-1})});
  const std::string y = w.add("Where", {w.add("IsNaN", {weights}), w.number(0), weights});
  expect_answer(w.finish(y), {3, kPlaces}, [](const auto& channels, std::size_t i) {
    double sum = 0;
    for (const double one : channels[i / kPlaces]) sum += std::exp(one);
    return std::exp(channels[i / kPlaces][i % kPlaces]) / sum;
  });
}

/// Rows 1 and 3 of zeros (4, 4) become other numbers and then -100; columns from the last to the first are
/// added.
TEST(OnnxWovenNodes, MasksFromFixedNumbers) {
  GraphWriter w;
  const std::string zeros = w.add("ConstantOfShape", {w.integers({4, 4})});
  const std::string updates = w.add("Expand", {w.fixed(numbers({2, 1}, "updates")), w.integers({2, 4})});
  const std::string mask = w.add("ScatterND", {zeros, w.integers({2, 1}, {1, -1}), updates});
  const std::string written = w.add("Not", {w.add("Equal", {mask, w.number(0)})});
  const std::string chosen = w.add("Where", {written, w.number(-100), mask});
  const std::string columns =
      w.add("Cast",
            {w.add("Range", {w.integers(Shape(), {0}), w.integers(Shape(), {4}), w.integers(Shape(), {1})})},
            {OnnxAttribute::of("to", std::int64_t{1})});
  const std::string back =
      w.add("Slice", {columns, w.integers({-1}), w.integers({-9}), w.integers({0}), w.integers({-1})});
  const std::string twice =
      w.add("Tile", {w.add("Slice", {columns, w.integers({0}), w.integers({2})}), w.integers({2})});
  const std::string sum = w.add("Add", {"x", w.add("Add", {w.add("Add", {chosen, back}), twice})});
  expect_answer(w.finish(sum), {3, 4, 4}, [](const auto& channels, std::size_t i) {
    const std::size_t row = i % kPlaces / 4;
    const std::size_t column = i % 4;
    return channels[i / kPlaces][i % kPlaces] + (row % 2 == 1 ? -100.0 : 0.0) +
           static_cast<double>(3 - column + column % 2);
  });
}

TEST(OnnxWovenNodes, ReshapeAllowsZeroWithoutZeros) {
  GraphWriter w;
  const std::string y =
      w.add("Reshape", {"x", w.integers({-1, 16, 3})}, {OnnxAttribute::of("allowzero", std::int64_t{1})});
  expect_answer(w.finish(y), {16, 3},
                [](const auto& channels, std::size_t i) { return channels[i / kPlaces][i % kPlaces]; });
}

/// Swin's attention: four windows of 2 x 2 pixels, each with a mask of its own. for_one: the file is for one
/// photo.
formats::OnnxModel windows(bool for_one) {
  GraphWriter w;
  const auto photos = [&](std::int64_t times, std::vector<std::int64_t> others) {
    if (for_one) {
      others.insert(others.begin(), times);
      return w.integers(others);
    }
    return w.add("Concat", {w.batch_times(times), w.integers(others)},
                 {OnnxAttribute::of("axis", std::int64_t{0})});
  };
  const auto shaped = [&](const std::string& x, const std::string& sizes) {
    return w.add("Reshape", {x, sizes});
  };
  std::string x = w.transpose("x", {0, 2, 3, 1});
  x = w.transpose(shaped(x, photos(1, {2, 2, 2, 2, 3})), {0, 1, 3, 2, 4, 5});
  x = shaped(x, photos(4, {4, 3}));
  std::string scores = w.add("MatMul", {x, w.transpose(x, {0, 2, 1})});
  scores = shaped(scores, photos(1, {4, 4, 4}));
  scores = w.add("Add", {scores, w.fixed(numbers({1, 4, 4, 4}, "masks"))});
  scores = w.reshape(scores, {-1, 4, 4});
  const std::string weights = w.add("Softmax", {scores}, {OnnxAttribute::of("axis", std::int64_t{-1})});
  // The windows of x were cut as 2 x 2, those of the weights as 4.
  std::string y = w.add("Add", {w.add("MatMul", {weights, x}), x});
  y = w.transpose(shaped(y, photos(1, {2, 2, 2, 2, 3})), {0, 1, 3, 2, 4, 5});
  return w.finish(w.transpose(shaped(y, photos(1, {4, 4, 3})), {0, 3, 1, 2}));
}

double window_answer(const std::vector<std::vector<double>>& channels, std::size_t i) {
  const std::size_t row = i % kPlaces / 4;
  const std::size_t column = i % 4;
  const std::size_t window = row / 2 * 2 + column / 2;
  const std::size_t own = row % 2 * 2 + column % 2;
  const auto place = [&](std::size_t k) { return (window / 2 * 2 + k / 2) * 4 + window % 2 * 2 + k % 2; };
  const Tensor masks = numbers({1, 4, 4, 4}, "masks");
  double sum = 0;
  double answer = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    double score = static_cast<double>(masks.data()[(window * 4 + own) * 4 + k]);
    for (const auto& channel : channels) score += channel[place(own)] * channel[place(k)];
    sum += std::exp(score);
    answer += std::exp(score) * channels[i / kPlaces][place(k)];
  }
  return answer / sum + channels[i / kPlaces][i % kPlaces];
}

TEST(OnnxWovenNodes, WindowsWithMasks) {
  for (const bool for_one : {false, true}) {
    SCOPED_TRACE(for_one);
    expect_answer(windows(for_one), {3, 4, 4}, window_answer);
  }
}

/// One row asks all rows, heads joined to the photos.
TEST(OnnxWovenNodes, QueriesOfOneRow) {
  GraphWriter w;
  const std::string rows = w.reshape("x", {-1, 4, 4});
  const std::string query = w.reshape(w.gather("x", 2, w.integers({0})), {-1, 1, 4});
  const std::string scores = w.add("MatMul", {query, w.transpose(rows, {0, 2, 1})});
  const std::string weights = w.add("Softmax", {scores}, {OnnxAttribute::of("axis", std::int64_t{-1})});
  const std::string y = w.reshape(w.add("MatMul", {weights, rows}), {-1, 3, 1, 4});
  expect_answer(w.finish(y), {3, 1, 4}, [](const auto& channels, std::size_t i) {
    const std::vector<double>& x = channels[i / 4];
    double sum = 0;
    double answer = 0;
    for (std::size_t row = 0; row < 4; ++row) {
      double score = 0;
      for (std::size_t k = 0; k < 4; ++k) score += x[k] * x[row * 4 + k];
      sum += std::exp(score);
      answer += std::exp(score) * x[row * 4 + i % 4];
    }
    return answer / sum;
  });
}

/// As the newer exporter transposes keys: by way of three axes.
TEST(OnnxWovenNodes, KeysTransposedByThreeAxes) {
  GraphWriter w;
  const std::string q = w.reshape("x", {-1, 3, 4, 4});
  const std::string flat = w.transpose(w.reshape("x", {-1, 4, 4}), {0, 2, 1});
  const std::string y = w.add("MatMul", {q, w.reshape(flat, {-1, 3, 4, 4})});
  expect_answer(w.finish(y), {3, 4, 4}, [](const auto& channels, std::size_t i) {
    const std::vector<double>& x = channels[i / kPlaces];
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += x[i % kPlaces / 4 * 4 + k] * x[i % 4 * 4 + k];
    return sum;
  });
}

}  // namespace
}  // namespace graft
