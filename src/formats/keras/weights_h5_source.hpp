// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "graft/formats/weights_h5.hpp"

#include "formats/input_file.hpp"

namespace graft::formats {

/// open_weights_h5 for anything that bytes can be read from; the tensors keep the source.
[[nodiscard]] StoredWeightsH5 open_weights_h5(std::unique_ptr<ByteSource> source);

}  // namespace graft::formats
