// SPDX-License-Identifier: Apache-2.0
// Everything a user of the library needs.
#pragma once

#include "graft/applications/applications.hpp"
#include "graft/base/error.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/version.hpp"
#include "graft/data/image_dataset.hpp"
#include "graft/layers/layers.hpp"
#include "graft/models/clone_model.hpp"
#include "graft/models/model.hpp"
#include "graft/models/surgery.hpp"
#include "graft/saving/load_weights.hpp"
#include "graft/saving/model_config.hpp"
#include "graft/saving/plot_model.hpp"
#include "graft/saving/save_model.hpp"
#include "graft/saving/save_weights.hpp"
#include "graft/saving/summary.hpp"
#include "graft/training/trainer.hpp"
#include "graft/transfer/classifier.hpp"
#include "graft/transfer/edit_classifier.hpp"
#include "graft/transfer/pretrained.hpp"
#include "graft/transfer/train.hpp"
