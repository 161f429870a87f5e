// SPDX-License-Identifier: Apache-2.0
// All applications and what goes with them.
#pragma once

#include "graft/applications/catalogue.hpp"
#include "graft/applications/decode_predictions.hpp"
#include "graft/applications/densenet.hpp"
#include "graft/applications/efficientnet_lite.hpp"
#include "graft/applications/inception_resnet_v2.hpp"
#include "graft/applications/inception_v3.hpp"
#include "graft/applications/mobilenet.hpp"
#include "graft/applications/mobilenet_v2.hpp"
#include "graft/applications/options.hpp"
#include "graft/applications/preprocess.hpp"
#include "graft/applications/resnet.hpp"
#include "graft/applications/torch_names.hpp"
#include "graft/applications/vgg.hpp"
#include "graft/applications/xception.hpp"
