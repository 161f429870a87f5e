// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/logits.hpp"
#include "graft/evaluation.hpp"
#include "graft/extend/layer.hpp"
#include "graft/plan/runner.hpp"

namespace graft::classify {
namespace {

constexpr double kSmallest = 1e-7;                // Keras's bound on probabilities in cross-entropy
constexpr double kColdest = 0.05, kHottest = 20;  // temperatures that are tried
constexpr std::size_t kFifths = 5;                // that a temperature is measured by
constexpr double kGolden = 0.6180339887498949;
constexpr double kRounding = 1e-6;  // of float32 probabilities: a loss lower by less is not lower

/// Mean cross-entropy of softmax(logits / temperature). doubt: the share of each photo that counts as the
/// likeliest of the classes that are not its own.
double cross_entropy(const Tensor& logits, const std::vector<int>& labels, double temperature,
                     double doubt = 0) {
  const auto width = static_cast<std::size_t>(logits.shape()[1]);
  double total = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.data<float>().subspan(i * width, width);
    const auto truth = static_cast<std::size_t>(labels[i]);
    double most = row[truth], other = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t k = 0; k < width; ++k) {
      if (k != truth) other = std::max(other, static_cast<double>(row[k]));
    }
    most = std::max(most, other);
    for (const float x : row) sum += std::exp((x - most) / temperature);
    total += std::log(sum) - (1 - doubt) * (row[truth] - most) / temperature;
    if (doubt > 0 && width > 1) total -= doubt * (other - most) / temperature;
  }
  return total / static_cast<double>(std::max<std::size_t>(labels.size(), 1));
}

/// The model's output (N, ...) for each photo, in the data set's own order.
Tensor outputs_for(const Model& model, const data::Dataset& photos) {
  plan::Runner runner(model, {.batch_size = photos.batch_size()});
  Tensor all;
  data::BatchIterator batches = photos.iterate();
  while (const auto batch = batches.next()) {
    const Tensor output = runner.run_first(batch->images);
    if (all.empty())
      all = Tensor(output.shape().without_batch().with_batch(static_cast<std::int64_t>(photos.size())));
    for (std::size_t i = 0; i < batch->indices.size(); ++i) {
      const auto row = static_cast<std::int64_t>(batch->indices[i]);
      const auto from = static_cast<std::int64_t>(i);
      all.slice(row, row + 1).copy_from(output.slice(from, from + 1));
    }
  }
  return all;
}

double mean_loss(const Tensor& probabilities, const std::vector<int>& labels) {
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  double total = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double p = probabilities.data<float>()[i * width + static_cast<std::size_t>(labels[i])];
    total -= std::log(std::max(p, 1e-30));
  }
  return total / static_cast<double>(labels.size());
}

/// The rows, class after class, go to the parts in turn: each part has its share of each class, and no part
/// is empty where classes have fewer photos than there are parts.
std::vector<std::size_t> parts_of(const std::vector<int>& labels) {
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return labels[i]; });
  std::vector<std::size_t> parts(labels.size());
  for (std::size_t place = 0; place < order.size(); ++place) parts[order[place]] = place % kFifths;
  return parts;
}

/// The temperature for each part: that of the photos of the other parts.
std::vector<double> temperatures_of_parts(const Tensor& logits, const std::vector<int>& labels,
                                          const std::vector<std::size_t>& parts) {
  const auto width = static_cast<std::size_t>(logits.shape()[1]);
  std::vector<double> temperatures(kFifths, 1);
  for (std::size_t part = 0; part < kFifths; ++part) {
    const auto others = labels.size() - static_cast<std::size_t>(std::ranges::count(parts, part));
    if (others == 0) continue;
    Tensor rows({static_cast<std::int64_t>(others), logits.shape()[1]});
    std::vector<int> their_labels;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (parts[i] == part) continue;
      std::ranges::copy(logits.data<float>().subspan(i * width, width),
                        rows.data<float>().subspan(their_labels.size() * width, width).begin());
      their_labels.push_back(labels[i]);
    }
    temperatures[part] = fit_temperature(rows, their_labels);
  }
  return temperatures;
}

/// softmax(logits / temperature) of one row, in place.
void soften(std::span<float> row, double temperature) {
  const double most = *std::ranges::max_element(row);
  double sum = 0;
  for (const float x : row) sum += std::exp((x - most) / temperature);
  for (float& x : row) x = static_cast<float>(std::exp((x - most) / temperature) / sum);
}

/// The Dense layer whose result, perhaps through an activation, is the model's output.
Layer last_dense(const Model& model) {
  SymbolicTensor at = model.outputs().front();
  for (int steps = 0; steps < 3; ++steps) {
    Layer layer(at.layer);
    const std::string& kind = layer.class_name();
    if (kind == "Dense") return layer;
    const bool is_activation =
        kind == "Softmax" || (kind == "Activation" && (layer.config()["activation"] == "softmax" ||
                                                       layer.config()["activation"] == "sigmoid"));
    if (!is_activation) break;
    at = at.layer->nodes().at(static_cast<std::size_t>(at.node)).inputs.front();
  }
  fail(ErrorKind::unsupported, "calibrate: model '", model.name(), "' ends in a ",
       Layer(at.layer).class_name(), "; expected a Dense layer, whose weights take the temperature");
}

}  // namespace

