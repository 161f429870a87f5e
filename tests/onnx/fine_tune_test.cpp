// SPDX-License-Identifier: Apache-2.0
// Fine-tuning a network that came from an ONNX file: the steps that tests/onnx/finetune_as_pytorch.py
// compares with PyTorch's.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"

#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

/// Rows begin to end - 1.
Tensor rows_between(const Tensor& all, std::int64_t begin, std::int64_t end) {
  return all.slice(begin, end).clone();
}

/// A folder with network.onnx, photos.npy (float32, (N, H, W, C)), labels.npy (int32, (N,)) and steps.json
/// ("batch", "learning_rate", "momentum"): one epoch in the order of the photos. Writes losses.npy, that of
/// each batch before its step, and logits.npy, of all photos before and after the epoch: (2, N, classes).
TEST(OnnxFineTune, StepsOfAFolder) {
  const char* const named = std::getenv("GRAFT_ONNX_STEPS");
  if (named == nullptr)
    GTEST_SKIP()
        << "tests/onnx/finetune_as_pytorch.py sets GRAFT_ONNX_STEPS to the folder that it has written";
  const std::filesystem::path folder = named;
  const Json steps = test::read_json(folder / "steps.json");
  const Tensor photos = formats::read_npy(folder / "photos.npy");
  const Tensor labels = formats::read_npy(folder / "labels.npy");
  const std::int64_t count = photos.shape()[0], batch = steps["batch"].get<std::int64_t>();
  ASSERT_EQ(labels.shape(), Shape({count}));
  clear_session();
  Model model = saving::load_model(folder / "network.onnx").model;
  model.set_trainable(true);
  model.compile({.optimizer = SGD({.learning_rate = steps["learning_rate"].get<double>(),
                                   .momentum = steps["momentum"].get<double>()}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  const Tensor before = model.predict(photos);
  std::vector<float> losses;
  for (std::int64_t begin = 0; begin + batch <= count; begin += batch)
    losses.push_back(static_cast<float>(model.train_on_batch(rows_between(photos, begin, begin + batch),
                                                             rows_between(labels, begin, begin + batch))));
  const Tensor after = model.predict(photos);
  Tensor logits({2, count, before.shape()[1]});
  logits.slice(0, 1).copy_from(before.reshape(logits.slice(0, 1).shape()));
  logits.slice(1, 2).copy_from(after.reshape(logits.slice(1, 2).shape()));
  formats::write_npy(folder / "losses.npy", Tensor::from({static_cast<std::int64_t>(losses.size())},
                                                         std::span<const float>(losses)));
  formats::write_npy(folder / "logits.npy", logits);
  std::printf("%zu steps, %zu weights, %zu of them trained\n", losses.size(), model.weights().size(),
              model.trainable_weights().size());
  EXPECT_GT(losses.size(), 0U);
}

}  // namespace
}  // namespace graft
