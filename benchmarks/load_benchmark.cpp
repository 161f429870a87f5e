// SPDX-License-Identifier: Apache-2.0
// How long the weights of VGG16 (528 MB) take to load and how much memory, against reading the file and doing
// nothing with it: load_benchmark [FOLDER]. The files are made in FOLDER (the system's temporary folder
// unless said), read twice so that both ways find them in the system's cache, and deleted. Memory is the
// process's peak above what it had before, and the model's own size is what it needs in the end.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/saving.hpp"

namespace {

namespace fs = std::filesystem;

double mebibytes(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stod(line.substr(line.find(':') + 1)) / 1024;
  }
  return 0;
}

template <typename Action>
double seconds(const Action& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// cat FILE > /dev/null
void read_through(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> block(1U << 20U);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size()))) {
  }
}

graft::Model vgg16() { return graft::applications::find_application("VGG16").build({.weights = "none"}); }

void measure(const fs::path& path) {
  read_through(path);
  const double plain = seconds([&] { read_through(path); });
  graft::Model model = vgg16();
  std::int64_t bytes = 0;
  for (const graft::VariablePtr& weight : model.weights()) bytes += weight->count() * 4;
  std::ofstream("/proc/self/clear_refs") << "5" << std::flush;
  const double before = mebibytes("VmRSS");
  const double loading = seconds([&] { model.load_weights(path); });
  std::printf("%-18s  read %5.2f s   load %5.2f s   memory: model %4.0f MiB, peak %4.0f MiB\n",
              path.filename().c_str(), plain, loading, static_cast<double>(bytes) / (1 << 20),
              mebibytes("VmHWM") - before);
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path folder =
      fs::path(argc > 1 ? argv[1] : fs::temp_directory_path().string()) / "graft-load-benchmark";
  int code = 0;
  try {
    fs::create_directories(folder);
    const std::vector<std::string> names = {"vgg16.h5", "vgg16.weights.h5", "vgg16.keras",
                                            "vgg16.safetensors", "vgg16.npz"};
    for (const std::string& name : names) {
      {
        const graft::Model model = vgg16();
        if (name.ends_with(".keras")) {
          model.save(folder / name);
        } else {
          model.save_weights(folder / name);
        }
      }
      measure(folder / name);
      fs::remove(folder / name);
    }
  } catch (const graft::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    code = 1;
  }
  fs::remove_all(folder);
  return code;
}