Tensor softened(const Tensor& logits, double temperature) {
  Tensor result = logits.clone();
  const auto width = static_cast<std::size_t>(logits.shape()[1]);
  const auto all = result.data<float>();
  for (std::size_t begin = 0; begin < all.size(); begin += width)
    soften(all.subspan(begin, width), temperature);
  return result;
}

Tensor softened_by_others(const Tensor& logits, const std::vector<int>& labels) {
  const std::vector<std::size_t> parts = parts_of(labels);
  const std::vector<double> temperatures = temperatures_of_parts(logits, labels, parts);
  const auto width = static_cast<std::size_t>(logits.shape()[1]);
  Tensor result = logits.clone();
  for (std::size_t i = 0; i < labels.size(); ++i)
    soften(result.data<float>().subspan(i * width, width), temperatures[parts[i]]);
  return result;
}

Tensor logits_of(const Tensor& values, const std::string& output) {
  const std::int64_t rows = values.shape()[0];
  const std::int64_t width = values.shape()[-1];
  const bool probabilities = output == "softmax" || output == "sigmoid";
  const auto in = values.data<float>();
  Tensor logits({rows, width == 1 ? 2 : width});
  const auto out = logits.data<float>();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double p = std::clamp(static_cast<double>(in[i]), kSmallest, 1 - kSmallest);
    if (width == 1) {
      out[2 * i + 1] = probabilities ? static_cast<float>(std::log(p / (1 - p))) : in[i];
    } else {
      out[i] = probabilities ? static_cast<float>(std::log(p)) : in[i];
    }
  }
  return logits;
}

double expected_calibration_error(const Tensor& probabilities, const std::vector<int>& labels,
                                  std::size_t bins) {
  struct Bin {
    double probability = 0, right = 0;
  };
  std::vector<Bin> all(std::max<std::size_t>(bins, 1));
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.data<float>().subspan(i * width, width);
    const auto best = std::ranges::max_element(row);
    // Bins are (low, high], as in the papers' code.
    const double place = std::ceil(static_cast<double>(*best) * static_cast<double>(all.size())) - 1;
    Bin& bin = all[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(all.size() - 1)))];
    bin.probability += *best;
    bin.right += best - row.begin() == labels[i] ? 1 : 0;
  }
  double total = 0;
  for (const Bin& bin : all) total += std::abs(bin.right - bin.probability);
  return total / static_cast<double>(std::max<std::size_t>(labels.size(), 1));
}

double fit_temperature(const Tensor& logits, const std::vector<int>& labels) {
  // Photos that are all answered rightly would ask for probabilities of 1. As in Platt's targets (1999), n
  // right answers of n say (n + 1) / (n + 2).
  const double doubt = 1 / (static_cast<double>(labels.size()) + 2);
  // The cross-entropy has one minimum over 1 / T; golden sections over log T find it.
  double low = std::log(kColdest);
  double high = std::log(kHottest);
  while (high - low > 1e-6) {
    const double left = high - kGolden * (high - low);
    const double right = low + kGolden * (high - low);
    if (cross_entropy(logits, labels, std::exp(left), doubt) <=
        cross_entropy(logits, labels, std::exp(right), doubt)) {
      high = right;
    } else {
      low = left;
    }
  }
  return std::exp((low + high) / 2);
}

Calibration find_calibration(const Tensor& logits, const std::vector<int>& labels) {
  if (labels.size() < kFewestToCalibrate) {
    fail(ErrorKind::invalid_argument, "calibrate: expected at least ", kFewestToCalibrate,
         " photos that the model was not trained on, received ", labels.size());
  }
  Calibration result{.temperature = fit_temperature(logits, labels), .photos = labels.size()};
  result.ece_before = expected_calibration_error(softened(logits, 1), labels);
  result.loss_before = cross_entropy(logits, labels, 1);
  const Tensor others = softened_by_others(logits, labels);
  result.ece_after = expected_calibration_error(others, labels);
  result.loss_after = mean_loss(others, labels);
  if (result.loss_after > result.loss_before * (1 - kRounding)) {
    result.temperature = 1;
    result.ece_after = result.ece_before;
    result.loss_after = result.loss_before;
  }
  return result;
}

void apply_temperature(Model& model, double temperature) {
  for (const VariablePtr& weight : last_dense(model).weights()) {
    for (float& x : weight->mutable_value().data<float>())
      x = static_cast<float>(static_cast<double>(x) / temperature);
  }
}

Calibration calibrate(Model& model, const data::Dataset& photos, const std::string& output) {
  static_cast<void>(last_dense(model));  // refused before the photos are computed
  const Calibration result = find_calibration(logits_of(outputs_for(model, photos), output), photos.labels());
  apply_temperature(model, result.temperature);
  return result;
}

}  // namespace graft::classify
