// SPDX-License-Identifier: Apache-2.0
// Changes to the structure of a model, and the report of what became of its weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/json_fwd.hpp"
#include "graft/model.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace models {

/// A weight that an edit changed or added.
struct ChangedWeight {
  std::string path;        ///< "mobilenetv2/Conv1/kernel"
  Shape before;            ///< shape in the original; rank 0 and `was_there` false for a new weight
  Shape after;             ///< shape in the edited model
  bool was_there = false;  ///< the original had this weight
  std::string how;         ///< what was done, in words
};

/// What an edit did to every weight. Paths are names from the outermost model's layer on.
struct EditReport {
  std::string edit;                    ///< "input size 64 x 64 to 128 x 128"
  std::vector<std::string> kept;       ///< unchanged, bit for bit
  std::vector<ChangedWeight> adapted;  ///< computed from the original's
  /// New, as Keras initialises them (or as the added layer brought them).
  std::vector<ChangedWeight> created;
  std::vector<std::string> dropped;  ///< in the original only
  std::vector<std::string> notes;    ///< further remarks, one sentence each
  std::int64_t params_before = 0;    ///< number of parameters of the original
  std::int64_t params_after = 0;     ///< number of parameters of the edited model
  std::int64_t params_kept = 0;      ///< number of parameters of the weights in `kept`
  /// How many of params_after belong to a layer that only prepares the pixels (of caffe's networks 12, else
  /// 0); Keras's networks have these numbers in preprocess_input. text() counts them apart.
  std::int64_t params_preprocessing = 0;

  /// Some lines for people, ending in a newline.
  [[nodiscard]] std::string text() const;
  /// The same, with every path.
  [[nodiscard]] Json json() const;
};

}  // namespace models
}  // namespace graft

// Rebuilding models: a trained network gets another head, input or layers without losing what it learnt.

/// Every edit returns a new model with copies of the weights; the original is unchanged. Layers keep their
/// names, trainable flags and order; the result of compile() is not kept. Layers are found by name or path,
/// also in nested models. Errors of all: Error{not_found} with similar names for a layer that does not exist;
/// Error{shape_mismatch} naming the layer that does not fit its new input; Error{invalid_argument} for an
/// impossible edit, with what is possible.

namespace graft {
inline namespace models {

/// The result of an edit.
struct Edited {
  Model model;        ///< the new model, not compiled
  EditReport report;  ///< what became of the weights
};

/// The head that replace_head() builds.
struct ReplaceHeadOptions {
  std::int64_t classes = 0;  ///< outputs of the new head, at least 1
  /// For each output the old class whose weights it keeps, or -1 for a new class. Empty: all are new. Classes
  /// count from 0; a head with one output (a probability or its logit) distinguishes two classes.
  std::vector<std::int64_t> from;
  /// Dense layers with ReLU between the features and the classifier: their units. Unset: the existing layers
  /// stay. Set, also to an empty list: it replaces all layers after the last pooling or Flatten.
  std::optional<std::vector<std::int64_t>> hidden;
  /// Rate of a Dropout before the new classifier; needs `hidden`.
  double dropout = 0;
};
/// Replaces the head of the model. The classifier is the last Dense or 1 x 1 Conv2D on the way to the output
/// (None, classes). With one output more than the old head had and `from`, the logits of the old classes do
/// not change. A head with one output becomes one with an output for each class: softmax of (0, z) is (1 -
/// sigmoid(z), sigmoid(z)), so that probabilities do not change either.
[[nodiscard]] Edited replace_head(const Model& model, const ReplaceHeadOptions& options);

/// Changes height and width of the input; 0: open. Every weight that does not depend on them is kept; a
/// Dense layer after a Flatten is initialised again, and the report lists it. Zero padding that Keras's
/// applications made for an even size is changed for an odd one, and vice versa.
[[nodiscard]] Edited change_input_size(const Model& model, Size2D size);

/// Initial weights of added channels.
enum class NewChannels {
  average,  ///< the average of the old ones; all are scaled so that the sum over channels is unchanged
  zero,     ///< zero: the new channels have no influence
};
/// The input that change_channels() builds.
struct ChannelOptions {
  std::int64_t channels = 0;  ///< C of the input, at least 1; another number than the model has
  NewChannels added = NewChannels::average;  ///< initial weights of added channels
};
/// Changes the number of channels of the input and adapts the first kernel: from m channels to one they are
/// summed; from one to n each gets an n-th; otherwise common channels are kept, removed ones are distributed
/// over the others, and added ones start with NewChannels. So the result for a grey photo, repeated over the
/// channels, does not change. Where layers before the first kernel treat channels differently, a 1 x 1
/// convolution that does not train is inserted at the input instead, and nothing else changes.
[[nodiscard]] Edited change_channels(const Model& model, const ChannelOptions& options);

/// Inserts a sequence of layers after a layer, or before it (if it has one input).
[[nodiscard]] Edited insert_after(const Model& model, const std::string& layer,
                                  const std::vector<Layer>& added);
[[nodiscard]] Edited insert_before(const Model& model, const std::string& layer,
                                   const std::vector<Layer>& added);
/// Removes a layer with one input: its input replaces its output.
[[nodiscard]] Edited remove_layer(const Model& model, const std::string& layer);
/// Replaces a layer. A replacement of the same class that was not called before receives the weights with
/// equal name and shape. It may have another name.
[[nodiscard]] Edited replace_layer(const Model& model, const std::string& layer, const Layer& replacement);

/// The model up to a layer's output: features instead of classes.
[[nodiscard]] Edited truncate(const Model& model, const std::string& layer);
/// A nested model as a separate model, e.g. the base of a classifier. Layers before it are dropped, including
/// preprocessing; the report lists them.
[[nodiscard]] Edited extract(const Model& model, const std::string& nested);

}  // namespace models
}  // namespace graft

#pragma GCC visibility pop
