// SPDX-License-Identifier: Apache-2.0
// The scaling of pixels that weights need, and the number of their classes.
#include <algorithm>
#include <cmath>
#include <map>

#include "graft/applications/torch_names.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/file_kind.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/pretrained.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;
using applications::PixelAffine;
using applications::PixelScaling;
using applications::Preprocessing;

/// What layers Rescaling and Normalization at the front of a network do to its pixels.
class Front {
 public:
  explicit Front(const Model& network) {
    const SymbolicTensor* at = &network.inputs().front();
    for (const models::Call& call : network.functional()->calls()) {
      const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
      if (node.inputs.size() != 1 || !(node.inputs.front() == *at)) continue;
      if (!add(Layer(call.layer))) return;
      last_ = {call.layer, call.node, 0, node.outputs.front()};
      at = &last_;
    }
  }
  [[nodiscard]] const PixelAffine& affine() const { return affine_; }

 private:
  bool add(const Layer& layer) {
    const Json config = layer.config();
    for (std::size_t c = 0; c < 3; ++c) {
      double scale = 1;
      double offset = 0;
      if (layer.class_name() == "Rescaling") {
        scale = at(config["scale"], c);
        offset = at(config["offset"], c);
      } else if (layer.class_name() == "Normalization") {
        const bool stored = !layer.weights().empty();
        const double mean = stored ? at(*layer.weights()[0], c) : at(config["mean"], c);
        const double variance = stored ? at(*layer.weights()[1], c) : at(config["variance"], c);
        scale = 1 / std::max(std::sqrt(variance), 1e-7);  // Keras's epsilon
        offset = -mean * scale;
      } else {
        return false;
      }
      affine_.scale[c] *= scale;
      affine_.offset[c] = affine_.offset[c] * scale + offset;
    }
    return true;
  }

  /// A number for a channel, from one number for all, a list or nested lists with one element each.
  static double at(const Json& values, std::size_t channel) {
    if (values.is_number()) return values.get<double>();
    if (values.size() == 1) return at(values.front(), channel);
    return values.at(channel).get<double>();
  }
  static double at(const Variable& weight, std::size_t channel) {
    const auto numbers = weight.value().data();
    return static_cast<double>(numbers[numbers.size() == 1 ? 0 : channel]);
  }

  PixelAffine affine_;
  SymbolicTensor last_;
};

PixelAffine affine_of(Preprocessing mode) {
  PixelAffine result;
  const auto all = [](double value) { return std::array{value, value, value}; };
  if (mode == Preprocessing::tf) return {all(1 / 127.5), all(-1)};
  if (mode == Preprocessing::lite) return {all(1.0 / 128), all(-127.0 / 128)};
  if (mode == Preprocessing::unit) return {all(1.0 / 255), all(0)};
  if (mode == Preprocessing::torch) {
    constexpr std::array kMean{0.485, 0.456, 0.406};
    constexpr std::array kDeviation{0.229, 0.224, 0.225};
    for (std::size_t c = 0; c < 3; ++c) {
      result.scale[c] = 1 / (255 * kDeviation[c]);
      result.offset[c] = -kMean[c] / kDeviation[c];
    }
  }
  return result;
}

bool nearly_equal(const PixelAffine& a, const PixelAffine& b) {
  for (std::size_t c = 0; c < 3; ++c) {
    // At both ends of a pixel's range.
    const double black = std::abs(a.offset[c] - b.offset[c]);
    const double white = std::abs(a.scale[c] * 255 + a.offset[c] - b.scale[c] * 255 - b.offset[c]);
    if (std::max(black, white) > 1e-5 * std::abs(a.scale[c] * 255)) return false;
  }
  return true;
}

/// Whether "classifier.1" is followed by "classifier.4": then it is no last layer.
bool has_later_layer(const std::map<std::string, std::int64_t>& layers, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || name.find_first_not_of("0123456789", dot + 1) != std::string::npos)
    return false;
  constexpr std::size_t kMostDigits = 6;  // no real file has more layers
  if (name.size() - dot - 1 > kMostDigits) return false;
  const int number = std::stoi(name.substr(dot + 1));
  for (int later = number + 1; later < number + 8; ++later) {
    if (layers.contains(name.substr(0, dot + 1) + std::to_string(later))) return true;
  }
  return false;
}

}  // namespace

std::int64_t classes_of_weights(const std::string& weights) {
  const std::string file = file_of_weights(weights);
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return 0;
  const formats::FileKind kind = formats::file_kind_of(file);
  if (kind != formats::FileKind::torch && kind != formats::FileKind::safetensors) return 0;
  const formats::StoredTensors tensors = formats::open_named_tensors(file, kind);
  std::vector<std::string> names;
  for (const formats::StoredTensor& tensor : tensors) names.push_back(tensor.path);
  names = applications::torchvision_names(std::move(names));
  std::map<std::string, std::int64_t> biases;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].ends_with(".bias") && tensors[i].shape.rank() == 1)
      biases[names[i].substr(0, names[i].size() - 5)] = tensors[i].shape[0];
  }
  // The names that torchvision, timm and transformers give the classifier of their CNNs.
  for (const char* name : {"fc", "classifier", "head.fc", "head", "classifier.1", "classifier.2",
                           "classifier.3", "classifier.6", "last_linear", "model.fc", "module.fc"}) {
    const auto bias = biases.find(name);
    if (bias == biases.end()) continue;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Shape& shape = tensors[i].shape;
      const bool matrix = shape.rank() == 2 || shape.rank() == 4;
      if (names[i] == std::string(name) + ".weight" && matrix && shape[0] == bias->second &&
          !has_later_layer(biases, name))
        return bias->second;
    }
  }
  return 0;
}

PixelScaling scaling_for_weights(const applications::Application& application, const Model& network,
                                 const std::string& weights) {
  const Preprocessing usual = application.preprocessing_for(definition_for_weights(application, weights));
  const std::optional<WeightsConfig> config = config_of_weights(weights);
  if (!config) return usual;
  PixelAffine wanted;
  for (std::size_t c = 0; c < 3; ++c) {
    wanted.scale[c] = 1 / (255 * config->deviation[c]);
    wanted.offset[c] = -config->mean[c] / config->deviation[c];
  }
  const PixelAffine own = Front(network).affine();
  PixelAffine before;
  for (std::size_t c = 0; c < 3; ++c) {
    before.scale[c] = wanted.scale[c] / own.scale[c];
    before.offset[c] = (wanted.offset[c] - own.offset[c]) / own.scale[c];
  }
  if (usual != Preprocessing::caffe && nearly_equal(affine_of(usual), before)) return usual;
  return PixelScaling(before);
}

}  // namespace graft::classify
