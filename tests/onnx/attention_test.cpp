// SPDX-License-Identifier: Apache-2.0
// Attention as PyTorch writes it: photos move to the second axis and join heads and rows on the way.
#include <cmath>

#include "graft/onnx/import.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"

#include "graph_writer.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

using formats::OnnxAttribute;
using formats::OnnxModel;
using test::numbers;

constexpr std::int64_t kRows = 16, kWidth = 6, kHeads = 2, kChannels = 3;
constexpr std::int64_t kHeadWidth = kWidth / kHeads;

/// As torch.nn.MultiheadAttention is exported, on a class token and the pixels of an image. for_one: the file
/// is for one photo, whose shapes have 1 in the place of the batch.
OnnxModel attention(bool for_one = false) {
  test::GraphWriter w;
  const auto photos = [for_one](std::int64_t times) { return for_one ? times : -1; };
  std::string x = w.transpose(w.reshape("x", {0, kChannels, -1}), {0, 2, 1});
  x = w.add("MatMul", {x, w.fixed(numbers({kChannels, kWidth}, "patches"))});
  x = w.add("Concat", {w.fixed(numbers({1, 1, kWidth}, "token")), x},
            {OnnxAttribute::of("axis", std::int64_t{1})});
  x = w.add("Add", {x, w.fixed(numbers({1, kRows + 1, kWidth}, "places"))});
  std::string y = w.transpose(x, {1, 0, 2});
  y = w.add("Add", {w.add("MatMul", {y, w.fixed(numbers({kWidth, 3 * kWidth}, "in"))}),
                    w.fixed(numbers({3 * kWidth}, "in bias"))});
  y = w.reshape(y, {kRows + 1, photos(1), 3, kWidth});
  y = w.add("Unsqueeze", {y, w.integers({0})});
  y = w.add("Squeeze", {w.transpose(y, {3, 1, 2, 0, 4}), w.integers({-2})});
  std::vector<std::string> parts;
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::string part =
        w.transpose(w.reshape(w.element(y, 0, i), {kRows + 1, photos(kHeads), kHeadWidth}), {1, 0, 2});
    parts.push_back(w.reshape(part, {photos(1), kHeads, kRows + 1, kHeadWidth}));
  }
  const std::string scale = w.fixed(Tensor::full(Shape(), 1 / std::sqrt(static_cast<float>(kHeadWidth))));
  const std::string scores =
      w.add("MatMul", {w.add("Mul", {parts[0], scale}), w.transpose(parts[1], {0, 1, 3, 2})});
  const std::string weights = w.add("Softmax", {scores}, {OnnxAttribute::of("axis", std::int64_t{-1})});
  y = w.transpose(w.add("MatMul", {weights, parts[2]}), {2, 0, 1, 3});
  y = w.reshape(y, {photos(kRows + 1), kWidth});
  y = w.add("Gemm", {y, w.fixed(numbers({kWidth, kWidth}, "out")), w.fixed(numbers({kWidth}, "out bias"))});
  y = w.transpose(w.reshape(y, {kRows + 1, photos(1), kWidth}), {1, 0, 2});
  return w.finish(w.element(w.add("Add", {x, y}), 1, 0));
}

/// row (1, in) times a kernel (in, out), plus a bias.
std::vector<double> times(const std::vector<double>& row, const Tensor& kernel, const Tensor* bias) {
  const auto out = static_cast<std::size_t>(kernel.shape()[1]);
  std::vector<double> result(out);
  for (std::size_t o = 0; o < out; ++o) {
    result[o] = bias == nullptr ? 0 : static_cast<double>(bias->data()[o]);
    for (std::size_t i = 0; i < row.size(); ++i)
      result[o] += row[i] * static_cast<double>(kernel.data()[(i * out) + o]);
  }
  return result;
}

