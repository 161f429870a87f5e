// SPDX-License-Identifier: Apache-2.0
// Names of the ways in which pixels are scaled outside a model: of the option --pixels and in settings.json.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "graft/catalogue.hpp"

namespace graft::applications {

/// A way and its name.
struct NamedPixels {
  std::string_view name;
  Preprocessing pixels;
};
inline constexpr std::array kPixels{
    NamedPixels{"-1..1", Preprocessing::tf}, NamedPixels{"0..1", Preprocessing::unit},
    NamedPixels{"caffe", Preprocessing::caffe}, NamedPixels{"torch", Preprocessing::torch}};

/// The name of a way; "torch" for one without a name.
[[nodiscard]] constexpr std::string_view pixels_name(Preprocessing pixels) {
  const auto* found = std::ranges::find(kPixels, pixels, &NamedPixels::pixels);
  return found == kPixels.end() ? kPixels.back().name : found->name;
}

}  // namespace graft::applications
