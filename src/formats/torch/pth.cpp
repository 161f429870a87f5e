// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/pth.hpp"

#include <functional>
#include <map>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "formats/byte_tensors.hpp"
#include "formats/pickle/machine.hpp"
#include "formats/strided_copy.hpp"
#include "formats/torch/state_dict.hpp"
#include "formats/zip/reader.hpp"

namespace graft::formats {
namespace {

using pickle::Storage;
using pickle::TensorView;
using pickle::Value;

constexpr std::string_view kCheckpoint = "a PyTorch checkpoint";
constexpr std::uint64_t kMaxPickle = 64U << 20U;
// A tensor that repeats one element, and tensors that share a storage, come out larger than the file.
constexpr std::uint64_t kRatio = 16;
// 0x1950a86a20f9469cfc6c: how legacy files begin.
constexpr std::string_view kLegacyMagic = "\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";

/// Where a storage's bytes begin, in what.
struct Place {
  std::shared_ptr<const ByteSource> source;
  std::uint64_t offset = 0;
};
using LocateStorage = std::function<Place(const Storage&)>;

/// A view whose rows are not one run of bytes: reads the run that holds them and picks the elements.
StoredTensor::Fetch fetch_strided(const TensorView& view, const Place& place) {
  const std::int64_t first = view.storage->first + view.offset;
  return [place, first, strides = view.strides](std::int64_t begin, Tensor& rows) {
    const std::size_t element = size_of(rows.dtype());
    std::int64_t last = 0;
    for (std::size_t axis = 0; axis < strides.size(); ++axis)
      last += strides[axis] * (rows.shape().sizes()[axis] - 1);
    const std::int64_t from = first + (strides.empty() ? 0 : begin * strides.front());
    std::string bytes((static_cast<std::size_t>(last) + 1) * element, '\0');
    place.source->read(place.offset + (static_cast<std::uint64_t>(from) * element), bytes);
    copy_strided(bytes.data(), strides, rows);
    normalise_booleans(rows);
  };
}

StoredTensor stored_view(const std::string& name, const TensorView& view, const Place& place) {
  StoredTensor result{.path = name, .shape = Shape(view.sizes), .dtype = view.storage->dtype, .fetch = {}};
  if (!is_c_order(view.strides, result.shape)) {
    result.fetch = fetch_strided(view, place);
    return result;
  }
  const auto first = static_cast<std::uint64_t>(view.storage->first + view.offset);
  const std::uint64_t offset = place.offset + (first * size_of(result.dtype));
  return tensor_at(place.source, offset, std::move(result));
}

/// Elements from the first of a view to its last, which have to be read to get at them.
std::uint64_t span_of(const TensorView& view) {
  const Shape shape(view.sizes);
  if (shape.count() == 0 || is_c_order(view.strides, shape)) return 0;
  std::int64_t last = 0;
  for (std::size_t axis = 0; axis < view.sizes.size(); ++axis)
    last += view.strides[axis] * (view.sizes[axis] - 1);
  return static_cast<std::uint64_t>(last) + 1;
}

/// Tensors that share a storage share its place.
StoredTensors stored_views(const NamedViews& views, UnpackBudget budget, const LocateStorage& locate,
                           const std::string& file) {
  std::map<std::string, std::pair<Place, std::int64_t>> places;
  StoredTensors result;
  for (const auto& [name, view] : views) {
    const Storage& storage = *view->storage;
    const auto count = static_cast<std::uint64_t>(Shape(view->sizes).count());
    const std::uint64_t element = size_of(storage.dtype);
    if (count > budget.left() || !budget.take(count * element) || !budget.take(span_of(*view) * element)) {
      fail(ErrorKind::resource_limit, file, ": tensor '", printable(name), "' of shape ", Shape(view->sizes),
           " is far larger than what the file holds");
    }
    if (count == 0) {
      result.push_back({.path = name, .shape = Shape(view->sizes), .dtype = storage.dtype, .fetch = {}});
      continue;
    }
    const std::int64_t bytes = storage.whole * static_cast<std::int64_t>(element);
    auto known = places.find(storage.key);
    if (known == places.end()) known = places.emplace(storage.key, std::pair(locate(storage), bytes)).first;
    if (bytes > known->second.second) {
      fail(ErrorKind::bad_file, file, ": the storage of tensor '", printable(name),
           "' is described in two ways");
    }
    result.push_back(stored_view(name, *view, known->second.first));
  }
  return result;
}

std::uint64_t storage_bytes(const Storage& storage, const std::string& file) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(storage.whole), std::uint64_t{size_of(storage.dtype)},
                             &bytes)) {
    fail(ErrorKind::resource_limit, file, ": a storage claims ", storage.whole, " elements");
  }
  return bytes;
}

