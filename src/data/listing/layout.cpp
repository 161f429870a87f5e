// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/photos.hpp"

#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// Which part of a layout a folder's name stands for; null for none.
std::optional<fs::path>* part_of(Layout& layout, const std::string& name) {
  const std::string lower = to_lower(name);
  if (lower == "train" || lower == "training") return &layout.train;
  if (lower == "val" || lower == "validation" || lower == "valid") return &layout.validation;
  if (lower == "test" || lower == "testing") return &layout.test;
  return nullptr;
}

}  // namespace

Layout find_layout(const fs::path& directory) {
  Layout layout;
  bool others = false;
  for (const std::string& name : visible_folders(directory)) {
    std::optional<fs::path>* part = part_of(layout, name);
    if (part == nullptr) {
      others = true;
    } else if (part->has_value()) {
      fail(ErrorKind::invalid_argument, directory.string(), " holds both '", (*part)->filename().string(),
           "' and '", name, "', which mean the same: remove or rename one");
    } else {
      *part = directory / name;
    }
  }
  const bool beside = layout.validation.has_value() || layout.test.has_value();
  if (!layout.train || (others && !beside) || visible_folders(*layout.train).empty()) return {};
  return layout;
}

}  // namespace graft::data
