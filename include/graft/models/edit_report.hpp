// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/tensor/shape.hpp"

#pragma GCC visibility push(default)

namespace graft::models {

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
  std::vector<ChangedWeight>
      created;                       ///< new, as Keras initialises them (or as the added layer brought them)
  std::vector<std::string> dropped;  ///< in the original only
  std::vector<std::string> notes;    ///< further remarks, one sentence each
  std::int64_t params_before = 0;
  std::int64_t params_after = 0;
  std::int64_t params_kept = 0;

  /// Some lines for people, ending in a newline.
  [[nodiscard]] std::string text() const;
  /// The same, with every path.
  [[nodiscard]] Json json() const;
};

}  // namespace graft::models

#pragma GCC visibility pop
