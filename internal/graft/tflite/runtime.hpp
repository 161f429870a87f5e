// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/formats/outside_engine.hpp"

namespace graft {
inline namespace tflite {

[[nodiscard]] const formats::OutsideEngine& lite_rt();

}  // namespace tflite
}  // namespace graft
