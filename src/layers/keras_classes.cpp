// SPDX-License-Identifier: Apache-2.0
// Which initializers, regularizers and constraints there are: names, arguments and defaults of Keras 3.15
// (keras/src/initializers, regularizers, constraints).
#include "layers/keras_call.hpp"

namespace graft::layers {
namespace {

KerasParameter seed() { return {"seed", nullptr}; }
KerasParameter axis() { return {"axis", 0}; }

KerasClass scaled(const char* call_name, const char* class_name) { return {call_name, class_name, {seed()}}; }

}  // namespace

const KerasKind& initializers() {
  static const KerasKind kind{
      .what = "initializer",
      .module = "keras.initializers",
      .classes = {
          {"zeros", "Zeros"},
          {"ones", "Ones"},
          {"constant", "Constant", {{"value", 0.0}}},
          {"identity", "Identity", {{"gain", 1.0}}},
          {"random_normal", "RandomNormal", {{"mean", 0.0}, {"stddev", 0.05}, seed()}},
          {"truncated_normal", "TruncatedNormal", {{"mean", 0.0}, {"stddev", 0.05}, seed()}},
          {"random_uniform", "RandomUniform", {{"minval", -0.05}, {"maxval", 0.05}, seed()}},
          {"variance_scaling",
           "VarianceScaling",
           {{"scale", 1.0},
            {"mode", "fan_in", {"fan_in", "fan_out", "fan_avg"}},
            {"distribution", "truncated_normal", {"truncated_normal", "untruncated_normal", "uniform"}},
            seed()}},
          scaled("glorot_uniform", "GlorotUniform"),
          scaled("glorot_normal", "GlorotNormal"),
          scaled("he_uniform", "HeUniform"),
          scaled("he_normal", "HeNormal"),
          scaled("lecun_uniform", "LecunUniform"),
          scaled("lecun_normal", "LecunNormal"),
          {"orthogonal", "Orthogonal", {{"gain", 1.0}, seed()}},
      }};
  return kind;
}

const KerasKind& regularizers() {
  static const KerasKind kind{.what = "regularizer",
                              .module = "keras.regularizers",
                              .classes = {
                                  {"l1", "L1", {{"l1", 0.01}}},
                                  {"l2", "L2", {{"l2", 0.01}}},
                                  {"l1_l2", "L1L2", {{"l1", 0.01}, {"l2", 0.01}}},
                                  {"orthogonal_regularizer",
                                   "OrthogonalRegularizer",
                                   {{"factor", 0.01}, {"mode", "rows", {"rows", "columns"}}}},
                              }};
  return kind;
}

const KerasKind& constraints() {
  static const KerasKind kind{
      .what = "constraint",
      .module = "keras.constraints",
      .classes = {
          {"max_norm", "MaxNorm", {{"max_value", 2.0}, axis()}},
          {"non_neg", "NonNeg"},
          {"unit_norm", "UnitNorm", {axis()}},
          {"min_max_norm", "MinMaxNorm", {{"min_value", 0.0}, {"max_value", 1.0}, {"rate", 1.0}, axis()}},
      }};
  return kind;
}

}  // namespace graft::layers
