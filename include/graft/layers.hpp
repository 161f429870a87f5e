// SPDX-License-Identifier: Apache-2.0
// All layers.
#pragma once

#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/layer.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/preprocessing.hpp"
#include "graft/layers/regularization.hpp"
#include "graft/layers/reshaping.hpp"
#include "graft/layers/values.hpp"
