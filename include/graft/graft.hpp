// SPDX-License-Identifier: Apache-2.0
// Everything a user of the library needs.
#pragma once

#include "graft/advise.hpp"
#include "graft/applications.hpp"
#include "graft/catalogue.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"
#include "graft/execution.hpp"
#include "graft/heads.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/pretrained.hpp"
#include "graft/quantize.hpp"
#include "graft/recipes.hpp"
#include "graft/report.hpp"
#include "graft/saving.hpp"
#include "graft/surgery.hpp"
#include "graft/train.hpp"
#include "graft/training.hpp"
#include "graft/version.hpp"
