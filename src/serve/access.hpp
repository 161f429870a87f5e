// SPDX-License-Identifier: Apache-2.0
// Who may ask: the token, the Host and the Origin of a request.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http.hpp"

namespace graft::serve {

/// Refuses requests without the token, but for the page itself, and those of pages of other sites: a page in
/// the user's browser may send requests to this computer, also under a name of its own (DNS rebinding), but
/// with its own Host or Origin.
class Access {
 public:
  /// names: by which the server may be addressed, each with or without the port.
  Access(std::string token, std::vector<std::string> names);
  /// The port that is listened at, once it is known.
  void listening_at(std::uint16_t port) { port_ = port; }

  /// A response with 401 or 403; none: the request may pass.
  [[nodiscard]] std::optional<Response> refuse(const RequestHead& request) const;

 private:
  [[nodiscard]] bool is_own(std::string_view host) const;

  std::string token_;
  std::vector<std::string> names_;
  std::atomic<std::uint16_t> port_{0};
};

/// Whether two texts are equal, in a time that does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace graft::serve
