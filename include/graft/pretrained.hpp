// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/catalogue.hpp"
#include "graft/image.hpp"
#include "graft/model.hpp"
#include "graft/saving.hpp"
#include "graft/weights_store.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace classify {

// Wherever these functions take weights, they are "imagenet", "none" or "", a file, or a name: of the
// catalogue
// ("timm/resnet50.a1_in1k") or of a file that was imported ("local/mine").

/// The folders in which published weights are looked for, in their order: those of weights_places().
[[nodiscard]] std::vector<std::filesystem::path> weights_folders();

/// The file that load_pretrained() would read with these arguments; empty where there is none.
[[nodiscard]] std::string weights_path(const applications::Application& application,
                                       const applications::ApplicationOptions& options,
                                       const std::string& weights);
/// The file of weights given by a name; anything else comes back as it is.
[[nodiscard]] std::string file_of_weights(const std::string& weights);

/// Downloads these weights into graft's store unless they are on this computer. Errors: as pull_weights();
/// Error{not_found} for a name that no catalogue has.
void download_weights(const applications::Application& application,
                      const applications::ApplicationOptions& options, const std::string& weights,
                      const PullOptions& pull = {});

/// The published ImageNet weights of an application, if one of weights_folders() has them. For a
/// model without the top a file with the top is accepted too.
[[nodiscard]] std::optional<std::filesystem::path> find_published_weights(
    const applications::Application& application, const applications::ApplicationOptions& options);

/// The definition whose arithmetic these weights need. For a PyTorch file of an application that has several:
/// torch or timm by the names of its tensors, or keras where the file's name, its folder's name or the
/// config.json beside it names one of timm's networks that follow TensorFlow's ("tf_efficientnet_b0").
/// Otherwise keras. Application::preprocessing_for() returns the preprocessing that belongs to it.
[[nodiscard]] applications::Definition definition_for_weights(const applications::Application& application,
                                                              const std::string& weights);

/// What a config beside a weights file states about the photos that the weights were trained with:
/// config.json of timm (also its pretrained_cfg), or the preprocessor_config.json of transformers.
struct WeightsConfig {
  std::array<double, 3> mean{};       ///< of pixels from 0 to 1, R G B
  std::array<double, 3> deviation{};  ///< standard deviation of the same, above 0
  std::string interpolation{};        ///< a name of data::ResizeMethod; empty: not stated
  double crop = 0;  ///< share of a resized photo's side that is used (crop_pct), to 1; 0: not stated
  data::CropMode crop_mode =
      data::CropMode::center;            ///< with crop: "squash" without the aspect ratio, "border" whole
  std::array<double, 3> border_color{};  ///< with "border", 0 to 255
  /// Height, width and channels of the network's input; empty: not stated.
  std::optional<std::array<std::int64_t, 3>> input_size{};
  std::string not_done{};  ///< what of it graft does another way, in words; empty: nothing
  std::string file{};      ///< name of the config file
};

/// Reads the config beside a weights file. Nothing where there is none, or it states no mean. Throws
/// Error{bad_file} for one that cannot be used.
[[nodiscard]] std::optional<WeightsConfig> config_of_weights(const std::string& weights);

/// How photos are resized for these weights: as the config beside them states, with antialias as Pillow does
/// it; without a config bilinear and whole. Errors: as config_of_weights().
[[nodiscard]] data::ResizeOptions resize_for_weights(const std::string& weights);

/// The input (height, width, channels) that these weights are used with: that of the config beside them, else
/// the application's default size and three channels. Errors: as config_of_weights().
[[nodiscard]] Shape input_shape_for_weights(const applications::Application& application,
                                            const std::string& weights);

/// A sentence on what was used of the config beside the weights; empty without one. image_size: of the
/// network's input. Errors: as config_of_weights().
[[nodiscard]] std::string note_of_config(const std::string& weights, Size2D image_size);

/// Number of classes of the classifier in a PyTorch file of weights; 0 for other files and without one.
[[nodiscard]] std::int64_t classes_of_weights(const std::string& weights);

/// The scaling of raw RGB that a network needs in front of it, with these weights loaded: that of the
/// weights' config, taking account of the network's own scaling layers; without a config that of the
/// application's definition.
[[nodiscard]] applications::PixelScaling scaling_for_weights(const applications::Application& application,
                                                             const Model& network,
                                                             const std::string& weights);

/// The application for these weights, in their definition, but without them: load_pretrained() loads them.
/// For ImageNet's weights ("imagenet", or a file of the published name) EfficientNet has one more layer.
/// Throws Error{invalid_argument} where the options do not fit ImageNet's weights.
[[nodiscard]] Model build_for_weights(const applications::Application& application,
                                      applications::ApplicationOptions options, const std::string& weights);

/// Every file of an application that a catalogue knows and weights_folders() have.
[[nodiscard]] std::vector<std::filesystem::path> published_weights_here(
    const applications::Application& application);

/// The applications whose ImageNet weights without the top are on this computer, the one with the best
/// published accuracy (top-1) first.
[[nodiscard]] std::vector<const applications::Application*> applications_here();

/// Throws Error{not_found} (saying what to fetch, and which networks' weights are here) when
/// load_pretrained() would not find these weights. With GRAFT_DOWNLOAD=1 they are downloaded instead.
void check_weights_here(const applications::Application& application,
                        const applications::ApplicationOptions& options, const std::string& weights);

/// Loads pretrained weights into a model of build_for_weights().
///   weights  "imagenet": the published file (find_published_weights), compared with its published hash; a
///            name, likewise; a file: Keras's .h5, .keras or
///            .weights.h5, or a PyTorch state_dict (.pth, .pt, .th, .tar), recognised by their first bytes
///            and then by the name; "none" or "": nothing is done
/// Returns what happened to every weight. A file with its top into a model without (unused), or the other way
/// round (missing), is no error. Nothing in the model changes unless the whole load succeeds. Errors:
/// Error{not_found} no such file, no published file on this computer (with what to download), or not one
/// weight matched; Error{shape_mismatch} naming the weight; Error{bad_file}, Error{unsupported} as the
/// readers throw.
saving::LoadReport load_pretrained(Model& model, const applications::Application& application,
                                   const applications::ApplicationOptions& options,
                                   const std::string& weights);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
