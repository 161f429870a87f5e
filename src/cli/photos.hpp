// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/photos.hpp"

namespace graft::cli {

/// The named files, and all photos below the named folders, in this order; with listing.labels the photos of
/// one folder that are labelled. A name that does not exist is left_out. Throws Error{not_found} when no name
/// exists.
[[nodiscard]] data::PhotoList list_images(const std::vector<std::string>& names,
                                          const data::ListOptions& listing);
/// Throws Error{not_found} when no name is that of a file or folder.
void check_any_exists(const std::vector<std::string>& names);

/// Throws Error{not_found}: these files and folders hold no photo.
[[noreturn]] void fail_without_photos(const std::vector<std::string>& names);

/// Whether the sub-folders of a folder may be classes: they are not train/, val/ and test/.
[[nodiscard]] bool may_hold_classes(const std::filesystem::path& folder);
/// Labels the photos below one folder by their sub-folder, if no photo is in the folder itself and the
/// sub-folders are not train/, val/ and test/. Otherwise the list does not change.
void label_by_folder(const std::filesystem::path& folder, data::PhotoList& list);

/// The model's class of each photo; empty where there are no labels, or the folders are not named like its
/// classes.
[[nodiscard]] std::vector<int> true_classes(const Classifier& classifier, const data::PhotoSet& photos);

/// Decodes photos. Nothing when none can be read: then all files and their reasons are in left_out.
[[nodiscard]] std::optional<data::PhotoSet> load_images(const data::PhotoList& list,
                                                        const data::LoadPhotosOptions& options,
                                                        const data::LoadProgress& progress,
                                                        std::vector<data::LeftOut>& left_out);

/// Prints files with their reasons on standard error, one a line, the first hundred of them.
void report_left_out(const std::vector<data::LeftOut>& left_out);
/// Prints each sentence on standard error.
void report_notes(const std::vector<std::string>& notes);
/// kSomeFailed when a photo could not be read, else kOk.
[[nodiscard]] int exit_code_for(const std::vector<data::LeftOut>& left_out);

/// The name of a file as JSON: {"file": name}. JSON holds only UTF-8: a name with other bytes has \ufffd for
/// each, and all bytes as hexadecimal digits in "file_bytes".
[[nodiscard]] Json file_json(const std::filesystem::path& file);
/// [{file, reason}]
[[nodiscard]] Json left_out_json(const std::vector<data::LeftOut>& left_out);

}  // namespace graft::cli
