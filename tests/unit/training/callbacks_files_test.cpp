// SPDX-License-Identifier: Apache-2.0
// Callbacks that write files. That TensorBoard reads the events is shown by tests/tensorboard/read_events.py.
#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"
#include "graft/training/callbacks.hpp"
#include "graft/training/event_file.hpp"

#include "support.hpp"

namespace graft {
namespace {

Model tiny_model() {
  clear_session();
  const SymbolicTensor input = Input({6, 6, 3}, "input");
  SymbolicTensor x = layers::Conv2D({.filters = 2, .kernel_size = 3, .name = "conv"})(input);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  Model model(input, layers::Dense({.units = 2, .name = "out"})(x));
  model.compile({.optimizer = SGD(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  return model;
}

History train(Model& model, std::vector<CallbackPtr> callbacks, bool validate) {
  const auto data = data::Dataset::from_tensors(Tensor::full({6, 6, 6, 3}, 0.5F), Tensor({6}, DType::int32),
                                                {.batch_size = 3});
  FitOptions options{.epochs = 3, .callbacks = std::move(callbacks)};
  if (validate) options.validation_data = data;
  return model.fit(data, options);
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(CallbackFiles, CsvLoggerWritesAsKerasDoes) {
  const test::TemporaryFolder folder;
  Model model = tiny_model();
  const auto file = folder.path() / "log.csv";
  train(model, {CSVLogger({.filename = file})}, false);
  train(model, {CSVLogger({.filename = file, .append = true})}, false);
  const std::string text = content(file);
  EXPECT_TRUE(text.starts_with("epoch,loss,val_loss\r\n0,0.")) << text;
  EXPECT_NE(text.find(",NA\r\n"), std::string::npos);
  EXPECT_EQ(std::ranges::count(text, '\n'), 7);
  EXPECT_THROW(train(model, {CSVLogger({.filename = folder.path() / "no" / "log.csv"})}, false), Error);
}

TEST(CallbackFiles, ModelCheckpointNamesAndChooses) {
  Model model = tiny_model();
  std::vector<std::string> saved;
  const auto keep = [&](const Model&, const std::filesystem::path& path) { saved.push_back(path.string()); };
  train(model, {ModelCheckpoint({.filepath = "m-{epoch:02d}-{val_loss:.1f}.keras", .save = keep})}, true);
  EXPECT_EQ(saved.size(), 3U);
  EXPECT_TRUE(saved[1].starts_with("m-02-0.")) << saved[1];
  saved.clear();
  train(
      model,
      {ModelCheckpoint({.filepath = "b.keras", .save_best_only = true, .mode = Monitor::max, .save = keep})},
      true);
  EXPECT_EQ(saved.size(), 1U) << "the loss only falls";
  saved.clear();
  train(model, {ModelCheckpoint({.filepath = "b.keras", .save_freq = 4, .save = keep})}, false);
  EXPECT_EQ(saved.size(), 1U) << "4 of 6 batches";
  EXPECT_THROW((void)ModelCheckpoint({.filepath = "m.txt"}), Error);
  EXPECT_THROW(train(model, {ModelCheckpoint({.filepath = "{wobble}.keras", .save = keep})}, false), Error);
}

/// The records of an event file, after checking that their lengths fill it exactly.
std::size_t records_in(const std::filesystem::path& path) {
  const std::string bytes = content(path);
  std::size_t count = 0;
  std::size_t at = 0;
  while (at + 16 <= bytes.size()) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i)
      length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    at += 16 + length;
    ++count;
  }
  EXPECT_EQ(at, bytes.size());
  return count;
}

TEST(CallbackFiles, TensorBoardWritesTwoFilesOfEvents) {
  const test::TemporaryFolder folder;
  Model model = tiny_model();
  train(model, {TensorBoard({.log_dir = folder.path() / "logs", .write_images = true, .update_freq = 1})},
        true);
  std::vector<std::size_t> counts;
  for (const char* part : {"train", "validation"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "logs" / part))
      counts.push_back(records_in(entry.path()));
  }
  // version, graph, and 3 x (2 batches, loss, learning rate, image); version and 3 losses
  EXPECT_EQ(counts, (std::vector<std::size_t>{2 + 3 * 5, 1 + 3}));
}

}  // namespace
}  // namespace graft
