// SPDX-License-Identifier: Apache-2.0
#include "graft/model.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/models/functional_model.hpp"

namespace graft {

Model::Model(std::shared_ptr<models::FunctionalModel> base) : Layer(std::move(base)) {}

Model::Model(const SymbolicTensor& input, const SymbolicTensor& output, const std::string& name)
    : Model(std::vector{input}, std::vector{output}, name) {}

Model::Model(std::vector<SymbolicTensor> inputs, std::vector<SymbolicTensor> outputs, const std::string& name)
    : Layer(std::make_shared<models::FunctionalModel>(std::move(inputs), std::move(outputs), name)) {}

std::shared_ptr<models::FunctionalModel> Model::functional() const {
  if (base() == nullptr) fail(ErrorKind::invalid_argument, "this Model is empty: it was never given layers");
  return std::static_pointer_cast<models::FunctionalModel>(base());
}

std::span<Layer> Model::layers() const { return functional()->model_layers(); }

Layer Model::get_layer(const std::string& name) const {
  std::vector<std::string> names;
  for (const Layer& layer : layers()) {
    if (layer.name() == name) return layer;
    names.push_back(layer.name());
  }
  fail(ErrorKind::not_found, "model '", this->name(), "' has no layer '", name, "'",
       similar_text(name, names, cat("; Model::layers() lists its ", names.size(), " layers")));
}

Layer Model::get_layer(int index) const {
  const auto count = static_cast<int>(layers().size());
  const int resolved = index < 0 ? index + count : index;
  if (resolved < 0 || resolved >= count) {
    fail(ErrorKind::not_found, "model '", name(), "' has ", count, " layers; there is no layer ", index);
  }
  return layers()[static_cast<std::size_t>(resolved)];
}

const std::vector<SymbolicTensor>& Model::inputs() const { return functional()->inputs(); }
const std::vector<SymbolicTensor>& Model::outputs() const { return functional()->outputs(); }
Shape Model::input_shape() const { return inputs().front().shape; }
Shape Model::output_shape() const { return outputs().front().shape; }

Model Sequential(const std::vector<Layer>& layers, const std::string& name) {
  if (layers.empty() || layers.front().class_name() != "InputLayer") {
    fail(ErrorKind::invalid_argument, "Sequential: expected an InputLayer as the first layer");
  }
  const SymbolicTensor input = layers.front()(std::vector<SymbolicTensor>{});
  SymbolicTensor x = input;
  for (std::size_t i = 1; i < layers.size(); ++i) x = layers[i](x);
  return Model(
      std::make_shared<models::FunctionalModel>(std::vector{input}, std::vector{x}, name, "Sequential"));
}

}  // namespace graft
