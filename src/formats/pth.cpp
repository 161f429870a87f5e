// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/pth.hpp"

#include <functional>
#include <map>

#include "graft/base/error.hpp"

#include "formats/pickle_machine.hpp"
#include "formats/state_dict.hpp"
#include "formats/strided_copy.hpp"
#include "formats/zip_reader.hpp"

namespace graft::formats {
namespace {

using pickle::Storage;
using pickle::TensorView;
using pickle::Value;

constexpr std::string_view kWanted = "a PyTorch checkpoint";
constexpr std::uint64_t kMaxPickle = 64U << 20U;
// A tensor that repeats one element, and tensors that share a storage, come out larger than the file.
constexpr std::uint64_t kRatio = 16;
// 0x1950a86a20f9469cfc6c: how legacy files begin.
constexpr std::string_view kLegacyMagic = "\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";

/// Gives the bytes of a whole storage: whole * size_of(dtype) of them.
using LoadStorage = std::function<std::string(const Storage&)>;

Tensor materialise(const TensorView& view, const std::string& bytes) {
  Tensor tensor(Shape(view.sizes), view.storage->dtype);
  const std::size_t first =
      static_cast<std::size_t>(view.storage->first + view.offset) * size_of(tensor.dtype());
  if (!tensor.empty()) copy_strided(bytes.data() + first, view.strides, tensor);
  if (tensor.dtype() == DType::boolean) {
    auto* values = static_cast<std::uint8_t*>(tensor.raw());
    for (std::int64_t i = 0; i < tensor.count(); ++i) values[i] = values[i] != 0 ? 1 : 0;
  }
  return tensor;
}

/// Loads each storage once and drops it after the last tensor on it.
NamedTensors materialise_all(const NamedViews& views, UnpackBudget budget, const LoadStorage& load,
                             const std::string& file) {
  struct Loaded {
    std::size_t users = 0;
    std::string bytes;
    bool ready = false;
  };
  std::map<std::string, Loaded> storages;
  for (const auto& [name, view] : views) ++storages[view->storage->key].users;
  NamedTensors result;
  for (const auto& [name, view] : views) {
    const auto count = static_cast<std::uint64_t>(Shape(view->sizes).count());
    const std::uint64_t element = size_of(view->storage->dtype);
    if (count > budget.left() || !budget.take(count * element)) {
      fail(ErrorKind::resource_limit, file, ": tensor '", printable(name), "' of shape ", Shape(view->sizes),
           " is far larger than what the file holds");
    }
    Loaded& storage = storages[view->storage->key];
    if (count > 0 && !storage.ready) {
      storage.bytes = load(*view->storage);
      storage.ready = true;
    }
    if (count > 0 && storage.bytes.size() / element < static_cast<std::uint64_t>(view->storage->whole)) {
      fail(ErrorKind::bad_file, file, ": the storage of tensor '", printable(name),
           "' is described in two ways");
    }
    result.push_back({.path = name, .tensor = materialise(*view, storage.bytes)});
    if (--storage.users == 0) storages.erase(view->storage->key);
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
NamedTensors read_zip(const std::filesystem::path& path) {
  ZipReader zip(path, kWanted);
  const ZipEntry* pickle_entry = nullptr;
  for (const ZipEntry& entry : zip.entries()) {
    if (entry.name == "data.pkl" || entry.name.ends_with("/data.pkl")) pickle_entry = &entry;
  }
  if (pickle_entry == nullptr) {
    fail(ErrorKind::bad_file, zip.name(),
         " is a zip archive without data.pkl, so it is no PyTorch checkpoint",
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
  const NamedViews views = find_state_dict(pickle::Machine(stream, arena).run(), zip.name());
  const LoadStorage load = [&](const Storage& storage) {
    const ZipEntry* entry = zip.find(cat(folder, "data/", storage.key));
    if (entry == nullptr || entry->size < storage_bytes(storage, zip.name())) {
      fail(ErrorKind::bad_file, zip.name(), ": the storage '", printable(storage.key),
           "' is missing or too short");
    }
    return zip.read(*entry);
  };
  return materialise_all(views, UnpackBudget(zip.file_size(), kRatio), load, zip.name());
}

/// Where each storage of a legacy file lies: behind the list of keys, each as its number of elements (8
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
NamedTensors read_legacy(const ByteSource& source) {
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
  const NamedViews views = find_state_dict(checkpoint, source.name());
  const LoadStorage load = [&](const Storage& storage) {
    const auto place = places.find(storage.key);
    if (place == places.end()) {
      fail(ErrorKind::bad_file, source.name(), ": the storage '", printable(storage.key), "' is missing");
    }
    std::string bytes(static_cast<std::size_t>(storage_bytes(storage, source.name())), '\0');
    source.read(place->second, bytes);
    return bytes;
  };
  return materialise_all(views, UnpackBudget(source.size(), kRatio), load, source.name());
}

}  // namespace

NamedTensors read_pth(const std::filesystem::path& path) {
  const InputFile source(path);
  const std::string head = source.head(262);
  if (head.starts_with("PK\x03\x04")) return read_zip(path);
  if (head.size() > 1 && head[0] == '\x80' && static_cast<unsigned char>(head[1]) <= 5)
    return read_legacy(source);
  if (head.size() == 262 && head.compare(257, 5, "ustar") == 0) {
    fail(ErrorKind::unsupported, source.name(),
         " is a tar archive: a checkpoint from before torch 0.1.10, or files packed ",
         "together. Unpack it, or load and save it with a current PyTorch");
  }
  fail_wrong_format(source, kWanted);
}

}  // namespace graft::formats
