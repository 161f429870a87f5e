// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "graft/training/callbacks.hpp"
#include "graft/training/event_file.hpp"

namespace graft {
namespace {

/// The first convolution's kernels side by side, stretched to 0..255: (rows (h + 1), columns (w + 1), 1 or
/// 3).
Tensor kernel_sheet(const Tensor& kernel) {
  const Shape& s = kernel.shape();  // (h, w, in, out)
  const std::int64_t channels = s[2] == 3 ? 3 : 1;
  const std::int64_t columns = std::min<std::int64_t>(s[3], 16);
  const std::int64_t rows = (s[3] + columns - 1) / columns;
  Tensor sheet({rows * (s[0] + 1), columns * (s[1] + 1), channels});
  const auto in = kernel.data<float>();
  const auto [low, high] = std::ranges::minmax(in);
  const float scale = high > low ? 255.0F / (high - low) : 0.0F;
  auto out = sheet.data<float>();
  for (std::int64_t o = 0; o < s[3]; ++o) {
    for (std::int64_t y = 0; y < s[0]; ++y) {
      for (std::int64_t x = 0; x < s[1]; ++x) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const std::int64_t row = o / columns * (s[0] + 1) + y;
          const std::int64_t column = o % columns * (s[1] + 1) + x;
          const float value = in[static_cast<std::size_t>(((y * s[1] + x) * s[2] + c) * s[3] + o)];
          out[static_cast<std::size_t>((row * sheet.shape()[1] + column) * channels + c)] =
              (value - low) * scale;
        }
      }
    }
  }
  return sheet;
}

class TensorBoardCallback final : public Callback {
 public:
  explicit TensorBoardCallback(const TensorBoardOptions& options) : options_(options) {}

  void on_train_begin(TrainingState& state) override {
    train_ = std::make_unique<EventFile>(options_.log_dir / "train");
    validation_.reset();
    if (options_.write_graph) train_->graph(state.model);
  }

  void on_batch_end(TrainingState& state) override {
    const auto step =
        state.epoch * static_cast<std::int64_t>(state.batches) + static_cast<std::int64_t>(state.batch);
    if (options_.update_freq && step % *options_.update_freq == 0)
      train_->scalar("batch_loss", state.batch_loss, step);
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    for (const auto& [name, value] : log.values) {
      if (name.starts_with("val_")) {
        if (validation_ == nullptr)
          validation_ = std::make_unique<EventFile>(options_.log_dir / "validation");
        validation_->scalar("epoch_" + name.substr(4), value, state.epoch);
      } else {
        train_->scalar("epoch_" + name, value, state.epoch);
      }
    }
    if (log.find("learning_rate") == nullptr)
      train_->scalar("epoch_learning_rate", state.optimizer.learning_rate(), state.epoch);
    if (!options_.write_images) return;
    for (const VariablePtr& weight : state.model.weights()) {
      if (weight->shape().rank() != 4) continue;
      train_->image(weight->path() + "/image", kernel_sheet(weight->value()), state.epoch);
      break;
    }
  }

  void on_train_end(TrainingState&) override {
    train_.reset();
    validation_.reset();
  }

 private:
  TensorBoardOptions options_;
  std::unique_ptr<EventFile> train_, validation_;
};

}  // namespace

CallbackPtr TensorBoard(const TensorBoardOptions& options) {
  return std::make_shared<TensorBoardCallback>(options);
}

}  // namespace graft
