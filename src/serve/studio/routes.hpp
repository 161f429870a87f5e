// SPDX-License-Identifier: Apache-2.0
// The requests of the studio's page.
#pragma once

#include <functional>
#include <vector>

#include "graft/serve/studio.hpp"

#include "serve/http.hpp"
#include "serve/studio/accepted.hpp"
#include "serve/studio/jobs.hpp"
#include "serve/studio/models.hpp"
#include "serve/studio/pictures.hpp"
#include "serve/studio/project.hpp"
#include "serve/studio/rounds.hpp"
#include "serve/studio/tags.hpp"

namespace graft::serve::studio {

/// What the routes work with.
struct Desk {
  const StudioOptions& options;
  Project project;
  Tags tags;
  Rounds rounds;
  AcceptedFindings accepted;
  Job job;
  PhoneServer phone;
  Pictures pictures{};
  RoundModels models;

  explicit Desk(const StudioOptions& given);
};

/// One request: answered from a thread that may wait. Errors: Refusal, Error.
struct StudioRoute {
  const char* method;
  const char* path;
  bool quick;  ///< reads or changes the folder only; others decode or compute
  void (*answer)(Desk& desk, Request& request, const Reply& reply);
};
[[nodiscard]] const std::vector<StudioRoute>& studio_routes();

/// Those about photos and classes, about labels, and about rounds and commands.
[[nodiscard]] std::vector<StudioRoute> photo_routes();
[[nodiscard]] std::vector<StudioRoute> tag_routes();
[[nodiscard]] std::vector<StudioRoute> round_routes();

/// {photos, open, none, labels, revision, trouble} of a project whose photos have several labels; else null.
[[nodiscard]] Json tags_json(Desk& desk);
/// A number of the query. Errors: Refusal 400.
[[nodiscard]] std::size_t number_of(const Request& request, const std::string& name, std::size_t usual,
                                    std::size_t most);
/// The photo that a request names by class, name and stamp.
[[nodiscard]] PhotoKey photo_in(const Request& request);

}  // namespace graft::serve::studio
