// SPDX-License-Identifier: Apache-2.0
#include "imagenet_network.hpp"

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/layers/core.hpp"
#include "graft/pretrained.hpp"
#include "graft/saving.hpp"

namespace graft::classify {
namespace {

/// The metadata of a network for ImageNet's classes, or for as many others as its weights have.
Json metadata_of(const applications::Application& application, std::int64_t classes) {
  Json metadata{{"architecture", application.name}, {"output", "softmax"}, {"preprocessing", "in model"}};
  if (classes != 0) return metadata;
  Json names = Json::array();
  for (const applications::ImagenetClass& known : applications::imagenet_classes())
    names.push_back(known.name);
  metadata["class_names"] = std::move(names);
  return metadata;
}

/// The number of the weights' classes where they are not ImageNet's; 0: they are.
std::int64_t other_classes(const std::string& weights) {
  const auto known = static_cast<std::int64_t>(applications::imagenet_classes().size());
  const std::int64_t in_file = classes_of_weights(weights);
  const bool other_names = names_other_than_imagenet(weights, static_cast<std::size_t>(known));
  return in_file == known && !other_names ? 0 : in_file;
}

}  // namespace

ImagenetNetwork imagenet_network(const std::string& application, const ClassifierOptions& options) {
  const applications::Application& found = applications::find_application(application);
  const std::string weights = options.weights.empty() ? "imagenet" : options.weights;
  const Shape input_shape = input_shape_for_weights(found, weights);
  const std::int64_t classes = other_classes(weights);
  applications::ApplicationOptions built{.input_shape = input_shape, .alpha = options.alpha};
  if (classes != 0) built.classes = classes;
  Model network = build_for_weights(found, built, weights);
  const saving::LoadReport report = load_pretrained(network, found, built, weights);
  if (!report.missing.empty() && !options.allow_missing_weights) {
    fail(ErrorKind::not_found, weights, " lacks ", report.missing.size(), " weights of ", found.keras_name,
         ", which its classes need: ", report.missing.front(), report.missing.size() > 1 ? ", ..." : "",
         "; expected weights with the top");
  }
  const SymbolicTensor input = Input(input_shape);
  const SymbolicTensor x =
      applications::add_preprocessing(input, scaling_for_weights(found, network, weights));
  ImagenetNetwork result{.model = Model(input, network(x, {.training = false})),
                         .metadata = metadata_of(found, classes),
                         .missing = report.missing};
  if (classes != 0) add_names_beside(result.metadata, result.model, weights, result.notes);
  if (const std::string note = note_of_config(weights, {input_shape[0], input_shape[1]}); !note.empty()) {
    add_resize(result.metadata, resize_for_weights(weights));
    result.metadata["pixel_type"] = "uint8";  // rounded, as Pillow resizes
    result.notes.push_back(note);
  }
  if (weights == "none") result.notes.emplace_back("the network has random weights: its answers are noise");
  if (classes == 0) {
    for (const applications::ImagenetClass& known : applications::imagenet_classes())
      result.class_ids.emplace_back(known.wnid);
  }
  return result;
}

}  // namespace graft::classify
