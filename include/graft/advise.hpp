// SPDX-License-Identifier: Apache-2.0
// Which way of using a pretrained network fits a folder of photos, by measuring.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/json_fwd.hpp"
#include "graft/train.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace transfer {

/// Score on unseen photos of a head on the features of one depth of the frozen network.
struct DepthScore {
  std::string layer;    ///< the layer whose output is read
  double position = 0;  ///< share of the network's layers before it, 0 to 1
  double accuracy = 0;  ///< fraction of 1
  double loss = 0;      ///< mean of -log of the right class's probability
};

/// One strategy tried, on a part of the photos or, exhaustively, on all.
struct StrategyTrial {
  Strategy strategy = Strategy::freeze_base;  ///< the strategy that was tried
  std::string first_layer;                    ///< the first layer that trains; empty: only the head
  double learning_rate = 0;                   ///< the largest of the cycle
  std::int64_t epochs = 0;                    ///< number of epochs
  std::size_t photos = 0;                     ///< number of training photos
  std::size_t judged = 0;                     ///< number of unseen photos that it was scored on
  double accuracy = 0;                        ///< on the unseen photos, fraction of 1
  double loss = 0;                            ///< mean cross-entropy on the unseen photos
  double seconds = 0;                         ///< duration of the trial
  /// By those photos clearly better than freezing the whole base: by two standard errors, photo by photo.
  bool clearly_better = false;
};

/// The advice and its measurements.
struct Advice {
  std::string model;                             ///< TrainOptions::model, or what auto chose
  std::vector<NetworkTrial> networks;            ///< model auto, where there was a choice
  Size2D image_size;                             ///< height and width that photos are resized to
  std::vector<std::string> class_names;          ///< the folder's classes, in order
  std::size_t photos = 0;                        ///< number of training photos
  double photos_per_class = 0;                   ///< mean over the classes
  bool many = false;                             ///< photos per class: 200 or more
  bool similar = false;                          ///< to what the network knows: see why
  std::vector<DepthScore> depths;                ///< from the network's end to its beginning
  std::vector<StrategyTrial> trials;             ///< in the order of trying
  Strategy recommended = Strategy::freeze_base;  ///< the strategy to use
  bool several_depths = false;                   ///< the head should read more than the last layer
  std::string first_layer;       ///< the first layer that trains; empty: the base stays frozen
  double learning_rate = 0;      ///< of that strategy, the largest of the cycle
  std::int64_t epochs = 0;       ///< of that strategy with all training photos, as train() would run it
  bool mirror = true;            ///< train on photos mirrored left to right too
  double loss_plain = 0;         ///< on unseen photos, of a head solved without mirrored photos
  double loss_mirrored = 0;      ///< on unseen photos, of a head solved with mirrored photos
  std::vector<std::string> why;  ///< in plain words, sentence by sentence
  /// Exhaustive only: each strategy with all training photos, scored on the test photos, which decide
  /// nothing.
  std::vector<StrategyTrial> outcomes;
  std::optional<Strategy> best;  ///< the most accurate of the outcomes; the cheaper of equals
  bool stopped = false;          ///< progress returned false before all was measured
};

/// What advise() works with.
struct AdviceOptions {
  TrainOptions training;    ///< model, weights, sizes, seed, progress; recipe and checkpoint play no part
  bool exhaustive = false;  ///< runs the three strategies in full too
};

/// Places a folder of photos on the size-similarity matrix and tries the three strategies for a short while.
/// Deterministic for equal options and thread count, but for the seconds; with training.budget the trials end
/// within it, and the recommended epochs are those that train() would have time for. Throws graft::Error as
/// train().
[[nodiscard]] Advice advise(const std::filesystem::path& photos, const AdviceOptions& options);

/// The advice with all its measurements, for programs.
[[nodiscard]] Json to_json(const Advice& advice);
/// For a person: lines with their ends.
[[nodiscard]] std::string to_text(const Advice& advice);

}  // namespace transfer
}  // namespace graft

#pragma GCC visibility pop
