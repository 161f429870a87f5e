// SPDX-License-Identifier: Apache-2.0
#include "transfer/base/classifier_graph.hpp"

#include "graft/base/fail.hpp"
#include "graft/layers.hpp"

namespace graft::transfer {
namespace {

/// Those tensors of the base, for a preprocessed photo.
std::vector<SymbolicTensor> inside(const BaseModel& base, const SymbolicTensor& photo,
                                   const std::vector<SymbolicTensor>& wanted) {
  const Model parts(base.model.inputs(), wanted, std::string(base.application->name));
  const SymbolicTensor last = parts(photo, {.training = false});
  std::vector<SymbolicTensor> results;
  results.reserve(wanted.size());
  for (const SymbolicTensor& tensor : wanted) {
    results.push_back({.layer = last.layer,
                       .node = last.node,
                       .index = static_cast<int>(results.size()),
                       .shape = tensor.shape});
  }
  return results;
}

SymbolicTensor image_input(Size2D size) { return Input({size.height, size.width, 3}, "image"); }

ClassifierGraph start_graph(std::size_t classes, const std::string& activation = "softmax") {
  return {
      .pooling = layers::GlobalAveragePooling2D({.name = "pooling"}),
      .head = layers::Dense(
          {.units = static_cast<std::int64_t>(classes), .activation = activation, .name = "predictions"})};
}

/// The second network's preprocessing: a model of its own, since its layers' names are those of the first
/// one's.
SymbolicTensor second_preprocessing(const SymbolicTensor& input, const applications::PixelScaling& scaling) {
  const bool none = !scaling.affine && scaling.mode == applications::Preprocessing::none;
  if (none) return input;
  const SymbolicTensor inside = Input(input.shape.without_batch(), "pixels");
  return Model(inside, applications::add_preprocessing(inside, scaling), "preprocess_second")(input);
}

/// Raw photo -> the base's depths, each averaged over its pixels. before: number of poolings that the model
/// has already.
std::vector<SymbolicTensor> pooled_depths(const ClassifierGraph& graph, const SymbolicTensor& input,
                                          const BaseDepths& of, std::size_t before) {
  const SymbolicTensor photo = before == 0 ? applications::add_preprocessing(input, of.base.preprocessing)
                                           : second_preprocessing(input, of.base.preprocessing);
  const std::vector<SymbolicTensor> depths = of.depths.size() == 1
                                                 ? std::vector{of.base.model(photo, {.training = false})}
                                                 : inside(of.base, photo, of.depths);
  std::vector<SymbolicTensor> pooled;
  for (const SymbolicTensor& depth : depths) {
    const std::size_t number = before + pooled.size();
    const Layer pooling = number == 0
                              ? graph.pooling
                              : layers::GlobalAveragePooling2D({.name = "pooling_" + std::to_string(number)});
    pooled.push_back(pooling(depth));
  }
  return pooled;
}

}  // namespace

void ClassifierGraph::set_head(const LinearHead& solved) {
  head.weights()[0]->assign(solved.kernel);
  head.weights()[1]->assign(solved.bias);
}

ClassifierGraph build_classifier(const BaseModel& base, Size2D size, std::size_t classes,
                                 const std::vector<SymbolicTensor>& depths, const std::string& activation) {
  const SymbolicTensor input = image_input(size);
  ClassifierGraph graph = start_graph(classes, activation);
  const std::vector<SymbolicTensor> pooled = pooled_depths(graph, input, {base, depths}, 0);
  const SymbolicTensor features =
      pooled.size() == 1 ? pooled.front() : layers::Concatenate({.name = "depths"})(pooled);
  graph.model = Model(input, graph.head(features), std::string(base.application->name) + "_graft");
  return graph;
}

ClassifierGraph build_classifier_of_two(const BaseDepths& first, const BaseDepths& second, Size2D size,
                                        std::size_t classes) {
  const SymbolicTensor input = image_input(size);
  ClassifierGraph graph = start_graph(classes);
  std::vector<SymbolicTensor> pooled = pooled_depths(graph, input, first, 0);
  const std::vector<SymbolicTensor> more = pooled_depths(graph, input, second, pooled.size());
  pooled.insert(pooled.end(), more.begin(), more.end());
  graph.model = Model(input, graph.head(layers::Concatenate({.name = "networks"})(pooled)),
                      cat(first.base.application->name, "_", second.base.application->name, "_graft"));
  return graph;
}

Model build_features(const BaseModel& base, Size2D size, const std::vector<SymbolicTensor>& depths,
                     const std::optional<SymbolicTensor>& as_it_is) {
  const SymbolicTensor input = image_input(size);
  const SymbolicTensor photo = applications::add_preprocessing(input, base.preprocessing);
  std::vector<SymbolicTensor> wanted = depths;
  if (as_it_is) wanted.push_back(*as_it_is);
  std::vector<SymbolicTensor> outputs = inside(base, photo, wanted);
  for (std::size_t i = 0; i < depths.size(); ++i) outputs[i] = layers::GlobalAveragePooling2D()(outputs[i]);
  return {{input}, outputs, "features"};
}

}  // namespace graft::transfer
