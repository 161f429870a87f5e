// SPDX-License-Identifier: Apache-2.0
// The catalogue of published weights: data/weights.tsv, and catalogues of the user's own.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace graft {
inline namespace store {

/// One published file of weights. Texts are empty and numbers 0 where the publisher does not state them.
struct PublishedFile {
  std::string name;                                  ///< "keras/vgg16-notop", "timm/resnet50.a1_in1k"
  std::string application;                           ///< of graft::applications: "vgg16"
  double alpha = 1;                                  ///< width multiplier of the MobileNets
  std::string variant;                               ///< "minimalistic", or empty
  bool top = true;                                   ///< with the classifier
  std::string file;                                  ///< its name: "vgg16_weights_....h5"
  std::uint64_t bytes = 0;                           ///< about, see data/weights.tsv
  std::string md5;                                   ///< 32 hexadecimal digits
  std::string sha256;                                ///< 64 hexadecimal digits, or only the first ones
  std::string licence;                               ///< SPDX: "Apache-2.0"
  std::string training_set;                          ///< "ImageNet-1k"
  std::int64_t image_size = 0;                       ///< height and width that the accuracy is for
  std::string preprocessing;                         ///< "tf", "torch", "caffe", "lite", "none", "other"
  std::optional<std::array<double, 3>> mean{};       ///< R G B of pixels from 0 to 1
  std::optional<std::array<double, 3>> deviation{};  ///< standard deviation of the same
  std::string interpolation;                         ///< "bilinear", "bicubic"
  double crop = 0;                                   ///< share of the resized photo's side that is used
  double top1 = 0;                                   ///< share of ImageNet's photos, 0..1
  double top5 = 0;                                   ///< likewise
  std::vector<std::string> urls;                     ///< asked in this order
  std::string package;                               ///< a Python package that carries the file
  std::string hub;                                   ///< Hugging Face's repository: "timm/resnet50.a1_in1k"
  std::optional<bool> redistribution{};              ///< stated by a user's catalogue

  /// Whether the licence is known to allow that copies are passed on; nothing where no licence is stated.
  [[nodiscard]] std::optional<bool> may_be_passed_on() const;
};

/// The rows of data/weights.tsv, in their order: an application's own file comes before others' of it.
[[nodiscard]] std::span<const PublishedFile> published_files();

/// The row of the built-in catalogue with this file name, the first of several; null without one.
[[nodiscard]] const PublishedFile* published_file_named(std::string_view file);

/// The user's own rows, then those of published_files() whose names they do not have. The user's catalogues
/// are the files that GRAFT_CATALOGUE names, separated by ':', and *.tsv in the folder catalogues of
/// weights_home(). Errors: as read_catalogue().
[[nodiscard]] std::vector<PublishedFile> known_files();

/// A row of known_files() by its name, its name without the publisher ("resnet50.a1_in1k") where only one has
/// it, or its file's name. Nothing where it is none of them.
[[nodiscard]] std::optional<PublishedFile> look_up_published_file(std::string_view name);

/// Reads a catalogue: columns separated by tabs, named by the first line that is no comment (#). The columns
/// name and file must be there, the others of data/weights.tsv may be; "redistribution" is yes or no.
/// Error{not_found}, Error{bad_file} naming file and line.
[[nodiscard]] std::vector<PublishedFile> read_catalogue(const std::filesystem::path& path);

}  // namespace store
}  // namespace graft

#pragma GCC visibility pop
