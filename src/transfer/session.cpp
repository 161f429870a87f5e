// SPDX-License-Identifier: Apache-2.0
#include "transfer/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

#include "graft/base/error.hpp"
#include "graft/plan/plan.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kFeatureBatch = 32;

/// Photos flipped left to right: (N, H, W, C).
Tensor mirror(const Tensor& images) {
  Tensor flipped(images.shape());
  const auto width = static_cast<std::size_t>(images.shape()[2]);
  const auto channels = static_cast<std::size_t>(images.shape()[3]);
  const auto rows = static_cast<std::size_t>(images.count()) / (width * channels);
  const float* in = images.data<float>().data();
  float* out = flipped.data<float>().data();
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t x = 0; x < width; ++x) {
      std::memcpy(out + (row * width + x) * channels, in + (row * width + width - 1 - x) * channels,
                  channels * sizeof(float));
    }
  }
  return flipped;
}

class EpochReporter final : public Callback {
 public:
  EpochReporter(Reporter& reporter, Json& history, std::string phase, std::int64_t last_epoch)
      : reporter_(reporter), history_(history), phase_(std::move(phase)), last_epoch_(last_epoch) {}

  void on_batch_end(TrainingState& state) override {
    const std::string stage = cat("epoch ", state.epoch + 1, "/", last_epoch_);
    if (!reporter_.update(stage, state.batch, state.batches, "steps")) state.stop_training = true;
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    Json row{{"epoch", state.epoch + 1}, {"phase", phase_}};
    for (const auto& [name, value] : log.values) row[name] = value;
    history_.push_back(row);
    std::string line = cat("  ", phase_, " epoch ", state.epoch + 1, "/", last_epoch_);
    if (const double* loss = log.find("loss")) line += cat("  loss ", *loss);
    if (const double* accuracy = log.find("val_accuracy")) line += "  validation " + percent(*accuracy);
    reporter_.say(line);
  }

 private:
  Reporter& reporter_;
  Json& history_;
  std::string phase_;
  std::int64_t last_epoch_;
};

}  // namespace

bool Reporter::update(const std::string& stage, std::size_t done, std::size_t total,
                      const std::string& unit) {
  if (options_.progress && !stopped_) {
    stopped_ = !options_.progress({.stage = stage, .done = done, .total = total, .unit = unit, .line = {}});
  }
  return !stopped_;
}

void Reporter::say(const std::string& line) {
  if (options_.progress && !options_.progress({.stage = {}, .unit = {}, .line = line})) stopped_ = true;
}

std::vector<int> predicted_classes(const Tensor& output) {
  const auto columns = static_cast<std::size_t>(output.shape()[-1]);
  const auto rows = static_cast<std::size_t>(output.shape()[0]);
  std::vector<int> classes;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto scores = output.data<float>().subspan(row * columns, columns);
    if (columns == 1) {
      classes.push_back(scores[0] > 0 ? 1 : 0);
    } else {
      classes.push_back(static_cast<int>(std::ranges::max_element(scores) - scores.begin()));
    }
  }
  return classes;
}

void score_test(TrainResult& result, const Photos& photos) {
  const std::size_t classes = photos.class_names.size();
  result.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  const std::vector<int> truth = photos.test.labels();
  const std::vector<int> predicted = predicted_classes(result.model.predict(photos.test));
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++result.confusion.at(static_cast<std::size_t>(truth[i])).at(static_cast<std::size_t>(predicted[i]));
    if (truth[i] == predicted[i]) ++right;
  }
  result.test_accuracy =
      static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(truth.size(), 1));
}

Tensor features_of(const Model& model, const data::Dataset& dataset, bool mirrored, const std::string& stage,
                   Reporter& reporter) {
  data::DatasetOptions options = dataset.options();
  options.shuffle = false;
  options.batch_size = kFeatureBatch;
  const data::Dataset ordered = dataset.with_options(options);
  const auto total = static_cast<std::int64_t>(ordered.size());
  Shape shape = model.output_shape();
  shape.set(0, total);
  Tensor all(shape);
  auto* out = static_cast<std::byte*>(all.raw());
  std::map<std::int64_t, std::unique_ptr<plan::Plan>> plans;
  std::size_t done = 0;
  data::BatchIterator batches = ordered.iterate();
  while (const auto batch = batches.next()) {
    const Tensor images = mirrored ? mirror(batch->images) : batch->images;
    std::unique_ptr<plan::Plan>& plan = plans[images.shape()[0]];
    if (plan == nullptr) {
      plan = std::make_unique<plan::Plan>(plan::Plan::lower(
          model, {.batch_size = images.shape()[0], .input_shape = images.shape().without_batch()}));
    }
    plan->forward(images);
    const Tensor output = plan->output();
    std::memcpy(out, output.raw(), output.size_bytes());
    out += output.size_bytes();
    done += static_cast<std::size_t>(images.shape()[0]);
    if (!reporter.update(stage, done, static_cast<std::size_t>(total), "photos")) return {};
  }
  return all;
}

Tensor stack(const Tensor& a, const Tensor& b) {
  Shape shape = a.shape();
  shape.set(0, a.shape()[0] + b.shape()[0]);
  Tensor both(shape, a.dtype());
  auto* out = static_cast<std::byte*>(both.raw());
  std::memcpy(out, a.raw(), a.size_bytes());
  std::memcpy(out + a.size_bytes(), b.raw(), b.size_bytes());
  return both;
}

CallbackPtr report_epochs(Reporter& reporter, Json& history, const std::string& phase,
                          std::int64_t last_epoch) {
  return std::make_shared<EpochReporter>(reporter, history, phase, last_epoch);
}

std::string percent(double fraction) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", fraction * 100);
  return text;
}

std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

}  // namespace graft::transfer
