// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/outside_engine.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/run_program.hpp"
#include "graft/formats/npy.hpp"

#include "formats/last_words.hpp"

namespace graft::formats {
namespace {

constexpr std::uintmax_t kMostLogBytes = std::uintmax_t{64} << 20U;

}  // namespace

std::string last_words(const std::filesystem::path& log) {
  std::string text = read_file(log, kMostLogBytes);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t line = text.find_last_of('\n');
  if (line != std::string::npos) text.erase(0, line + 1);
  return text.substr(0, 500);
}

EngineAnswer run_engine(const OutsideEngine& engine, const std::filesystem::path& file, const Tensor& batch,
                        const std::string& python, const std::filesystem::path& folder) {
  const std::filesystem::path input = folder / "batch.npy";
  const std::filesystem::path output = folder / "output.npy";
  const std::filesystem::path version = folder / "version.txt";
  const std::filesystem::path log = folder / "engine.log";
  write_npy(input, batch);
  const int code = run_program(
      {python, "-c", engine.script, file.string(), input.string(), output.string(), version.string()}, log);
  if (code != 0) {
    fail(ErrorKind::unsupported, engine.name, ", started by ", python,
         ", did not run the file: ", last_words(log));
  }
  return {read_npy(output), read_file(version, 256)};
}

std::string make_engine_environment(const OutsideEngine& engine, const std::filesystem::path& folder) {
  std::string python = (folder / "bin" / "python").string();
  std::filesystem::create_directories(folder);
  const std::filesystem::path log = folder / "install.log";
  std::error_code ignored;
  const bool there = std::filesystem::exists(python, ignored);
  if (there && run_program({python, "-c", std::string("import ") + engine.module}, log) == 0) return python;
  if (run_program({"python3", "-m", "venv", folder.string()}, log) != 0) {
    fail(ErrorKind::unsupported, "python3 could not make a virtual environment in ", folder.string(), ": ",
         last_words(log));
  }
  if (run_program({python, "-m", "pip", "install", "--quiet", "numpy", engine.package}, log) != 0)
    fail(ErrorKind::unsupported, "pip could not install ", engine.package, ": ", last_words(log));
  return python;
}

}  // namespace graft::formats
