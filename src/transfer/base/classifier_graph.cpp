// SPDX-License-Identifier: Apache-2.0
#include "transfer/base/classifier_graph.hpp"

#include "graft/layers.hpp"

namespace graft::transfer {
namespace {

/// Those tensors of the base, for a preprocessed photo.
std::vector<SymbolicTensor> inside(const BaseModel& base, const SymbolicTensor& photo,
                                   const std::vector<SymbolicTensor>& wanted) {
  const Model parts(base.model.inputs(), wanted, std::string(base.application->name));
  const SymbolicTensor last = parts(photo, {.training = false});
  std::vector<SymbolicTensor> results;
  for (const SymbolicTensor& tensor : wanted) {
    results.push_back({.layer = last.layer,
                       .node = last.node,
                       .index = static_cast<int>(results.size()),
                       .shape = tensor.shape});
  }
  return results;
}

}  // namespace

void ClassifierGraph::set_head(const LinearHead& solved) {
  head.weights()[0]->assign(solved.kernel);
  head.weights()[1]->assign(solved.bias);
}

ClassifierGraph build_classifier(const BaseModel& base, Size2D size, std::size_t classes,
                                 const std::vector<SymbolicTensor>& depths) {
  const SymbolicTensor input = Input({size.height, size.width, 3}, "image");
  const SymbolicTensor photo = applications::add_preprocessing(input, base.preprocessing);
  ClassifierGraph graph{
      .pooling = layers::GlobalAveragePooling2D({.name = "pooling"}),
      .head = layers::Dense(
          {.units = static_cast<std::int64_t>(classes), .activation = "softmax", .name = "predictions"})};
  SymbolicTensor features;
  if (depths.size() == 1) {
    features = graph.pooling(base.model(photo, {.training = false}));
  } else {
    std::vector<SymbolicTensor> pooled;
    for (const SymbolicTensor& depth : inside(base, photo, depths)) {
      const Layer pooling =
          pooled.empty()
              ? graph.pooling
              : layers::GlobalAveragePooling2D({.name = "pooling_" + std::to_string(pooled.size())});
      pooled.push_back(pooling(depth));
    }
    features = layers::Concatenate({.name = "depths"})(pooled);
  }
  graph.model = Model(input, graph.head(features), std::string(base.application->name) + "_graft");
  return graph;
}

Model build_features(const BaseModel& base, Size2D size, const std::vector<SymbolicTensor>& depths,
                     const std::optional<SymbolicTensor>& as_it_is) {
  const SymbolicTensor input = Input({size.height, size.width, 3}, "image");
  const SymbolicTensor photo = applications::add_preprocessing(input, base.preprocessing);
  std::vector<SymbolicTensor> wanted = depths;
  if (as_it_is) wanted.push_back(*as_it_is);
  std::vector<SymbolicTensor> outputs = inside(base, photo, wanted);
  for (std::size_t i = 0; i < depths.size(); ++i) outputs[i] = layers::GlobalAveragePooling2D()(outputs[i]);
  return {{input}, outputs, "features"};
}

}  // namespace graft::transfer
