// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/base/read_file.hpp"
#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"

namespace graft::transfer {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kLargestCarried = std::uintmax_t{1} << 30;

}  // namespace

void copy_round_files(const fs::path& from, const fs::path& to) {
  for (const char* name : {kRoundsFile, "settings.json"}) {
    std::error_code error;
    if (!fs::is_regular_file(from / name, error) || fs::exists(to / name, error)) continue;
    write_file_atomically(to / name, read_file(from / name, kLargestCarried));
  }
}

}  // namespace graft::transfer
