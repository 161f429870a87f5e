// SPDX-License-Identifier: Apache-2.0
#include "layers/regularization/random_zeros.hpp"

#include "graft/base/fail.hpp"

namespace graft::layers {

void check_rate(const LayerBase& layer, const char* option, double rate) {
  if (rate >= 0 && rate <= 1) return;
  fail(ErrorKind::invalid_argument, layer.class_name(), " '", layer.name(), "': expected ", option,
       " from 0 to 1, received ", rate);
}

}  // namespace graft::layers