/// NAME/data.pkl and NAME/data/KEY, one entry a storage.
StateDictFile open_zip(const std::filesystem::path& path) {
  const auto reader = std::make_shared<ZipReader>(path, kCheckpoint);
  ZipReader& zip = *reader;
  const ZipEntry* pickle_entry = nullptr;
  for (const ZipEntry& entry : zip.entries()) {
    if (entry.name == "data.pkl" || entry.name.ends_with("/data.pkl")) pickle_entry = &entry;
  }
  if (pickle_entry == nullptr) {
    fail(ErrorKind::bad_file, zip.name(),
         " is a zip archive without data.pkl, so it is not a PyTorch checkpoint",
         zip.find("config.json") != nullptr ? "; it looks like a .keras file" : "");
  }
  const std::string folder =
      pickle_entry->name.substr(0, pickle_entry->name.size() - std::string_view("data.pkl").size());
  if (zip.find(folder + "constants.pkl") != nullptr) {
    fail(ErrorKind::unsupported, zip.name(), " is a TorchScript program; graft builds tensors only. Save ",
         "model.state_dict() with torch.save");
  }
  const ZipEntry* order = zip.find(folder + "byteorder");
  if (order != nullptr && zip.read(*order) != "little") {
    fail(ErrorKind::unsupported, zip.name(),
         " was written on a big-endian machine, which graft does not read");
  }
  const std::string text = zip.read(*pickle_entry);
  const InputMemory source(text, zip.name());
  pickle::Stream stream(source, kMaxPickle);
  pickle::Arena arena;
  const StateDict found = find_state_dict(pickle::Machine(stream, arena).run(), zip.name());
  const LocateStorage locate = [&](const Storage& storage) -> Place {
    const ZipEntry* entry = zip.find(cat(folder, "data/", storage.key));
    if (entry == nullptr || entry->size < storage_bytes(storage, zip.name())) {
      fail(ErrorKind::bad_file, zip.name(), ": the storage '", printable(storage.key),
           "' is missing or too short");
    }
    return {.source = ZipReader::open(reader, *entry)};
  };
  return {.place = found.place,
          .tensors = stored_views(found.tensors, UnpackBudget(zip.file_size(), kRatio), locate, zip.name())};
}