/// The formula for one photo (H, W, C), the class token's row.
std::vector<double> expected(std::span<const float> photo) {
  std::vector<std::vector<double>> rows;
  const Tensor token = numbers({1, 1, kWidth}, "token");
  const Tensor places = numbers({1, kRows + 1, kWidth}, "places");
  rows.emplace_back(token.data().begin(), token.data().end());
  for (std::size_t r = 0; r < kRows; ++r) {
    const std::vector<double> pixel(photo.begin() + static_cast<std::ptrdiff_t>(r * kChannels),
                                    photo.begin() + static_cast<std::ptrdiff_t>((r + 1) * kChannels));
    rows.push_back(times(pixel, numbers({kChannels, kWidth}, "patches"), nullptr));
  }
  std::vector<std::vector<double>> all;
  const Tensor bias = numbers({3 * kWidth}, "in bias");
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < kWidth; ++c)
      rows[r][c] += static_cast<double>(places.data()[(r * kWidth) + c]);
    all.push_back(times(rows[r], numbers({kWidth, 3 * kWidth}, "in"), &bias));
  }
  std::vector<double> joined(kWidth);
  for (std::size_t head = 0; head < kHeads; ++head) {
    std::vector<double> weights;
    double sum = 0;
    for (const std::vector<double>& other : all) {
      double score = 0;
      for (std::size_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c)
        score += all[0][c] * other[kWidth + c];
      weights.push_back(std::exp(score / std::sqrt(static_cast<double>(kHeadWidth))));
      sum += weights.back();
    }
    for (std::size_t r = 0; r < all.size(); ++r)
      for (std::size_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c)
        joined[c] += weights[r] / sum * all[r][(2 * kWidth) + c];
  }
  const Tensor out_bias = numbers({kWidth}, "out bias");
  std::vector<double> result = times(joined, numbers({kWidth, kWidth}, "out"), &out_bias);
  for (std::size_t c = 0; c < kWidth; ++c) result[c] += rows[0][c];
  return result;
}

void expect_formula(Model& model, const Tensor& batch) {
  const Tensor answer = model.predict(batch);
  ASSERT_EQ(answer.shape(), (Shape{batch.shape()[0], kWidth}));
  const std::size_t size = kRows * kChannels;
  for (std::size_t n = 0; n < static_cast<std::size_t>(batch.shape()[0]); ++n) {
    const std::vector<double> row = expected(batch.data().subspan(n * size, size));
    for (std::size_t c = 0; c < row.size(); ++c) EXPECT_NEAR(answer.data()[(n * kWidth) + c], row[c], 1e-5);
  }
}

TEST(OnnxAttention, IsTheFormulaForEachPhotoOfABatch) {
  Model model = from_onnx(attention(), "file");
  const Tensor batch = numbers({3, 4, 4, kChannels}, "photos");
  expect_formula(model, batch);
  const test::TemporaryFolder folder;
  model.save(folder.path() / "m.keras");
  Model again = saving::load_model(folder.path() / "m.keras").model;
  expect_formula(again, batch);
}

TEST(OnnxAttention, FilesForOnePhotoReadBatches) {
  Model model = from_onnx(attention(true), "file");
  expect_formula(model, numbers({3, 4, 4, kChannels}, "photos"));
}

TEST(OnnxAttention, IsExportedAgain) {
  Model model = from_onnx(attention(), "file");
  const test::TemporaryFolder folder;
  save_onnx(model, folder.path() / "m.onnx");
  Model again = saving::load_model(folder.path() / "m.onnx").model;
  expect_formula(again, numbers({3, 4, 4, kChannels}, "photos"));
}

TEST(OnnxAttention, PhotosThatMixAreRefused) {
  test::GraphWriter w;
  // Rows of photos in the place of the photos.
  const std::string y = w.transpose(w.reshape("x", {0, kChannels, -1}), {1, 0, 2});
  const OnnxModel graph = w.finish(y);
  const std::string message =
      test::message_of([&] { static_cast<void>(from_onnx(graph, "file")); }, ErrorKind::unsupported);
  EXPECT_NE(message.find("mixes photos"), std::string::npos) << message;
}

}  // namespace
}  // namespace graft
