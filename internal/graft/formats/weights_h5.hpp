// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "graft/formats/named_tensor.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

/// Groups by their path, e.g. "layers/conv2d/vars", with the attribute `name` that Keras 3 writes on them
/// (the layer's name, "conv1"); "" is a group without that attribute.
using GroupNames = std::map<std::string, std::string>;

/// The content of a Keras 3 .weights.h5.
struct WeightsH5 {
  /// Every dataset by its full path, e.g. "layers/conv2d/vars/0". Ordered by path, numbers as numbers: vars/2
  /// before vars/10, dense before dense_1.
  NamedTensors weights;
  /// Every group that has a name or no content.
  GroupNames group_names;
};

/// The same with its tensors not yet read.
struct StoredWeightsH5 {
  StoredTensors weights;
  GroupNames group_names;
};

/// As read_weights_h5, but the elements stay in the file until they are read.
[[nodiscard]] StoredWeightsH5 open_weights_h5(const std::filesystem::path& path);

/// Reads every dataset of an HDF5 file in which groups hold groups and datasets. uint32 is widened to int64;
/// 16-bit words that Keras marks as bfloat16 come as bfloat16. Threads: HDF5 calls are serialised inside.
/// Errors: Error{not_found}, Error{bad_file}, Error{unsupported}, Error{resource_limit} as for read_keras_h5.
[[nodiscard]] WeightsH5 read_weights_h5(const std::filesystem::path& path);

/// The same from a file's bytes in memory; name stands for the file in messages.
[[nodiscard]] WeightsH5 read_weights_h5(std::string_view bytes, const std::string& name);

/// The bytes of such a file; equal arguments produce equal bytes. Groups on the way to a dataset are made;
/// group_names adds further groups, which may stay empty, and names. Every element type but bfloat16 is
/// stored as itself; bfloat16 is stored as float32. Errors: Error{invalid_argument} for a path that is empty,
/// doubled, or both a group and a dataset.
[[nodiscard]] std::string write_weights_h5(const NamedTensors& weights, const GroupNames& group_names = {});

/// The same bytes as a file, which appears whole or not at all; memory is needed for one tensor alone, and
/// only where it is converted. Further Error{io}.
void write_weights_h5(const std::filesystem::path& path, const NamedTensors& weights,
                      const GroupNames& group_names = {});

}  // namespace graft::formats
