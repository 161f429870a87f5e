// SPDX-License-Identifier: Apache-2.0
// The part of op_table.hpp for the ops of image_ops.hpp.
#pragma once

#include "graft/ops/op_row.hpp"

namespace graft::ops::rows {

constexpr OpInfo row(Of<Resize>) {
  return {"Resize",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule}};
}
constexpr OpInfo row(Of<ResizeBackward>) {
  using enum ResizeBackward::In;
  using enum ResizeBackward::Out;
  return {"ResizeBackward",
          {{dy, "dy"}},
          {{dx, "dx"}},
          {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<RandomTransform>) {
  using enum RandomTransform::In;
  using enum RandomTransform::Out;
  return {"RandomTransform",
          {{x, "x"}, {scale, "scale", kOptional}, {shift, "shift", kOptional}},
          {{y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::exact,
           EightBits::exact,
           Gradient::none,
           {.random = true, .rounds_result = true}}};
}
constexpr OpInfo row(Of<RandomCrop>) {
  return {
      "RandomCrop",
      {{UnaryIn::x, "x"}},
      {{UnaryOut::y, "y"}},
      {Samples::alone, Data::selected, Bfloat16::exact, EightBits::exact, Gradient::none, {.random = true}}};
}
constexpr OpInfo row(Of<RandomContrast>) {
  return {
      "RandomContrast",
      {{UnaryIn::x, "x", kInPlace}},
      {{UnaryOut::y, "y"}},
      {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none, {.random = true}}};
}
constexpr OpInfo row(Of<RandomBrightness>) {
  return {
      "RandomBrightness",
      {{UnaryIn::x, "x", kInPlace}},
      {{UnaryOut::y, "y"}},
      {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none, {.random = true}}};
}

}  // namespace graft::ops::rows
