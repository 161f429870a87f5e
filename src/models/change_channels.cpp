// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/surgery.hpp"

#include "models/carry_weights.hpp"
#include "models/rebuild.hpp"

namespace graft::models {
namespace {

using layers::LayerBase;
using Key = std::pair<const LayerBase*, int>;

/// Layers that do the same to every channel and hold no numbers per channel. Those that need red, green and
/// blue (RandomHue, ...) are not among them, though they do nothing in inference.
constexpr std::array kNeutral{"Activation",
                              "ActivityRegularization",
                              "AlphaDropout",
                              "AveragePooling2D",
                              "CenterCrop",
                              "Cropping2D",
                              "CutMix",
                              "Dropout",
                              "ELU",
                              "GaussianDropout",
                              "GaussianNoise",
                              "GlobalAveragePooling2D",
                              "GlobalMaxPooling2D",
                              "Identity",
                              "LeakyReLU",
                              "MaxPooling2D",
                              "MixUp",
                              "RandomBrightness",
                              "RandomContrast",
                              "RandomCrop",
                              "RandomElasticTransform",
                              "RandomErasing",
                              "RandomFlip",
                              "RandomGaussianBlur",
                              "RandomHeight",
                              "RandomInvert",
                              "RandomPerspective",
                              "RandomPosterization",
                              "RandomRotation",
                              "RandomSharpness",
                              "RandomShear",
                              "RandomTranslation",
                              "RandomWidth",
                              "RandomZoom",
                              "ReLU",
                              "Resizing",
                              "Solarization",
                              "SpatialDropout2D",
                              "StochasticDepth",
                              "UpSampling2D",
                              "ZeroPadding2D"};

/// The same for several inputs, where all of them carry the channels.
constexpr std::array kMerging{"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"};

/// True where a config's entry holds several numbers, one for each channel.
bool is_per_channel(const Json& config, const char* key) {
  return config.contains(key) && config[key].is_array() && config[key].size() > 1;
}

/// all: every input of the call carries the channels.
bool is_neutral(const Layer& layer, bool all) {
  const Json config = layer.config();
  if (layer.class_name() == "Rescaling")
    return !is_per_channel(config, "scale") && !is_per_channel(config, "offset");
  if (layer.class_name() == "Normalization")
    return layer.weights().empty() && !is_per_channel(config, "mean") && !is_per_channel(config, "variance");
  if (layer.class_name() == "Activation" && config.value("activation", Json()) == "softmax") return false;
  return std::ranges::find(kNeutral, layer.class_name()) != kNeutral.end() ||
         (all && std::ranges::find(kMerging, layer.class_name()) != kMerging.end());
}

bool is_first_kernel(const Layer& layer) {
  if (layer.class_name() == "Dense") return true;
  return layer.class_name() == "Conv2D" && layer.config().value("groups", 1) == 1;
}

/// Follows the input's channels to the kernels that read them.
class FirstKernels {
 public:
  /// Returns the outputs that still carry the input's channels, by index.
  std::set<std::size_t> follow(const Model& model, const std::set<std::size_t>& inputs) {
    std::set<Key> carried;
    for (const std::size_t i : inputs)
      carried.insert({model.inputs()[i].layer.get(), model.inputs()[i].node});
    for (const Call& call : model.functional()->calls()) {
      std::set<std::size_t> reading;
      const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (carried.contains({node.inputs[i].layer.get(), node.inputs[i].node})) reading.insert(i);
      }
      const bool all = reading.size() == node.inputs.size();
      if (!reading.empty() && pass(Layer(call.layer), reading, all))
        carried.insert({call.layer.get(), call.node});
    }
    std::set<std::size_t> outputs;
    for (std::size_t i = 0; i < model.outputs().size(); ++i) {
      if (carried.contains({model.outputs()[i].layer.get(), model.outputs()[i].node})) outputs.insert(i);
    }
    return outputs;
  }

  std::set<const LayerBase*> kernels;
  std::string obstacle;  ///< the first layer that treats channels differently; empty: none

 private:
  /// True when the layer's output still carries the input's channels.
  bool pass(const Layer& layer, const std::set<std::size_t>& reading, bool all) {
    const Model nested = as_model(layer);
    if (nested.base() != nullptr) return !follow(nested, reading).empty();
    if (is_first_kernel(layer)) {
      kernels.insert(layer.base().get());
      return false;
    }
    if (!is_neutral(layer, all) && obstacle.empty())
      obstacle = cat(layer.class_name(), " '", layer.name(), "'");
    return true;
  }
};

/// (n, m): how much of each of the n new channels goes into each of the m old ones. Columns add up to 1, so
/// that equal channels stay what they were.
Tensor channel_matrix(std::int64_t n, std::int64_t m, NewChannels added) {
  Tensor matrix(Shape{n, m});
  const auto at = [&](std::int64_t i, std::int64_t c) -> float& {
    return matrix.data()[static_cast<std::size_t>(i * m + c)];
  };
  const bool shared = n > m && added == NewChannels::average;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t c = 0; c < m; ++c) {
      if (i == c) {
        at(i, c) = shared ? static_cast<float>(m) / static_cast<float>(n) : 1.0F;
      } else if (c >= n || (shared && i >= m)) {
        at(i, c) = 1.0F / static_cast<float>(n);
      }
    }
  }
  return matrix;
}

