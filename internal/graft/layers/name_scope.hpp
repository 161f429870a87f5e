// SPDX-License-Identifier: Apache-2.0
// Automatic names of layers that do not depend on what was built before.
#pragma once

#include <map>
#include <string>

namespace graft::layers {

/// Number of automatic names of each stem ("conv2d") that are in use.
using NameCounts = std::map<std::string, int>;

/// While it lives, automatic names of the calling thread start again (conv2d, conv2d_1, ...); then numbering
/// continues as before. For library functions that build models: their names are the same at each call.
class NameScope {
 public:
  NameScope();
  ~NameScope();
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  NameCounts outer_;
};

}  // namespace graft::layers
