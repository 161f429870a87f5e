// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <limits>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"
#include "graft/base/read_file.hpp"
#include "graft/training/backup.hpp"

namespace graft {
namespace {

constexpr std::string_view kMagic = "graft state 1\n";
constexpr DType kTypes[] = {DType::float32, DType::float64, DType::int32, DType::int64};

DType type_of(const std::string& name, const std::string& file) {
  for (const DType type : kTypes) {
    if (name == to_string(type)) return type;
  }
  fail(ErrorKind::bad_file, file, ": a tensor of type '", name, "'");
}

void append_number(std::string& bytes, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i));
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

/// Reads the tensors after the header. The file is untrusted.
void read_tensors(StateBag& bag, const Json& list, std::string_view data, const std::string& file) {
  for (const Json& entry : list) {
    const Shape shape(entry.at("shape").get<std::vector<std::int64_t>>());
    for (const std::int64_t size : shape.sizes()) {
      if (size < 0) fail(ErrorKind::bad_file, file, ": a tensor of shape ", shape);
    }
    const DType type = type_of(entry.at("dtype").get<std::string>(), file);
    const auto count = static_cast<std::uint64_t>(shape.count());
    if (count > data.size() / size_of(type)) fail(ErrorKind::bad_file, file, " is cut short");
    Tensor tensor(shape, type);
    if (tensor.size_bytes() > 0) std::memcpy(tensor.raw(), data.data(), tensor.size_bytes());
    data.remove_prefix(tensor.size_bytes());
    bag.tensors[entry.at("name").get<std::string>()] = tensor;
  }
  if (!data.empty()) fail(ErrorKind::bad_file, file, " has ", data.size(), " bytes too many");
}

}  // namespace

void write_state(const std::filesystem::path& path, const StateBag& bag) {
  Json list = Json::array();
  for (const auto& [name, tensor] : bag.tensors) {
    list.push_back({{"name", name}, {"dtype", to_string(tensor.dtype())}, {"shape", tensor.shape().sizes()}});
  }
  const std::string header = Json{{"facts", bag.facts}, {"tensors", list}}.dump();
  std::string bytes(kMagic);
  append_number(bytes, header.size());
  bytes += header;
  // Tensors make up most of the file: they are written without a copy.
  std::vector<std::string_view> pieces{bytes};
  for (const auto& [name, tensor] : bag.tensors) {
    if (tensor.size_bytes() > 0)
      pieces.emplace_back(static_cast<const char*>(tensor.raw()), tensor.size_bytes());
  }
  std::uint64_t sum = kFnv1aOfNothing;
  for (const std::string_view piece : pieces) sum = fnv1a(piece, sum);
  std::string end;
  append_number(end, sum);
  pieces.emplace_back(end);
  write_file_atomically(path, pieces);
}

StateBag read_state(const std::filesystem::path& path) {
  const std::string file = path.string();
  const std::string bytes = read_file(path, std::numeric_limits<std::uintmax_t>::max());
  std::string_view rest = bytes;
  if (!rest.starts_with(kMagic) || rest.size() < kMagic.size() + 16)
    fail(ErrorKind::bad_file, file, " is not a training state of graft");
  const std::string_view checked = rest.substr(0, rest.size() - 8);
  if (read_number(rest.substr(rest.size() - 8)) != fnv1a(checked))
    fail(ErrorKind::bad_file, file, " is damaged: its checksum does not fit");
  rest = checked.substr(kMagic.size());
  const std::uint64_t header = read_number(rest);
  rest.remove_prefix(8);
  if (header > rest.size()) fail(ErrorKind::bad_file, file, " is cut short");
  try {
    const Json json = Json::parse(rest.substr(0, header));
    StateBag bag{.facts = json.at("facts")};
    read_tensors(bag, json.at("tensors"), rest.substr(header), file);
    return bag;
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_file, file, ": ", error.what());
  }
}

}  // namespace graft
