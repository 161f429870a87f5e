// SPDX-License-Identifier: Apache-2.0
#include "store/adopt.hpp"

#include "graft/base/fail.hpp"

#include "store/keep.hpp"
#include "store/work_file.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

void copy_and_check(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error) fail(ErrorKind::io, "cannot copy ", from.string(), " to ", to.string(), ": ", error.message());
}

}  // namespace

StoredWeights adopt(const fs::path& file, const RowsOfContent& rows_of, const std::string& origin) {
  const Layout layout(weights_home());
  const WorkFile incoming(layout, "import");
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file, error);
  if (!error) check_room(layout.partial(), bytes, file.string());
  copy_and_check(file, incoming.path());
  const Digest::Result content = digest_of(incoming.path(), Hashes::sha256_and_md5);
  const std::vector<PublishedFile> rows = rows_of(content);
  for (const PublishedFile& row : rows) {
    if (row.name.starts_with("local/") && !layout.record(row.name)) continue;
    check_newcomer(layout, row, content, cat(file.string(), " is not the published ", row.name));
  }
  try {
    check_is_weights(incoming.path());
  } catch (const Error& wrong) {
    std::string text = wrong.what();
    const std::string temporary = incoming.path().string();
    for (std::size_t at = text.find(temporary); at != std::string::npos; at = text.find(temporary))
      text.replace(at, temporary.size(), file.string());
    fail(wrong.kind(), text);
  }
  keep(layout, rows, {.temporary = incoming.path(), .content = content, .origin = origin});
  const PublishedFile& first = rows.front();
  return {.name = first.name,
          .path = layout.link(first.name, first.file),
          .sha256 = content.sha256,
          .bytes = content.bytes,
          .origin = origin,
          .licence = first.licence};
}

}  // namespace graft::store
