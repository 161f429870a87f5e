// SPDX-License-Identifier: Apache-2.0
// The rows of a predictions.csv, whose first columns are the same for one class, several labels and numbers.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/classify/predictions.hpp"

namespace graft {
inline namespace classify {

/// The columns before those of a kind. predictions_csv() and numbers_csv() write them.
inline constexpr std::array kPhotoColumns{"file", "part", "fold", "answered_by"};
inline constexpr const char* kByModel = "model";
inline constexpr const char* kBySeeingModel = "model_seen";
inline constexpr const char* kByHead = "head";

/// A row's first columns: those of photo number i of the answers.
[[nodiscard]] std::string photo_columns(const PhotoAnswers& answers, std::size_t i);

class PredictionRows {
 public:
  /// Reads the file. Errors: those of read_file().
  explicit PredictionRows(std::filesystem::path file);
  ~PredictionRows() = default;
  PredictionRows(const PredictionRows&) = delete;
  PredictionRows& operator=(const PredictionRows&) = delete;

  /// Takes the next row, of any number of fields; false at the end.
  [[nodiscard]] bool next() { return reader_.next(fields_); }
  /// The same of a row with `count` fields, and adds what its first columns say to the answers.
  [[nodiscard]] bool next(std::size_t count, PhotoAnswers& answers);
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  /// Whether the row begins with these fields.
  [[nodiscard]] bool begins_with(std::span<const char* const> columns) const;
  /// The fields from `first` on.
  [[nodiscard]] std::vector<std::string> fields_from(std::size_t first) const;

  [[nodiscard]] float number(const std::string& text) const;
  /// The same, at least 0.
  [[nodiscard]] float number_from_0(const std::string& text) const;

  /// Throws Error{bad_file} with the words, the file and the line.
  template <typename... Words>
  [[noreturn]] void refuse(const Words&... words) const {
    fail(ErrorKind::bad_file, file_.string(), ", line ", std::max<std::size_t>(reader_.line(), 1), ": ",
         words..., "; expected a predictions.csv as graft train writes it");
  }

 private:
  [[nodiscard]] Part part_of(const std::string& name) const;

  std::filesystem::path file_;
  std::string text_;
  CsvReader reader_;
  std::vector<std::string> fields_;
};

/// Rows of `width` numbers each, as a tensor (rows, width).
[[nodiscard]] Tensor rows_tensor(std::span<const float> values, std::size_t width);

}  // namespace classify
}  // namespace graft
