// SPDX-License-Identifier: Apache-2.0
// Which numbers of a model are whole numbers of 8 bits: what files for other programs need to know.
#pragma once

#include <map>
#include <set>
#include <string>

#pragma GCC visibility push(default)

namespace graft {

/// Whole numbers times a scale; 0 stands for 0.
struct Int8Grid {
  float scale = 1;         ///< what 1 stands for
  bool is_signed = false;  ///< -127..127, else 0..255
};

/// The ends of a value on the photos that graft quantize saw; both inside.
struct Int8Range {
  float low = 0;   ///< the least
  float high = 0;  ///< the most
};

/// What a model in 8-bit arithmetic keeps in 8 bits. Values between layers are named "block1/conv:0", the
/// layer's path and a number.
struct Int8Values {
  std::map<std::string, Int8Grid> kept;  ///< rounded where they are computed, for all that read them
  std::map<std::string, Int8Grid> read;  ///< kept in float32, and rounded where a product reads them
  std::set<std::string> products;  ///< paths of layers whose convolutions or Dense multiply 8-bit numbers
  /// Of all values, also of those that graft itself keeps in float32: for programs whose operators read and
  /// write nothing but 8 bits. "input:0" is the model's input.
  std::map<std::string, Int8Range> ranges;
  std::set<std::string> float32_layers;  ///< paths of layers that lose too much in 8 bits
};

}  // namespace graft

#pragma GCC visibility pop
