// SPDX-License-Identifier: Apache-2.0
// The options of each loss in Keras's configs, beside name and reduction.
#pragma once

#include "graft/base/fail.hpp"
#include "graft/training/losses.hpp"

#include "training/serialised.hpp"

namespace graft::training {

template <typename Options>
inline constexpr auto kLastAxis = fixed_field<Options>("axis", [](const void*) { return Json(-1); });

inline constexpr auto kCrossentropyFields = fields<CrossentropyOptions>(
    field<&CrossentropyOptions::from_logits>("from_logits"),
    field<&CrossentropyOptions::label_smoothing>("label_smoothing"), kLastAxis<CrossentropyOptions>);
inline constexpr auto kSparseCrossentropyFields = fields<CrossentropyOptions>(
    field<&CrossentropyOptions::from_logits>("from_logits"),
    fixed_field<CrossentropyOptions>(
        "ignore_class", [](const void*) { return Json(nullptr); },
        [](const ConfigReader& reader, const char* key, void*) {
          fail(ErrorKind::unsupported, reader.owner(), ": ", key, " is not supported");
        }));
inline constexpr auto kCategoricalFocalFields = fields<FocalCrossentropyOptions>(
    field<&FocalCrossentropyOptions::from_logits>("from_logits"),
    field<&FocalCrossentropyOptions::label_smoothing>("label_smoothing"), kLastAxis<FocalCrossentropyOptions>,
    field<&FocalCrossentropyOptions::alpha>("alpha"), field<&FocalCrossentropyOptions::gamma>("gamma"));
inline constexpr auto kBinaryFocalFields =
    kCategoricalFocalFields +
    fields<FocalCrossentropyOptions>(
        field<&FocalCrossentropyOptions::apply_class_balancing>("apply_class_balancing"));

}  // namespace graft::training
