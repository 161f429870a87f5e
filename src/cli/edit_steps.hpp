// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/surgery.hpp"
#include "graft/tensor.hpp"

namespace graft::cli {

/// The steps of `graft edit`, in the order in which they are applied.
struct EditSteps {
  std::string extract;
  std::string truncate;
  std::vector<std::string> remove;
  std::vector<std::pair<std::string, std::string>>
      replace;  ///< name of a layer, and a new layer for parse_layer()
  std::vector<std::pair<std::string, std::string>> insert_before;
  std::vector<std::pair<std::string, std::string>> insert_after;
  std::optional<Size2D> input_size;
  std::int64_t channels = 0;
  std::string new_channels = "average";
  std::optional<applications::Preprocessing> pixels;
  std::vector<std::string> class_names;  ///< new names of the same classes
  std::vector<std::string> classes;      ///< names, or one number
  std::vector<std::string> add_class;
  std::vector<std::string> remove_class;
  std::vector<std::int64_t> hidden;
  bool no_hidden = false;
  double dropout = 0;
  bool new_head = false;       ///< none of the classes is one of before, though there are as many
  std::string freeze;          ///< as models::FreezeOptions::names
  std::string fine_tune_from;  ///< as models::FreezeOptions::from
};

/// A model, its metadata (see kMetadataEntry) and what was changed.
struct EditedModel {
  Model model;
  Json metadata;
  std::vector<models::EditReport> reports;
};

/// Without steps there is no report.
void apply_steps(EditedModel& edited, const EditSteps& steps);

}  // namespace graft::cli
