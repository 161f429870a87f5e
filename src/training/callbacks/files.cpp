// SPDX-License-Identifier: Apache-2.0
// Callbacks that write files: figures as CSV, the model itself, TensorBoard's events.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/training/callbacks.hpp"
#include "graft/training/event_file.hpp"

#include "training/callbacks/monitor.hpp"

namespace graft {
namespace {

/// The shortest text that reads back as the same number, as Python writes it.
std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  char text[40];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  std::string result(text, end);
  if (result.find_first_of(".en") == std::string::npos) result += ".0";
  return result;
}

class CSVLoggerCallback final : public Callback {
 public:
  explicit CSVLoggerCallback(CSVLoggerOptions options) : options_(std::move(options)) {}

  void on_train_begin(TrainingState&) override {
    std::error_code error;
    const bool begun = options_.append && std::filesystem::exists(options_.filename, error) &&
                       std::filesystem::file_size(options_.filename, error) > 0;
    header_ = !begun;
    keys_.clear();
    out_ = std::ofstream(options_.filename, options_.append ? std::ios::app : std::ios::trunc);
    check();
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    if (keys_.empty()) choose_keys(log);
    if (header_) {
      out_ << "epoch";
      for (const std::string& key : keys_) out_ << options_.separator << key;
      out_ << "\r\n";  // as Python's csv module ends lines
      header_ = false;
    }
    out_ << state.epoch;
    for (const std::string& key : keys_) {
      const double* value = log.find(key);
      out_ << options_.separator << (value == nullptr ? "NA" : shortest(*value));
    }
    out_ << "\r\n" << std::flush;
    check();
  }

  void on_train_end(TrainingState&) override { out_.close(); }

 private:
  void check() const {
    if (!out_)
      fail(ErrorKind::io, "CSVLogger: cannot write ", options_.filename.string(), ": ", std::strerror(errno));
  }

  void choose_keys(const EpochLog& log) {
    for (const auto& [name, value] : log.values) keys_.push_back(name);
    std::ranges::sort(keys_);
    const bool validated =
        std::ranges::any_of(keys_, [](const auto& key) { return key.starts_with("val_"); });
    const std::size_t own = keys_.size();
    for (std::size_t i = 0; !validated && i < own; ++i) keys_.push_back("val_" + keys_[i]);
  }

  CSVLoggerOptions options_;
  std::ofstream out_;
  std::vector<std::string> keys_;
  bool header_ = true;
};

/// One {field} of a file name: "epoch:02d" or "val_loss:.2f".
std::string filled(const std::string& field, std::int64_t epoch, const EpochLog& log) {
  const std::size_t colon = field.find(':');
  const std::string name = field.substr(0, colon);
  const std::string format = colon == std::string::npos ? "" : field.substr(colon + 1);
  const double* value = log.find(name);
  if (name != "epoch" && value == nullptr)
    fail(ErrorKind::invalid_argument, "ModelCheckpoint: filepath: there is no figure '", name, "'");
  char text[64];
  const bool plain = format.find_first_not_of("0123456789.dfeg") == std::string::npos && format.size() < 8;
  if (!plain)
    fail(ErrorKind::invalid_argument, "ModelCheckpoint: filepath: the format '", format, "' is not known");
  if (name == "epoch") {
    const int width = std::atoi(format.c_str());
    const char* pattern = format.starts_with("0") ? "%0*lld" : "%*lld";
    std::snprintf(text, sizeof(text), pattern, width, static_cast<long long>(epoch));
    return text;
  }
  if (format.empty()) return shortest(*value);
  const std::size_t point = format.find('.');
  const int digits = point == std::string::npos ? 6 : std::atoi(format.c_str() + point + 1);
  const char* pattern = format.back() == 'e' ? "%.*e" : format.back() == 'g' ? "%.*g" : "%.*f";
  std::snprintf(text, sizeof(text), pattern, digits, *value);
  return text;
}

class ModelCheckpointCallback final : public Callback {
 public:
  explicit ModelCheckpointCallback(ModelCheckpointOptions options)
      : options_(std::move(options)), best_(options_.initial_value_threshold) {
    if (!options_.filepath.ends_with(".keras") && !options_.filepath.ends_with(".h5")) {
      fail(ErrorKind::invalid_argument,
           "ModelCheckpoint: filepath: expected a name that ends in .keras, received ", options_.filepath);
    }
    if (options_.save_best_only) {
      monitor_ = std::make_unique<training::FigureMonitor>(training::FigureMonitor::Options{
          .callback = "ModelCheckpoint", .figure = options_.monitor, .mode = options_.mode});
    }
  }

  void on_batch_end(TrainingState& state) override {
    if (!options_.save_freq || ++batches_ < *options_.save_freq) return;
    batches_ = 0;
    save(state, {.epoch = state.epoch, .values = {{"loss", state.loss}}});
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    if (!options_.save_freq) save(state, log);
  }

  void save_state(StateBag& bag) const override {
    *bag.facts = {{"best", training::optional_json(best_)}, {"batches", batches_}};
  }
  void load_state(const StateBag& bag) override {
    best_ = training::optional_from(bag.facts->at("best"));
    batches_ = bag.facts->at("batches").get<std::int64_t>();
  }

 private:
  void save(TrainingState& state, const EpochLog& log) {
    if (monitor_ != nullptr) {
      const double value = monitor_->read(log);
      if (!monitor_->improves(value, best_)) return;
      best_ = value;
    }
    const std::filesystem::path path = name(state.epoch + 1, log);
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (options_.save) {
      options_.save(state.model, path);
    } else {
      state.model.save(path);
    }
  }

  [[nodiscard]] std::string name(std::int64_t epoch, const EpochLog& log) const {
    std::string result;
    for (std::size_t at = 0; at < options_.filepath.size(); ++at) {
      const std::size_t end = options_.filepath.find('}', at);
      if (options_.filepath[at] != '{' || end == std::string::npos) {
        result += options_.filepath[at];
        continue;
      }
      result += filled(options_.filepath.substr(at + 1, end - at - 1), epoch, log);
      at = end;
    }
    return result;
  }

  ModelCheckpointOptions options_;
  std::unique_ptr<training::FigureMonitor> monitor_;
  std::optional<double> best_;
  std::int64_t batches_ = 0;
};

}  // namespace

CallbackPtr CSVLogger(CSVLoggerOptions options) {
  return std::make_shared<CSVLoggerCallback>(std::move(options));
}

CallbackPtr ModelCheckpoint(ModelCheckpointOptions options) {
  return std::make_shared<ModelCheckpointCallback>(std::move(options));
}

}  // namespace graft
