// SPDX-License-Identifier: Apache-2.0
// Rebuilding models: a trained network gets another head, input or layers without losing what it learnt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/size2d.hpp"
#include "graft/models/edit_report.hpp"
#include "graft/models/model.hpp"

/// Every edit gives a new model with copies of the weights; the original stays as it is. Layers keep their
/// names, trainable marks and order; what compile() set is not kept. Layers are named as find_layer() takes
/// them, so they may lie in nested models. Errors of all: Error{not_found} with similar names for a layer
/// that is not there; Error{shape_mismatch} naming the layer that does not fit its new input;
/// Error{invalid_argument} for what cannot be done, saying what can.
namespace graft::models {

struct Edited {
  Model model;
  EditReport report;
};

struct HeadOptions {
  std::int64_t classes = 0;  ///< outputs of the new head, at least 1
  /// For each output the old class whose weights it takes over, or -1 for one that is new. Empty: all are
  /// new. Classes count from 0; a head with one output (a probability or its logit) tells two classes apart.
  std::vector<std::int64_t> from;
  /// Dense layers with ReLU between the features and the classifier: their units. Unset: the layers that are
  /// there stay. Given, also empty: they go, back to the last pooling or Flatten.
  std::optional<std::vector<std::int64_t>> hidden;
  /// Fraction that a Dropout in front of the new classifier leaves out; goes with `hidden`.
  double dropout = 0;
};
/// Another head on the same base. The classifier is the last Dense or 1 x 1
/// Conv2D on the way to the output (None, classes). With
/// one output more than the old head had and `from`, the logits of the old classes stay what they were. A
/// head with one output becomes one with an output for each class: softmax of (0, z) is (1 - sigmoid(z),
/// sigmoid(z)), so that probabilities stay, too.
[[nodiscard]] Edited replace_head(const Model& model, const HeadOptions& options);

/// Another height and width of the input; 0 leaves it open. Every weight that does not depend on it stays; a
/// Dense layer behind a Flatten is made anew, and the report says so. Zero padding that Keras's applications
/// made for an even size is made for an odd one, and the other way round.
[[nodiscard]] Edited change_input_size(const Model& model, Size2D size);

/// What channels that are added start with.
enum class NewChannels {
  average,  ///< the old ones' average, all scaled so that the sum over channels stays
  zero,     ///< nothing: the old channels count as before, whatever the new ones hold
};
struct ChannelOptions {
  std::int64_t channels = 0;
  NewChannels added = NewChannels::average;
};
/// Another number of channels of the input. The first kernel is adapted: from m channels to one they are
/// summed; from one to n it is spread, a n-th each; otherwise channels that both have stay, what is left out
/// is spread over the rest, and what is added is NewChannels. So a grey photo, repeated over the channels,
/// gives the same result as before. Where layers in front of the first kernel treat channels differently, a
/// 1 x 1 convolution that does not train is put at the input instead, and nothing else changes.
[[nodiscard]] Edited change_channels(const Model& model, const ChannelOptions& options);

/// Inserts layers in a row behind a layer, or in front of it (of one with one input).
[[nodiscard]] Edited insert_after(const Model& model, const std::string& layer,
                                  const std::vector<Layer>& added);
[[nodiscard]] Edited insert_before(const Model& model, const std::string& layer,
                                   const std::vector<Layer>& added);
/// Removes a layer with one input: what came into it goes on.
[[nodiscard]] Edited remove_layer(const Model& model, const std::string& layer);
/// Another layer in the place of one. Of the same class and not called before, it takes over the weights that
/// have the same name and shape. It may have another name.
[[nodiscard]] Edited replace_layer(const Model& model, const std::string& layer, const Layer& replacement);

/// The model up to a layer's output: features instead of classes.
[[nodiscard]] Edited truncate(const Model& model, const std::string& layer);
/// A nested model on its own, e.g. the base of a classifier. Layers in front of it stay behind, its
/// preprocessing too; the report says which.
[[nodiscard]] Edited extract(const Model& model, const std::string& nested);

}  // namespace graft::models
