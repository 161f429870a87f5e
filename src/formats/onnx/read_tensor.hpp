// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/formats/onnx.hpp"

namespace graft::formats {

/// A hostile file could ask for a node or value with 2 bytes; ours take some hundred bytes of memory each.
inline constexpr std::size_t kMostOnnxParts = 2'000'000;

/// What reading a file needs to know everywhere.
struct OnnxContext {
  std::string file;
  std::filesystem::path folder;  ///< of external data; empty: there is none
  std::size_t parts = 0;

  void count_part() {
    if (++parts > kMostOnnxParts)
      fail(ErrorKind::resource_limit, file, " has more than ", kMostOnnxParts, " nodes and values");
  }
};

/// A TensorProto, with the elements that another file of the folder holds.
[[nodiscard]] OnnxTensor read_onnx_tensor(std::string_view bytes, OnnxContext& context);

/// A StringStringEntryProto.
void read_onnx_entry(std::string_view bytes, const OnnxContext& context,
                     std::map<std::string, std::string>& to);

}  // namespace graft::formats
