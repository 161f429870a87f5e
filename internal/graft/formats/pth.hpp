// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "graft/formats/named_tensor.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

struct StateDictFile {
  std::string place;  ///< the keys that lead to the state_dict: "model.state_dict"; empty: the file is it
  StoredTensors tensors;
};

/// Opens the state_dict of a PyTorch file (.pth, .pt, .th, .tar as torch.save writes them, zip and legacy).
///
/// - Safety: no code named in the file runs. Its pickle may build tensors, numbers, strings and collections;
///   every other name in it is refused.
/// - Place: the state_dict may be the whole file or anywhere in a checkpoint. It is the dictionary with the
///   most tensors; an averaged copy (ema, swa) is used only where no other dictionary is comparable.
/// - Names and order are the file's: "layer1.0.conv1.weight". A prefix `module.` (or `_orig_mod.`) that all
///   names share is removed.
/// - Tensors keep PyTorch's axis order, convolutions (out, in, kh, kw), and their element type.
///   Views, strided and shared storages become separate contiguous tensors. Elements stay in the file until
///   they are read.
/// - Other content of a checkpoint (epoch, optimizer state) is skipped.
///
/// Errors: Error{not_found} no such file, or no tensors in it; Error{bad_file} not such a file, truncated or
/// broken, naming the likely reason; Error{unsupported} another pickled class or kind of tensor, by its name;
/// Error{resource_limit} nesting or sizes beyond what the file can hold.
[[nodiscard]] StateDictFile open_state_dict(const std::filesystem::path& path);

/// Only the tensors.
[[nodiscard]] StoredTensors open_pth(const std::filesystem::path& path);

/// The same with all elements read.
[[nodiscard]] NamedTensors read_pth(const std::filesystem::path& path);

}  // namespace graft::formats