/// Position of each storage in a legacy file: after the list of keys, each as its number of elements (8
/// bytes) and the elements.
std::map<std::string, std::uint64_t> locate_storages(const ByteSource& source, pickle::Stream& stream,
                                                     const pickle::Arena& arena, const Value& keys) {
  std::map<std::string, const Storage*> described;
  for (const Storage& storage : arena.storages) described.try_emplace(storage.key, &storage);
  const auto* const* list = std::get_if<pickle::Sequence*>(&keys);
  if (list == nullptr) fail(ErrorKind::bad_file, source.name(), ": its list of storages is broken");
  std::map<std::string, std::uint64_t> places;
  std::uint64_t at = stream.position();
  for (const Value& item : (*list)->items) {
    const auto* const* key = std::get_if<const std::string*>(&item);
    const auto found = key == nullptr ? described.end() : described.find(**key);
    if (found == described.end())
      fail(ErrorKind::bad_file, source.name(), ": its list of storages is broken");
    const Storage& storage = *found->second;
    std::string length(8, '\0');
    source.read(at, length);
    const InputMemory length_source(length, source.name());
    const std::uint64_t count = pickle::Stream(length_source, 8).number(8);
    if (count != static_cast<std::uint64_t>(storage.whole)) {
      fail(ErrorKind::bad_file, source.name(), ": a storage has ", count, " elements, and ", storage.whole,
           " are announced");
    }
    const std::uint64_t bytes = storage_bytes(storage, source.name());
    at += 8;
    if (bytes > source.size() - at) {
      fail(ErrorKind::bad_file, source.name(), " is truncated: a storage of ", bytes, " bytes begins at ", at,
           ", and the file ends at ", source.size(), ". Fetch it again");
    }
    places.try_emplace(storage.key, at);
    at += bytes;
  }
  return places;
}

/// Pickles one after another: magic number, version, facts of the machine, the checkpoint, the storages'
/// keys.
StateDictFile open_legacy(const std::shared_ptr<const ByteSource>& file) {
  const ByteSource& source = *file;
  pickle::Stream stream(source, kMaxPickle);
  pickle::Arena arena;
  pickle::Machine machine(stream, arena);
  const Value magic = machine.run();
  const auto* number = std::get_if<pickle::BigInteger>(&magic);
  if (number == nullptr || *number->bytes != kLegacyMagic) {
    fail(ErrorKind::bad_file, source.name(), " is a Python pickle, but not one that torch.save wrote");
  }
  machine.run();
  const Value facts = machine.run();
  if (const auto* const* dict = std::get_if<pickle::Dict*>(&facts)) {
    for (const auto& [key, value] : (*dict)->items) {
      const auto* const* name = std::get_if<const std::string*>(&key);
      const bool* flag = std::get_if<bool>(&value);
      if (name != nullptr && **name == "little_endian" && flag != nullptr && !*flag) {
        fail(ErrorKind::unsupported, source.name(),
             " was written on a big-endian machine, which graft does not read");
      }
    }
  }
  const Value checkpoint = machine.run();
  const Value keys = machine.run();
  const auto places = locate_storages(source, stream, arena, keys);
  const StateDict found = find_state_dict(checkpoint, source.name());
  const LocateStorage locate = [&](const Storage& storage) -> Place {
    const auto place = places.find(storage.key);
    if (place == places.end()) {
      fail(ErrorKind::bad_file, source.name(), ": the storage '", printable(storage.key), "' is missing");
    }
    return {.source = file, .offset = place->second};
  };
  return {.place = found.place,
          .tensors = stored_views(found.tensors, UnpackBudget(source.size(), kRatio), locate, source.name())};
}

}  // namespace

StateDictFile open_state_dict(const std::filesystem::path& path) {
  const auto file = std::make_shared<InputFile>(path);
  const InputFile& source = *file;
  const std::string head = source.head(262);
  if (head.starts_with("PK\x03\x04")) return open_zip(path);
  if (head.size() > 1 && head[0] == '\x80' && static_cast<unsigned char>(head[1]) <= 5)
    return open_legacy(file);
  if (head.size() == 262 && head.compare(257, 5, "ustar") == 0) {
    fail(ErrorKind::unsupported, source.name(),
         " is a tar archive: a checkpoint from before torch 0.1.10, or files packed ",
         "together. Unpack it, or load and save it with a current PyTorch");
  }
  fail_wrong_format(source, kCheckpoint);
}

StoredTensors open_pth(const std::filesystem::path& path) { return open_state_dict(path).tensors; }

NamedTensors read_pth(const std::filesystem::path& path) { return read_all(open_pth(path)); }

}  // namespace graft::formats
