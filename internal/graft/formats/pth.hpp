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

/// Opens the state_dict of a PyTorch file (.pth, .pt, .th, .tar as torch.save writes them, zip and legacy),
/// without running anything that the file asks for: its pickle can build tensors, numbers, strings and
/// collections, and every other name in it is refused. The state_dict may be the whole file or lie anywhere
/// in a checkpoint: it is the dictionary with the most tensors, though an averaged copy (ema, swa) only where
/// no other is comparable. A `module.` (or `_orig_mod.`) that all names begin with is taken off. Names and
/// order are the file's: "layer1.0.conv1.weight". Tensors keep torch's axis order, convolutions (out, in, kh,
/// kw), and their element type; views, strided and shared storages become separate contiguous tensors. Other
/// things in the checkpoint (epoch, optimizer state) are left out. The elements stay in the file until they
/// are asked for. Errors: Error{not_found} no such file; Error{bad_file} not such a file, truncated or
/// broken, naming the likely reason; Error{unsupported} a pickled class or a kind of tensor outside the
/// above, by its name; Error{not_found} no tensors in it; Error{resource_limit} nesting or sizes beyond what
/// the file can hold.
[[nodiscard]] StateDictFile open_state_dict(const std::filesystem::path& path);

/// The tensors alone.
[[nodiscard]] StoredTensors open_pth(const std::filesystem::path& path);

/// The same with all elements read.
[[nodiscard]] NamedTensors read_pth(const std::filesystem::path& path);

}  // namespace graft::formats
