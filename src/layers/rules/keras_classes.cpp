// SPDX-License-Identifier: Apache-2.0
// The initializers, regularizers and constraints of Keras 3.15 (keras/src/initializers, regularizers,
// constraints). Names of arguments and defaults are those of the structs in graft/layers/values.hpp.
#include <utility>

#include "graft/base/fields.hpp"
#include "graft/layers/values.hpp"

#include "layers/rules/keras_call.hpp"

namespace graft::layers {
namespace {

/// An axis or a list of them.
struct AxisCodec : Codec<std::vector<std::int64_t>> {
  static Json write(const std::vector<std::int64_t>& axes) {
    return axes.size() == 1 ? Json(axes.front()) : Json(axes);
  }
};

constexpr auto kConstantFields = fields<Constant>(field<&Constant::value>("value"));
constexpr auto kIdentityFields = fields<Identity>(field<&Identity::gain>("gain"));
constexpr auto kRandomNormalFields =
    fields<RandomNormal>(field<&RandomNormal::mean>("mean"), field<&RandomNormal::stddev>("stddev"),
                         field<&RandomNormal::seed, SeedCodec>("seed"));
constexpr auto kTruncatedNormalFields =
    fields<TruncatedNormal>(field<&TruncatedNormal::mean>("mean"), field<&TruncatedNormal::stddev>("stddev"),
                            field<&TruncatedNormal::seed, SeedCodec>("seed"));
constexpr auto kRandomUniformFields =
    fields<RandomUniform>(field<&RandomUniform::minval>("minval"), field<&RandomUniform::maxval>("maxval"),
                          field<&RandomUniform::seed, SeedCodec>("seed"));
constexpr auto kVarianceScalingFields = fields<VarianceScaling>(
    field<&VarianceScaling::scale>("scale"), field<&VarianceScaling::mode>("mode"),
    field<&VarianceScaling::distribution>("distribution"), field<&VarianceScaling::seed, SeedCodec>("seed"));
constexpr auto kOrthogonalFields =
    fields<Orthogonal>(field<&Orthogonal::gain>("gain"), field<&Orthogonal::seed, SeedCodec>("seed"));
constexpr auto kL1Fields = fields<L1>(field<&L1::l1>("l1"));
constexpr auto kL2Fields = fields<L2>(field<&L2::l2>("l2"));
constexpr auto kL1L2Fields = fields<L1L2>(field<&L1L2::l1>("l1"), field<&L1L2::l2>("l2"));
constexpr auto kOrthogonalRegularizerFields = fields<OrthogonalRegularizer>(
    field<&OrthogonalRegularizer::factor>("factor"), field<&OrthogonalRegularizer::mode>("mode"));
constexpr auto kMaxNormFields =
    fields<MaxNorm>(field<&MaxNorm::max_value>("max_value"), field<&MaxNorm::axis, AxisCodec>("axis"));
constexpr auto kUnitNormFields = fields<UnitNorm>(field<&UnitNorm::axis, AxisCodec>("axis"));
constexpr auto kMinMaxNormFields =
    fields<MinMaxNorm>(field<&MinMaxNorm::min_value>("min_value"), field<&MinMaxNorm::max_value>("max_value"),
                       field<&MinMaxNorm::rate>("rate"), field<&MinMaxNorm::axis, AxisCodec>("axis"));

/// The words that an argument may be, by the argument's name.
std::vector<std::string> words_of(std::string_view argument, std::string_view class_name) {
  if (argument == "distribution") return {"truncated_normal", "untruncated_normal", "uniform"};
  if (argument == "mode" && class_name == "VarianceScaling") return {"fan_in", "fan_out", "fan_avg"};
  if (argument == "mode") return {"rows", "columns"};
  return {};
}

template <typename Options, std::size_t kCount>
KerasClass class_of(const char* call_name, const char* class_name, const FieldArray<Options, kCount>& list) {
  KerasClass result{.call_name = call_name, .class_name = class_name};
  const Json defaults = write_options(list, Options{});
  for (const auto& [name, fallback] : defaults.items())
    result.parameters.push_back({name, fallback, words_of(name, class_name)});
  return result;
}

KerasClass scaled(const char* call_name, const char* class_name) {
  return {call_name, class_name, {{"seed", nullptr}}};
}

template <typename Options, std::size_t kCount>
std::string call_of(const KerasKind& kind, const char* class_name, const FieldArray<Options, kCount>& list,
                    const Options& options) {
  return call_from_json(kind, {{"class_name", class_name}, {"config", write_options(list, options)}}).value();
}

}  // namespace

const KerasKind& initializers() {
  static const KerasKind kind{.what = "initializer",
                              .module = "keras.initializers",
                              .classes = {
                                  {"zeros", "Zeros"},
                                  {"ones", "Ones"},
                                  class_of("constant", "Constant", kConstantFields),
                                  class_of("identity", "Identity", kIdentityFields),
                                  class_of("random_normal", "RandomNormal", kRandomNormalFields),
                                  class_of("truncated_normal", "TruncatedNormal", kTruncatedNormalFields),
                                  class_of("random_uniform", "RandomUniform", kRandomUniformFields),
                                  class_of("variance_scaling", "VarianceScaling", kVarianceScalingFields),
                                  scaled("glorot_uniform", "GlorotUniform"),
                                  scaled("glorot_normal", "GlorotNormal"),
                                  scaled("he_uniform", "HeUniform"),
                                  scaled("he_normal", "HeNormal"),
                                  scaled("lecun_uniform", "LecunUniform"),
                                  scaled("lecun_normal", "LecunNormal"),
                                  class_of("orthogonal", "Orthogonal", kOrthogonalFields),
                              }};
  return kind;
}

const KerasKind& regularizers() {
  static const KerasKind kind{
      .what = "regularizer",
      .module = "keras.regularizers",
      .classes = {
          class_of("l1", "L1", kL1Fields),
          class_of("l2", "L2", kL2Fields),
          class_of("l1_l2", "L1L2", kL1L2Fields),
          class_of("orthogonal_regularizer", "OrthogonalRegularizer", kOrthogonalRegularizerFields),
      }};
  return kind;
}

const KerasKind& constraints() {
  static const KerasKind kind{.what = "constraint",
                              .module = "keras.constraints",
                              .classes = {
                                  class_of("max_norm", "MaxNorm", kMaxNormFields),
                                  {"non_neg", "NonNeg"},
                                  class_of("unit_norm", "UnitNorm", kUnitNormFields),
                                  class_of("min_max_norm", "MinMaxNorm", kMinMaxNormFields),
                              }};
  return kind;
}

Zeros::operator std::string() const { return "zeros"; }
Ones::operator std::string() const { return "ones"; }
Constant::operator std::string() const { return call_of(initializers(), "Constant", kConstantFields, *this); }
Identity::operator std::string() const { return call_of(initializers(), "Identity", kIdentityFields, *this); }
RandomNormal::operator std::string() const {
  return call_of(initializers(), "RandomNormal", kRandomNormalFields, *this);
}
TruncatedNormal::operator std::string() const {
  return call_of(initializers(), "TruncatedNormal", kTruncatedNormalFields, *this);
}
RandomUniform::operator std::string() const {
  return call_of(initializers(), "RandomUniform", kRandomUniformFields, *this);
}
VarianceScaling::operator std::string() const {
  return call_of(initializers(), "VarianceScaling", kVarianceScalingFields, *this);
}
Orthogonal::operator std::string() const {
  return call_of(initializers(), "Orthogonal", kOrthogonalFields, *this);
}
L1::operator std::string() const { return call_of(regularizers(), "L1", kL1Fields, *this); }
L2::operator std::string() const { return call_of(regularizers(), "L2", kL2Fields, *this); }
L1L2::operator std::string() const { return call_of(regularizers(), "L1L2", kL1L2Fields, *this); }
OrthogonalRegularizer::operator std::string() const {
  return call_of(regularizers(), "OrthogonalRegularizer", kOrthogonalRegularizerFields, *this);
}
MaxNorm::operator std::string() const { return call_of(constraints(), "MaxNorm", kMaxNormFields, *this); }
NonNeg::operator std::string() const { return "non_neg"; }
UnitNorm::operator std::string() const { return call_of(constraints(), "UnitNorm", kUnitNormFields, *this); }
MinMaxNorm::operator std::string() const {
  return call_of(constraints(), "MinMaxNorm", kMinMaxNormFields, *this);
}

}  // namespace graft::layers
