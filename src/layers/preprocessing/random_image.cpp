// SPDX-License-Identifier: Apache-2.0
#include "layers/preprocessing/random_image.hpp"

#include "graft/base/fail.hpp"

namespace graft::layers {

ops::Bounds to_range(const SymmetricRange& factor) {
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

ops::Interpolation to_interpolation(const std::string& layer, const std::string& name) {
  if (name == "bilinear") return ops::Interpolation::bilinear;
  if (name == "nearest") return ops::Interpolation::nearest;
  fail(ErrorKind::unsupported, "layer '", layer, "': interpolation '", name,
       "' is not supported; use bilinear or nearest");
}

}  // namespace graft::layers
