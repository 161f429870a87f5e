// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/registry.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/surgery.hpp"

#include "models/carry_weights.hpp"
#include "models/rebuild.hpp"

namespace graft::models {
namespace {

using layers::LayerBase;

std::string size_text(const Shape& input) {
  const auto side = [](std::int64_t size) { return size < 0 ? std::string("open") : std::to_string(size); };
  return side(input[1]) + " x " + side(input[2]);
}

/// The padding that Keras's applications put before a convolution with stride 2 and without padding, so that
/// it sees what padding "same" would show it of an even size (keras/src/applications/imagenet_utils.py,
/// correct_pad): ((top, bottom), (left, right)).
Json stride_padding(const Shape& input, const Json& kernel) {
  Json padding = Json::array();
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t half = kernel.at(static_cast<std::size_t>(axis)).get<std::int64_t>() / 2;
    const std::int64_t size = input[axis + 1];
    const std::int64_t even = size < 0 || size % 2 == 0 ? 1 : 0;
    padding.push_back({half - even, half});
  }
  return padding;
}

/// Kernel sizes of the convolutions with stride 2 and no padding that read each ZeroPadding2D.
std::map<const LayerBase*, Json> strided_kernels(const Model& model) {
  std::map<const LayerBase*, Json> kernels;
  for (const FoundLayer& one : all_layers(model)) {
    const Json config = one.layer.config();
    if (!config.contains("kernel_size") || config.value("padding", Json()) != "valid" ||
        config.value("strides", Json()) != Json::array({2, 2}))
      continue;
    for (const layers::Node& node : one.layer.base()->nodes()) {
      for (const SymbolicTensor& input : node.inputs) {
        if (input.layer->class_name() == "ZeroPadding2D") kernels[input.layer.get()] = config["kernel_size"];
      }
    }
  }
  return kernels;
}

}  // namespace

Edited change_input_size(const Model& model, Size2D size) {
  const Shape input = model.input_shape();
  if (model.inputs().size() != 1 || input.rank() != 4) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "': expected one input (None, height, width, channels), received ", input);
  }
  if (size.height < 0 || size.width < 0) {
    fail(ErrorKind::invalid_argument,
         "input size: expected height and width above 0, or 0 for open, received ", size.height, " x ",
         size.width);
  }
  Shape wanted = input;
  wanted.set(1, size.height == 0 ? -1 : size.height);
  wanted.set(2, size.width == 0 ? -1 : size.width);
  const auto kernels = strided_kernels(model);
  std::vector<std::string> notes;
  const auto make = [&](const Layer& layer, const std::vector<SymbolicTensor>& inputs) -> Layer {
    if (layer.class_name() == "Resizing") {
      notes.push_back(cat("Resizing '", layer.name(), "' brings photos to ", size_text(layer.output_shape()),
                          " as before: the layers after it have the same input size."));
    }
    const auto kernel = kernels.find(layer.base().get());
    if (kernel == kernels.end() || inputs.size() != 1) return {};
    Json config = layer.config();
    const Shape& before = layer.base()->nodes().front().inputs.front().shape;
    if (config["padding"] != stride_padding(before, kernel->second)) return {};
    const Json padding = stride_padding(inputs.front().shape, kernel->second);
    if (padding == config["padding"]) return {};
    notes.push_back(cat("ZeroPadding2D '", layer.name(), "' now pads ", padding.dump(), " instead of ",
                        config["padding"].dump(), ", as Keras builds it for this size."));
    config["padding"] = padding;
    return layers::from_config(layer.class_name(), config);
  };
  const Rebuilt rebuilt = rebuild(model, {.make = make, .input_shape = [&](const Shape&) { return wanted; }});
  Edited edited =
      carry_weights(model, rebuilt, cat("input size ", size_text(input), " to ", size_text(wanted)));
  edited.report.notes = std::move(notes);
  for (const ChangedWeight& one : edited.report.created) {
    edited.report.notes.push_back(
        cat(one.path,
            " depends on the size of the input: it is initialised again, and the layers "
            "after it must be trained again."));
  }
  return edited;
}

}  // namespace graft::models
