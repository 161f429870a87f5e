// SPDX-License-Identifier: Apache-2.0
#include "layers/random_image.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::layers {

ops::ValueId RandomImageLayer::lower(LowerContext& context, const std::vector<ops::ValueId>& inputs) const {
  if (!context.training) return inputs[0];
  return context.graph.add(random_op(seed_or_default(seed_)), inputs, context.graph.shape(inputs[0]));
}

ops::Range to_range(const Factor& factor) {
  return {static_cast<float>(factor.low), static_cast<float>(factor.high)};
}

ops::FillMode to_fill_mode(Fill fill) {
  switch (fill) {
    case Fill::reflect:
      return ops::FillMode::reflect;
    case Fill::nearest:
      return ops::FillMode::nearest;
    case Fill::wrap:
      return ops::FillMode::wrap;
    case Fill::constant:
      return ops::FillMode::constant;
  }
  return ops::FillMode::reflect;
}

std::string fill_name(Fill fill) {
  switch (fill) {
    case Fill::reflect:
      return "reflect";
    case Fill::nearest:
      return "nearest";
    case Fill::wrap:
      return "wrap";
    case Fill::constant:
      return "constant";
  }
  return "reflect";
}

Fill fill_from(const Config& reader) {
  const std::string name = reader.text("fill_mode", "reflect");
  for (const Fill fill : {Fill::reflect, Fill::nearest, Fill::wrap, Fill::constant}) {
    if (fill_name(fill) == name) return fill;
  }
  fail(ErrorKind::bad_file, "layer '", reader.name(), "': fill_mode '", name, "' is not known");
}

ops::Interpolation to_interpolation(const std::string& layer, const std::string& name) {
  if (name == "bilinear") return ops::Interpolation::bilinear;
  if (name == "nearest") return ops::Interpolation::nearest;
  fail(ErrorKind::unsupported, "layer '", layer, "': interpolation '", name,
       "' is not supported; use bilinear or nearest");
}

Json factor_json(const Factor& factor) {
  return factor.low == -factor.high ? Json(factor.high) : Json::array({factor.low, factor.high});
}

}  // namespace graft::layers
