// SPDX-License-Identifier: Apache-2.0
// The folders that are searched for weights. This is the only place that knows them.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/text.hpp"
#include "graft/weights_store.hpp"

#include "store/addresses.hpp"
#include "store/digest.hpp"
#include "store/layout.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

/// $NAME/inside, else ~/usual. Empty where neither is known.
fs::path named_or_home(const char* name, const char* inside, const fs::path& usual) {
  const std::string named = environment(name);
  if (!named.empty()) return fs::path(named) / inside;
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : home / usual;
}

/// A folder of another program: $NAME/inside, else the caches' folder/usual/inside. Empty where neither is
/// known.
fs::path named_or_cache(const char* name, const char* usual, const fs::path& inside) {
  if (const std::string named = environment(name); !named.empty()) return named / inside;
  const fs::path caches = caches_folder();
  return caches.empty() ? fs::path() : caches / usual / inside;
}

fs::path hugging_face_folder() {
  if (const std::string cache = environment("HF_HUB_CACHE"); !cache.empty()) return cache;
  return named_or_cache("HF_HOME", "huggingface", "hub");
}

std::optional<fs::path> first_file(const std::vector<fs::path>& paths) {
  const auto found = std::ranges::find_if(paths, is_regular);
  return found == paths.end() ? std::nullopt : std::optional(*found);
}

/// Hugging Face keeps models--OWNER--NAME/snapshots/REVISION/FILE; refs/main has the newest revision.
std::optional<fs::path> in_hub(const fs::path& hub, const PublishedFile& file) {
  if (file.hub.empty()) return std::nullopt;
  std::string folder = "models--" + file.hub;
  for (std::size_t at = folder.find('/'); at != std::string::npos; at = folder.find('/', at))
    folder.replace(at, 1, "--");
  std::vector<fs::path> revisions;
  std::error_code error;
  for (fs::directory_iterator entry(hub / folder / "snapshots", error), end; !error && entry != end;
       entry.increment(error))
    revisions.push_back(entry->path());
  std::ranges::sort(revisions);
  std::string main;
  if (is_regular(hub / folder / "refs" / "main")) {
    constexpr std::uintmax_t kMostBytes = 4096;
    std::error_code ignored;
    if (fs::file_size(hub / folder / "refs" / "main", ignored) <= kMostBytes)
      main = first_line(hub / folder / "refs" / "main");
  }
  std::stable_partition(revisions.begin(), revisions.end(),
                        [&](const fs::path& path) { return path.filename() == main; });
  std::vector<fs::path> files;
  for (const fs::path& revision : revisions) {
    for (const char* name : {"model.safetensors", "pytorch_model.bin"}) files.push_back(revision / name);
  }
  return first_file(files);
}

std::optional<fs::path> in_folder(const WeightsFolder& folder, const PublishedFile& file) {
  switch (folder.place) {
    case WeightsPlace::own:
      return first_file({Layout(folder.path).link(file.name, file.file)});
    case WeightsPlace::shared:
      return first_file({Layout(folder.path).link(file.name, file.file), folder.path / file.file});
    case WeightsPlace::hugging_face:
      return in_hub(folder.path, file);
    case WeightsPlace::given:
    case WeightsPlace::cache:
    case WeightsPlace::keras:
    case WeightsPlace::torch:
    case WeightsPlace::mirror:
      break;
  }
  return first_file({folder.path / file.file});
}

}  // namespace

std::string_view to_string(WeightsPlace place) {
  switch (place) {
    case WeightsPlace::given:
      return "GRAFT_WEIGHTS";
    case WeightsPlace::own:
      return "graft's store";
    case WeightsPlace::shared:
      return "a shared store";
    case WeightsPlace::cache:
      return "graft's cache";
    case WeightsPlace::keras:
      return "Keras's cache";
    case WeightsPlace::torch:
      return "torch's cache";
    case WeightsPlace::hugging_face:
      return "Hugging Face's cache";
    case WeightsPlace::mirror:
      return "the mirror";
  }
  return "";
}

fs::path weights_home() {
  const std::string home = environment("GRAFT_HOME");
  return home.empty() ? data_folder() : fs::path(home);
}

std::vector<WeightsFolder> weights_places() {
  std::vector<WeightsFolder> places;
  const auto add = [&](const fs::path& path, WeightsPlace place) {
    if (!path.empty()) places.push_back({path, place});
  };
  add(environment("GRAFT_WEIGHTS"), WeightsPlace::given);
  add(weights_home(), WeightsPlace::own);
  for (const fs::path& path : paths_from_environment("GRAFT_WEIGHTS_PATH")) add(path, WeightsPlace::shared);
  add(cache_folder(), WeightsPlace::cache);
  add(cache_folder() / "weights", WeightsPlace::cache);
  add(named_or_home("KERAS_HOME", "models", fs::path(".keras") / "models"), WeightsPlace::keras);
  add(named_or_cache("TORCH_HOME", "torch", fs::path("hub") / "checkpoints"), WeightsPlace::torch);
  add(hugging_face_folder(), WeightsPlace::hugging_face);
  for (const std::string& mirror : mirrors()) {
    if (!is_address(mirror)) add(mirror, WeightsPlace::mirror);
  }
  return places;
}

std::optional<FoundWeights> find_weights(const PublishedFile& file) {
  for (const WeightsFolder& folder : weights_places()) {
    if (const std::optional<fs::path> path = in_folder(folder, file))
      return FoundWeights{.path = *path, .place = folder.place};
  }
  return std::nullopt;
}

std::optional<FoundWeights> find_weights_named(std::string_view name) {
  if (const std::optional<PublishedFile> row = look_up_published_file(name)) return find_weights(*row);
  if (!name.starts_with("local/")) return std::nullopt;
  for (const WeightsFolder& folder : weights_places()) {
    if (folder.place != WeightsPlace::own && folder.place != WeightsPlace::shared) continue;
    for (const StoredWeights& stored : Layout(folder.path).all()) {
      if (stored.name == name && is_regular(stored.path))
        return FoundWeights{.path = stored.path, .place = folder.place};
    }
  }
  return std::nullopt;
}

fs::path path_in_store(const PublishedFile& file) {
  return Layout(weights_home()).link(file.name, file.file);
}

void check_content(const PublishedFile& file, const FoundWeights& found) {
  std::optional<Record> record;
  if (found.place == WeightsPlace::own) record = Layout(weights_home()).record(file.name);
  // A hub's file is another one than that of the same network in a release, which the hash is of.
  const bool published = has_hash(file) && found.place != WeightsPlace::hugging_face;
  if (found.place == WeightsPlace::given || (!published && !record)) return;
  const Digest::Result content = digest_of(found.path, hashes_of(file));
  std::string fault = published ? difference(file, content) : "";
  if (fault.empty() && record && record->sha256 != content.sha256)
    fault = cat("its SHA-256 is ", content.sha256, ", recorded when it came is ", record->sha256);
  if (fault.empty()) return;
  const std::string remedy =
      found.place == WeightsPlace::own
          ? cat("graft weights remove ", file.name, ", then graft weights pull ", file.name)
          : cat("graft weights pull ", file.name,
                " puts the right one into graft's store, which is searched first; ",
                "or name the file itself as the weights");
  fail(ErrorKind::bad_file, found.path.string(), " (", to_string(found.place),
       ") is not the published file: ", fault, ".\n  ", remedy);
}

}  // namespace graft::store
