// SPDX-License-Identifier: Apache-2.0
// A page on the user's computer that makes a classifier from photos: graft studio.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "graft/execution.hpp"

namespace graft::serve {

/// Where the studio works, and where it listens.
struct StudioOptions {
  std::filesystem::path
      project;               ///< a folder with one sub-folder of photos per class; made where it is missing
  bool nested = false;       ///< each folder with photos is a class, such as animal/dog; kept in the project
  bool multi_label = false;  ///< photos have several labels, in the list labels.csv; kept in the project
  std::filesystem::path program;                    ///< graft itself, whose commands train, inspect and serve
  std::uint16_t port = 8090;                        ///< on the loopback address; 0: any free one
  Execution execution{};                            ///< threads of commands and predictions
  std::size_t photo_bytes = std::size_t{64} << 20;  ///< of a photo that is added, at most
  std::int64_t pixels = 100'000'000;                ///< height times width of a photo that is added, at most
};

/// A running studio. What it does to the project are files and commands: it keeps nothing else.
class Studio {
 public:
  /// Errors: Error{io} for a port or folder that cannot be used; Error{invalid_argument} for a project that
  /// another studio has open, and for a folder with train/ and test/ parts.
  explicit Studio(StudioOptions options);
  /// Ends commands that run, answers what was accepted, and ends.
  ~Studio();
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// The access token, which stays the same for a project.
  [[nodiscard]] const std::string& token() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graft::serve
