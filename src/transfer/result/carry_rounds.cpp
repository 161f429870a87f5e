// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/train.hpp"

namespace graft::transfer {

namespace fs = std::filesystem;

void carry_rounds(const fs::path& from, const fs::path& to) {
  for (const char* name : {kRoundsFile, "settings.json"}) {
    std::error_code error;
    if (!fs::is_regular_file(from / name, error) || fs::exists(to / name, error)) continue;
    std::ifstream in(from / name, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && !in.eof()) fail(ErrorKind::io, "cannot read ", (from / name).string());
    write_file_atomically(to / name, text);
  }
}

}  // namespace graft::transfer
