// SPDX-License-Identifier: Apache-2.0
#include "inspect/features/feature_network.hpp"

#include <utility>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"
#include "graft/models/pooled_features.hpp"
#include "graft/pretrained.hpp"
#include "graft/saving.hpp"

namespace graft::inspect {
FeatureNetwork::FeatureNetwork(std::string name, Model model, data::LoadPhotosOptions load,
                               const Execution& execution, std::vector<std::string> notes)
    : name_(std::move(name)),
      notes_(std::move(notes)),
      load_(std::move(load)),
      runner_(std::move(model), {.execution = execution}) {}

FeatureNetwork FeatureNetwork::open(const std::string& model, const std::string& weights,
                                    const Execution& execution) {
  std::error_code ignored;
  if (std::filesystem::exists(model, ignored)) {
    const bool own = weights != "imagenet" && weights != "none";  // imagenet is the default
    return of(Classifier::open(model, {.weights = own ? weights : std::string()}), execution);
  }
  const applications::Application& application = applications::find_application(model);
  const Shape input_shape = classify::input_shape_for_weights(application, weights);
  const applications::ApplicationOptions options{
      .input_shape = input_shape, .include_top = false, .pooling = "avg"};
  Model network = classify::build_for_weights(application, options, weights);
  const saving::LoadReport report = classify::load_pretrained(network, application, options, weights);
  if (!report.missing.empty()) {
    fail(ErrorKind::not_found, weights, " lacks ", report.missing.size(), " weights of ",
         application.keras_name, ", first ", report.missing.front());
  }
  const SymbolicTensor input = Input(input_shape);
  const SymbolicTensor x =
      applications::add_preprocessing(input, classify::scaling_for_weights(application, network, weights));
  data::LoadPhotosOptions load{.image_size = {input_shape[0], input_shape[1]}};
  if (input_shape[2] == 1) load.decode.color_mode = data::ColorMode::grayscale;
  load.resize = classify::resize_for_weights(weights);
  return {cat(application.name, ' ', input_shape[0], " x ", input_shape[1]),
          Model(input, network(x, {.training = false})), load, execution};
}

FeatureNetwork FeatureNetwork::of(const Classifier& classifier, const Execution& execution) {
  Execution exact = execution;
  if (exact.dtype_policy == DTypePolicy::int8) exact.dtype_policy = DTypePolicy::float32;
  return {classifier.file().empty() ? classifier.model().name() : classifier.file().string(),
          models::pooled_features(classifier.model()), classifier.load_options(), exact, classifier.notes()};
}

Tensor FeatureNetwork::features(const Tensor& photos) { return runner_.run_first(photos); }

}  // namespace graft::inspect
