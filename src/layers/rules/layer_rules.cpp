// SPDX-License-Identifier: Apache-2.0
// Keras's options NAME_regularizer and NAME_constraint, which every layer with weights has.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/values.hpp"

#include "layers/rules/keras_call.hpp"

namespace graft::layers {
namespace {

constexpr std::string_view kRegularizer = "_regularizer", kConstraint = "_constraint";

/// "kernel" of "kernel_regularizer"; empty for another option.
std::string subject_of(const std::string& option) {
  for (const std::string_view ending : {kRegularizer, kConstraint}) {
    if (option.ends_with(ending)) return option.substr(0, option.size() - ending.size());
  }
  return "";
}

const KerasKind& kind_of(const std::string& option) {
  return option.ends_with(kConstraint) ? constraints() : regularizers();
}

}  // namespace

void LayerBase::set_rule(const std::string& option, const std::string& rule) {
  if (rule.empty()) {
    rules_.erase(option);
    return;
  }
  const std::string subject = subject_of(option);
  const bool of_activity = option == "activity_regularizer";
  const Json own = own_config();
  // BatchNormalization's config has no initializers of gamma and beta, but the weights exist.
  const bool of_scale = class_name_ == "BatchNormalization" && (subject == "gamma" || subject == "beta");
  if (subject.empty() || (!of_activity && !of_scale && !own.contains(subject + "_initializer"))) {
    fail(ErrorKind::invalid_argument, class_name_, " '", name_, "' has no option ", option);
  }
  static_cast<void>(parse_call(kind_of(option), rule));
  rules_[option] = rule;
}

void LayerBase::read_rules(const Json& config) {
  for (const auto& [option, value] : config.items()) {
    if (value.is_null() || subject_of(option).empty()) continue;
    if (!value.is_string() && !value.is_object()) {
      fail(ErrorKind::bad_file, "layer '", name_, "': '", option, "': expected an object, received ",
           value.dump().substr(0, 80));
    }
    if (const auto call = call_from_json(kind_of(option), value)) {
      rules_[option] = *call;
    } else if (value.is_object()) {
      rules_[option] = value.dump();  // a class that graft does not know: training refuses it
    } else {
      fail(ErrorKind::unsupported, "layer '", name_, "': '", option, "': ", value.dump().substr(0, 80),
           " is not known");
    }
  }
}

VariablePtr LayerBase::ruled_weight(const std::string& option) const {
  const std::string subject = subject_of(option);
  for (const VariablePtr& weight : weights_) {
    if (weight->name() == subject || weight->name() == subject + "_kernel") return weight;
  }
  // DepthwiseConv2D's only kernel.
  if (subject == "depthwise" && !weights_.empty()) return weights_.front();
  return nullptr;
}

void set_rule(const Layer& layer, const std::string& option, const std::string& rule) {
  layer.base()->set_rule(option, rule);
}

}  // namespace graft::layers
