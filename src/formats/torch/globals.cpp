// SPDX-License-Identifier: Apache-2.0
#include "formats/torch/globals.hpp"

#include <array>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "formats/input_file.hpp"

namespace graft::formats::pickle {
namespace {

struct StorageClass {
  std::string_view name;
  DType dtype;
};
constexpr std::array<StorageClass, 11> kStorages = {{{"FloatStorage", DType::float32},
                                                     {"DoubleStorage", DType::float64},
                                                     {"HalfStorage", DType::float16},
                                                     {"BFloat16Storage", DType::bfloat16},
                                                     {"LongStorage", DType::int64},
                                                     {"IntStorage", DType::int32},
                                                     {"ShortStorage", DType::int16},
                                                     {"CharStorage", DType::int8},
                                                     {"ByteStorage", DType::uint8},
                                                     {"BoolStorage", DType::boolean},
                                                     {"UntypedStorage", DType::uint8}}};

struct Function {
  std::string_view module;
  std::string_view name;
  Global::Kind kind;
};
// Parameter itself is called in files from before torch 0.4, as (tensor).
constexpr std::array<Function, 7> kFunctions = {
    {{"collections", "OrderedDict", Global::Kind::ordered_dict},
     {"torch._utils", "_rebuild_tensor_v2", Global::Kind::rebuild_tensor},
     {"torch._utils", "_rebuild_tensor", Global::Kind::rebuild_tensor},
     {"torch._utils", "_rebuild_parameter", Global::Kind::rebuild_parameter},
     {"torch.nn.parameter", "Parameter", Global::Kind::rebuild_parameter},
     {"torch.autograd.variable", "Variable", Global::Kind::rebuild_parameter},
     {"torch", "Size", Global::Kind::size}}};

constexpr std::size_t kMaxTensorAxes = 32;
// Keys are numbers.
constexpr std::size_t kMaxKey = 64;

[[noreturn]] void fail_call(const std::string& file, std::string_view what) {
  fail(ErrorKind::bad_file, file, ": its pickle is broken: ", what);
}

template <typename T>
T need(const Value& value, const std::string& file, std::string_view what) {
  const T* found = std::get_if<T>(&value);
  if (found == nullptr) fail_call(file, what);
  return *found;
}

std::vector<std::int64_t> integers(const Value& value, const std::string& file) {
  const Sequence* sequence = need<Sequence*>(value, file, "a tensor's size is not a tuple");
  if (sequence->items.size() > kMaxTensorAxes) fail_call(file, "a tensor has too many axes");
  std::vector<std::int64_t> result;
  for (const Value& item : sequence->items) {
    result.push_back(need<std::int64_t>(item, file, "a tensor's size is not a number"));
    if (result.back() < 0) fail_call(file, "a tensor's size or stride is negative");
  }
  return result;
}

/// Whether every element of the tensor is inside its storage.
bool fits(const TensorView& tensor) {
  std::int64_t last = tensor.offset;
  for (std::size_t axis = 0; axis < tensor.sizes.size(); ++axis) {
    if (tensor.sizes[axis] == 0) return tensor.offset <= tensor.storage->count;
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(tensor.sizes[axis] - 1, tensor.strides[axis], &reach)) return false;
    if (__builtin_add_overflow(last, reach, &last)) return false;
  }
  return last < tensor.storage->count;
}

Value build_tensor(const std::vector<Value>& arguments, Arena& arena, const std::string& file) {
  if (arguments.size() < 4) fail_call(file, "a tensor is built from too few parts");
  TensorView tensor;
  tensor.storage =
      need<const Storage*>(arguments[0], file, "a tensor is built on something that is not a storage");
  tensor.offset = need<std::int64_t>(arguments[1], file, "a tensor's offset is not a number");
  tensor.sizes = integers(arguments[2], file);
  tensor.strides = integers(arguments[3], file);
  if (tensor.offset < 0 || tensor.sizes.size() != tensor.strides.size() || !fits(tensor)) {
    fail_call(file, "a tensor reaches beyond its storage");
  }
  // An axis of one is never stepped along; its stride may be anything.
  for (std::size_t axis = 0; axis < tensor.sizes.size(); ++axis) {
    if (tensor.sizes[axis] == 1) tensor.strides[axis] = 0;
  }
  arena.tensors.push_back(std::move(tensor));
  return static_cast<const TensorView*>(&arena.tensors.back());
}

/// OrderedDict() or, from Python 2, OrderedDict([[key, value], ...]).
Value build_dict(const std::vector<Value>& arguments, Arena& arena, const std::string& file) {
  Dict dict;
  if (!arguments.empty()) {
    const Sequence* pairs =
        need<Sequence*>(arguments[0], file, "an OrderedDict is built from something that is not a list");
    for (const Value& item : pairs->items) {
      const Sequence* pair = need<Sequence*>(item, file, "an OrderedDict's item is not a pair");
      if (pair->items.size() != 2) fail_call(file, "an OrderedDict's item is not a pair");
      dict.items.emplace_back(pair->items[0], pair->items[1]);
    }
  }
  arena.dicts.push_back(std::move(dict));
  return &arena.dicts.back();
}

}  // namespace

