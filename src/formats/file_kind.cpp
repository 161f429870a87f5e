// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/file_kind.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/npz.hpp"
#include "graft/formats/onnx.hpp"
#include "graft/formats/pth.hpp"
#include "graft/formats/safetensors.hpp"
#include "graft/formats/tflite.hpp"

#include "formats/foreign_format.hpp"
#include "formats/zip/reader.hpp"

namespace graft::formats {
namespace {

constexpr std::string_view kWanted = "a file of weights (.h5, .keras, .pth, .safetensors, .npz)";

FileKind kind_of_zip(const std::filesystem::path& path) {
  if (const auto foreign = foreign_format({}, path.string())) {
    fail(ErrorKind::unsupported, path.string(), " is ", foreign->what, ", which graft does not read; ",
         foreign->instead);
  }
  const ZipReader zip(path, kWanted);
  const auto ends_in = [](std::string_view ending) {
    return [ending](const ZipEntry& entry) { return entry.name.ends_with(ending); };
  };
  if (zip.find("config.json") != nullptr) return FileKind::keras_archive;
  if (std::ranges::any_of(zip.entries(), ends_in("data.pkl"))) return FileKind::torch;
  if (!zip.entries().empty() && std::ranges::all_of(zip.entries(), ends_in(".npy"))) return FileKind::npz;
  fail(ErrorKind::bad_file, zip.name(), " is a zip archive, but holds neither config.json (.keras), nor ",
       "data.pkl (.pth), nor .npy files alone (.npz)");
}

}  // namespace

FileKind file_kind_of(const std::filesystem::path& path) {
  const InputFile source(path);
  const std::string head = source.head(512);
  if (head.starts_with("\x89HDF")) return FileKind::hdf5;
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return kind_of_zip(path);
  if (looks_like_onnx(head) && head.size() > 8 && head[8] != '{' && !foreign_format(head, path.string())) {
    fail(ErrorKind::unsupported, path.string(),
         " is an ONNX file: a whole model, not a file of weights; give it as the model");
  }
  if (looks_like_tflite(head)) {
    fail(ErrorKind::unsupported, path.string(),
         " is a TensorFlow Lite file: a whole model, not a file of weights; give it as the model");
  }
  const bool pickle = head.size() > 1 && head[0] == '\x80' && static_cast<unsigned char>(head[1]) <= 5;
  // Before torch 0.1.10 files were tar archives, for which the reader has an answer.
  const bool tar = head.size() > 262 && head.compare(257, 5, "ustar") == 0;
  if (pickle || tar) return FileKind::torch;
  if (head.size() > 8 && head[8] == '{') return FileKind::safetensors;
  // A user block may precede the HDF5 signature.
  std::string bytes(4, '\0');
  for (std::uint64_t at = 512; at + bytes.size() <= source.size(); at *= 2) {
    source.read(at, bytes);
    if (bytes == "\x89HDF") return FileKind::hdf5;
  }
  fail_wrong_format(source, kWanted);
}

StoredTensors open_named_tensors(const std::filesystem::path& path, FileKind kind) {
  switch (kind) {
    case FileKind::torch:
      return open_pth(path);
    case FileKind::safetensors:
      return open_safetensors(path);
    case FileKind::npz:
      return open_npz(path);
    case FileKind::hdf5:
    case FileKind::keras_archive:
      break;
  }
  fail(ErrorKind::invalid_argument, path.string(), " is a file of Keras, not a plain list of tensors");
}

}  // namespace graft::formats