/// kernel (..., m, F) to (..., n, F).
void adapt_kernel(const Tensor& from, Tensor& to, const Tensor& matrix) {
  const auto n = static_cast<std::size_t>(matrix.shape()[0]);
  const auto m = static_cast<std::size_t>(matrix.shape()[1]);
  const auto filters = static_cast<std::size_t>(from.shape()[-1]);
  const std::size_t places = static_cast<std::size_t>(from.count()) / (m * filters);
  for (std::size_t at = 0; at < places * n * filters; ++at) {
    const std::size_t filter = at % filters;
    const std::size_t channel = at / filters % n;
    const std::size_t place = at / filters / n;
    double sum = 0;
    for (std::size_t c = 0; c < m; ++c) {
      sum += static_cast<double>(matrix.data()[channel * m + c]) *
             static_cast<double>(from.data()[(place * m + c) * filters + filter]);
    }
    to.data()[at] = static_cast<float>(sum);
  }
}

std::string how_adapted(std::int64_t n, std::int64_t m, NewChannels added) {
  if (n == 1) return cat("the ", m, " channels summed");
  if (n < m) return cat("channels beyond ", n, " spread over the others");
  if (added == NewChannels::zero) return "new channels at zero";
  if (m == 1) return cat("spread over ", n, " channels");
  return "new channels the average of the old, all scaled";
}

struct Channels {
  std::int64_t before, after;
  NewChannels added;
  [[nodiscard]] std::string edit() const { return cat("input channels ", before, " to ", after); }
  [[nodiscard]] Shape shape(Shape input) const {
    input.set(-1, after);
    return input;
  }
};

Edited adapt_first_kernels(const Model& model, const Channels& channels,
                           const std::set<const LayerBase*>& kernels) {
  const Tensor matrix = channel_matrix(channels.after, channels.before, channels.added);
  const auto adapt = [&](const LayerPair& pair, const Variable& from, Variable& to) -> Fate {
    if (!kernels.contains(pair.from.base().get()) || from.shape() == to.shape()) return {};
    adapt_kernel(from.value(), to.mutable_value(), matrix);
    return {Fate::Kind::adapted, how_adapted(channels.after, channels.before, channels.added)};
  };
  return carry_weights(
      model, rebuild(model, {.input_shape = [&](const Shape& input) { return channels.shape(input); }}),
      channels.edit(), adapt);
}

Edited convert_at_input(const Model& model, const Channels& channels, const std::string& obstacle) {
  Layer converter = layers::Conv2D({.filters = channels.before,
                                    .kernel_size = 1,
                                    .use_bias = false,
                                    .name = free_name(model, "input_channels")});
  const RebuildPlan plan{.edits = {{model.inputs().front().layer.get(), {.after = {converter}}}},
                         .input_shape = [&](const Shape& input) { return channels.shape(input); }};
  Edited edited = carry_weights(model, rebuild(model, plan), channels.edit());
  const Tensor matrix = channel_matrix(channels.after, channels.before, channels.added);
  converter.weights().front()->assign(matrix.reshape({1, 1, channels.after, channels.before}));
  converter.set_trainable(false);
  for (ChangedWeight& one : edited.report.created) one.how = "turns the channels into the old ones";
  edited.report.notes.push_back(
      cat(obstacle, " treats channels differently, so no kernel was adapted: Conv2D '", converter.name(),
          "' at the input, which does not train, makes the ", channels.before, " channels of the network."));
  return edited;
}

}  // namespace

Edited change_channels(const Model& model, const ChannelOptions& options) {
  const Shape input = model.input_shape();
  if (model.inputs().size() != 1 || input.rank() != 4 || input[3] < 1) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "': expected one input (None, height, width, channels), received ", input);
  }
  if (options.channels < 1 || options.channels == input[3]) {
    fail(ErrorKind::invalid_argument, "channels: expected another number than the model's ", input[3],
         ", at least 1, received ", options.channels);
  }
  const Channels channels{.before = input[3], .after = options.channels, .added = options.added};
  FirstKernels first;
  if (!first.follow(model, {0}).empty() && first.obstacle.empty()) first.obstacle = "the output";
  if (!first.obstacle.empty()) return convert_at_input(model, channels, first.obstacle);
  return adapt_first_kernels(model, channels, first.kernels);
}

}  // namespace graft::models