Global find_global(const std::string& module, const std::string& name, const std::string& file) {
  for (const Function& function : kFunctions) {
    if (function.module == module && function.name == name) return {.kind = function.kind};
  }
  if (module == "torch" || module == "torch.cuda" || module == "torch.storage") {
    for (const StorageClass& storage : kStorages) {
      if (storage.name == name) return {.kind = Global::Kind::storage, .dtype = storage.dtype};
    }
  }
  const bool tensor_kind = module.starts_with("torch._utils") || module == "torch.storage";
  fail(ErrorKind::unsupported, file, ": the file asks to ", tensor_kind ? "build by " : "call ",
       printable(module), ".", printable(name),
       "; graft builds tensors only. Open it where you trust it and save model.state_dict() alone with "
       "torch.save");
}

Value call_global(const Global& global, const std::vector<Value>& arguments, Arena& arena,
                  const std::string& file) {
  switch (global.kind) {
    case Global::Kind::ordered_dict:
      return build_dict(arguments, arena, file);
    case Global::Kind::rebuild_tensor:
      return build_tensor(arguments, arena, file);
    case Global::Kind::rebuild_parameter:
      if (arguments.empty()) fail_call(file, "a parameter is built from nothing");
      return need<const TensorView*>(arguments[0], file,
                                     "a parameter is built from something that is not a tensor");
    case Global::Kind::size:
      if (arguments.empty()) fail_call(file, "a torch.Size is built from nothing");
      return need<Sequence*>(arguments[0], file, "a torch.Size is built from something that is not a tuple");
    case Global::Kind::storage:
      break;
  }
  fail_call(file, "a storage is called like a function");
}

Value load_persistent(const Value& id, Arena& arena, const std::string& file) {
  constexpr std::string_view kBroken = "a storage's description is not the expected tuple";
  const Sequence* parts = need<Sequence*>(id, file, kBroken);
  const std::vector<Value>& items = parts->items;
  if (items.empty()) fail_call(file, kBroken);
  const std::string& kind = *need<const std::string*>(items[0], file, kBroken);
  if (kind == "module") {
    fail(ErrorKind::unsupported, file,
         " holds a whole pickled model, which is code; graft builds tensors only. Save ",
         "model.state_dict() alone with torch.save");
  }
  if (kind != "storage" || items.size() < 5) fail_call(file, kBroken);
  const std::string& key = *need<const std::string*>(items[2], file, kBroken);
  if (key.size() > kMaxKey) fail_call(file, kBroken);
  const auto global = need<Global>(items[1], file, kBroken);
  if (global.kind != Global::Kind::storage) fail_call(file, kBroken);
  const auto count = need<std::int64_t>(items[4], file, kBroken);
  Storage storage{.key = key, .dtype = global.dtype};
  storage.count = storage.whole = count;
  if (items.size() > 5 && std::holds_alternative<Sequence*>(items[5])) {
    // Files from before torch 0.4: (key of the view, first element, elements).
    const std::vector<Value>& part = std::get<Sequence*>(items[5])->items;
    if (part.size() != 3) fail_call(file, kBroken);
    storage.first = need<std::int64_t>(part[1], file, kBroken);
    storage.count = need<std::int64_t>(part[2], file, kBroken);
  }
  if (count < 0 || storage.first < 0 || storage.count < 0 || storage.first > count ||
      storage.count > count - storage.first) {
    fail_call(file, "a storage's size makes no sense");
  }
  arena.storages.push_back(std::move(storage));
  return static_cast<const Storage*>(&arena.storages.back());
}

}  // namespace graft::formats::pickle
