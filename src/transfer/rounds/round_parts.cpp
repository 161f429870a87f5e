// SPDX-License-Identifier: Apache-2.0
#include "transfer/rounds/round_parts.hpp"

#include "graft/base/fail.hpp"
#include "graft/cluster/communicator.hpp"

#include "transfer/load/photo_pool.hpp"

namespace graft::transfer {

void add_to(Hasher& hasher, const std::string& file, const RoundEntry& photo) {
  hasher.add(std::filesystem::path(file).filename().string()).add(photo.label).add(photo.print);
  hasher.add(photo.part ? static_cast<int>(*photo.part) : -1).add(photo.free ? 1 : 0);
  hasher.add(photo.earlier.size());
  for (const std::size_t round : photo.earlier) hasher.add(round);
}

void agree_on_hash(cluster::Communicator& ranks, const char* what, const Hasher& hasher) {
  const std::vector<cluster::Fact> facts{{what, to_hex(hasher.digest())}};
  cluster::agree(ranks, facts);
}

std::vector<std::size_t> groups_of(const std::vector<std::string>& files, const RoundRequest& request) {
  const std::string& group_by = request.options.evaluation.group_by;
  if (group_by.empty()) return {};
  return group_paths({files.begin(), files.end()}, std::filesystem::absolute(request.folder), group_by);
}

void fail_without_photos(const std::filesystem::path& folder, Part part, std::size_t photos,
                         std::size_t known) {
  if (part == Part::train) {
    fail(ErrorKind::invalid_argument, folder.string(), ": of ", photos,
         " photos none is left to train on; add photos");
  }
  const char* option = part == Part::validation ? "validation" : "test";
  fail_option(
      ErrorKind::invalid_argument, option, option, ": none of the ", photos, " photos is left to ",
      part == Part::validation ? "choose settings by" : "test on",
      known > 0 ? cat(": ", known, " are known from earlier rounds and keep their part") : std::string(),
      "; pass a folder of ", option, " photos", part == Part::test ? ", as in the earlier run" : "",
      ", or add photos");
}

}  // namespace graft::transfer
