// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/model.hpp"

namespace graft::classify {

/// An application with a top, as Classifier::imagenet() needs it.
struct ImagenetNetwork {
  Model model;                         ///< takes photos (N, H, W, 3), 0 to 255, and scales them itself
  Json metadata;                       ///< as in the model file of a classifier
  std::vector<std::string> class_ids;  ///< WordNet's ids of ImageNet's classes; empty: of other classes
  std::vector<std::string> missing;    ///< weights that the file lacked
  std::vector<std::string> notes;
};

/// Builds the network with the weights that `options` names. Errors as of Classifier::imagenet().
ImagenetNetwork imagenet_network(const std::string& application, const ClassifierOptions& options);

}  // namespace graft::classify
