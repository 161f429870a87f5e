// SPDX-License-Identifier: Apache-2.0
// Labels of photos that stand in a list or in the names of files, not in the names of folders.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace graft::data {

/// The part of a split that a list gives a photo.
enum class ListedPart {
  unset,       ///< none: the photo is divided like the photos of a folder
  train,       ///< words train, training
  validation,  ///< words val, valid, validation, dev
  test,        ///< words test, testing
};

/// "any part", "train", "validation", "test".
[[nodiscard]] std::string_view to_string(ListedPart part);

/// Names of a list's columns; without a header "1", "2", ... Empty: guessed from the header (path: path,
/// file, filename, image, ...; label: label, class, category, ...; split: split, set, subset, part; group:
/// group, patient, subject, ...; weight: weight, sample_weight), the path also by what names a file. "-":
/// there is none (split, group, weight). What was guessed is in PhotoList::notes.
struct LabelColumns {
  std::string path{};    ///< the photo's file
  std::string label{};   ///< its class; or columns of 0 and 1, one a class: "cat+dog+bird"
  std::string split{};   ///< train, validation or test; an empty field: divided like others
  std::string group{};   ///< what belongs together: photos of one group are never in two parts
  std::string weight{};  ///< how much a photo counts in the loss of a head, 0 or more
};

/// Parses "path=image,label=species,split=fold". Errors: Error{invalid_argument} for another key.
[[nodiscard]] LabelColumns parse_label_columns(const std::string& text);

/// Where labels come from, other than folders.
struct LabelSource {
  /// A table with a row for each photo: comma, semicolon or tab separated (.csv, .tsv, others), with quotes
  /// as in RFC 4180; or .jsonl with an object a line. UTF-8, UTF-16 with a byte order mark, or Windows-1252.
  /// Paths are relative to the folder that is listed, or to the file's own; an extension may be missing.
  std::filesystem::path file{};
  LabelColumns columns{};  ///< of the file
  /// A regular expression (ECMAScript) of a photo's path below the folder: its first group, or all that
  /// matches, is the class. Photos that do not match are left out. Not together with a file.
  std::string from_name{};
  /// A photo may have several labels, or none: all in one field, one in each of several rows, or by copies of
  /// the photo in several class folders. Also where this is false, a list has several labels with a
  /// separator, with lists in .jsonl, and with columns of 0 and 1 where a row does not have exactly one 1.
  bool several = false;
  /// Of several labels in a field; empty: the first of | ; , and the space that a row has.
  std::string separator{};
  /// Of a file with a split: only the photos of this part. Unset: all, with PhotoList::parts.
  std::optional<ListedPart> part{};
  /// Whether labels come from here.
  [[nodiscard]] bool given() const { return !file.empty() || !from_name.empty(); }
};

}  // namespace graft::data

#pragma GCC visibility pop
