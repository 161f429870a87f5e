// SPDX-License-Identifier: Apache-2.0
#include "graft/data/photo_names.hpp"

#include <istream>

#include "graft/base/fail.hpp"

namespace graft::data {
namespace {

constexpr std::size_t kLongestName = std::size_t{64} << 10U;
constexpr std::size_t kReadAtOnce = std::size_t{128} << 10U;

}  // namespace

void PhotoNames::add(std::string_view name) {
  if (name.size() > kLongestName) {
    fail(ErrorKind::bad_file, "the name of a photo has ", name.size(), " bytes, at most ", kLongestName,
         " are allowed: ", name.substr(0, 60), "...");
  }
  // A name is looked up by where it begins, and that is below kBlockBytes.
  if (blocks_.empty() || blocks_.back().size() + name.size() + 1 > kBlockBytes) {
    blocks_.emplace_back();
    blocks_.back().reserve(kBlockBytes);
  }
  std::string& block = blocks_.back();
  places_.push_back((blocks_.size() - 1) * kBlockBytes + block.size());
  block += name;
  block += '\0';
}

std::string_view PhotoNames::operator[](std::size_t i) const {
  const std::uint64_t place = places_[i];
  return blocks_[place / kBlockBytes].c_str() + place % kBlockBytes;
}

void PhotoNames::add_list(std::istream& in) {
  std::string text, name;
  char end = '\n';
  for (bool first = true; in; first = false) {
    text.resize(kReadAtOnce);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    // The first piece is longer than any name, so that it shows what ends them.
    if (first && text.find('\0') != std::string::npos) end = '\0';
    for (const char letter : text) {
      if (letter != end) {
        name += letter;
        if (name.size() > kLongestName) add(name);  // which refuses it
        continue;
      }
      add_listed(name, end);
      name.clear();
    }
  }
  add_listed(name, end);
}

void PhotoNames::add_listed(std::string_view name, char end) {
  if (end == '\n' && name.ends_with('\r')) name.remove_suffix(1);
  if (!name.empty()) add(name);
}

}  // namespace graft::data
