// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/models/surgery.hpp"

namespace graft::cli {

/// What `graft edit` is asked to do; the steps are taken in this order.
struct EditSteps {
  std::string extract;
  std::string truncate;
  std::vector<std::string> remove;
  std::vector<std::pair<std::string, std::string>> replace;  ///< layer, the new one as parse_layer takes it
  std::vector<std::pair<std::string, std::string>> insert_before;
  std::vector<std::pair<std::string, std::string>> insert_after;
  std::string input_size;
  std::int64_t channels = 0;
  std::string new_channels = "average";
  std::vector<std::string> classes;  ///< names, or one number
  std::vector<std::string> add_class;
  std::vector<std::string> remove_class;
  std::vector<std::int64_t> hidden;
  bool no_hidden = false;
  double dropout = 0;
};

/// A model and what graft's metadata says about it.
struct EditedModel {
  Model model;
  Json metadata;
  std::vector<models::EditReport> reports;
};

/// Takes the steps. Throws Error{invalid_argument} when there are none.
void take_steps(EditedModel& edited, const EditSteps& steps);

}  // namespace graft::cli
