// SPDX-License-Identifier: Apache-2.0
#include "graft/onnx/runtime.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/formats/npy.hpp"

namespace graft {
inline namespace onnx {
namespace {

constexpr std::uintmax_t kMostLogBytes = std::uintmax_t{64} << 20U;

/// Arguments: the file, the batch (.npy), where the output goes (.npy), where the version goes.
constexpr const char* kScript = R"(
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=['CPUExecutionProvider'])
batch = numpy.load(sys.argv[2])
name = session.get_inputs()[0].name
parts = [session.run(None, {name: batch[i:i + 8]})[0] for i in range(0, len(batch), 8)]
numpy.save(sys.argv[3], numpy.concatenate(parts).astype('float32'))
open(sys.argv[4], 'w').write(onnxruntime.__version__)
)";

/// The end of what a program wrote, on one line.
std::string last_words(const std::filesystem::path& log) {
  std::string text = read_file(log, kMostLogBytes);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t line = text.find_last_of('\n');
  if (line != std::string::npos) text.erase(0, line + 1);
  return text.substr(0, 500);
}

}  // namespace

int run_program(const std::vector<std::string>& words, const std::filesystem::path& log) {
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t streams{};
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_addopen(&streams, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&streams, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &streams, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&streams);
  if (error != 0)
    fail(ErrorKind::not_found, "the program ", words.front(),
         " could not be started: ", std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail(ErrorKind::io, words.front(), " was lost: ", std::strerror(errno));
  }
  if (!WIFEXITED(status)) fail(ErrorKind::io, words.front(), " was killed before its end");
  return WEXITSTATUS(status);
}

RuntimeAnswer run_onnx_runtime(const std::filesystem::path& file, const Tensor& batch,
                               const std::string& python, const std::filesystem::path& folder) {
  const std::filesystem::path input = folder / "batch.npy";
  const std::filesystem::path output = folder / "output.npy";
  const std::filesystem::path version = folder / "version.txt";
  const std::filesystem::path log = folder / "runtime.log";
  formats::write_npy(input, batch);
  const int code = run_program(
      {python, "-c", kScript, file.string(), input.string(), output.string(), version.string()}, log);
  if (code != 0) {
    fail(ErrorKind::unsupported, "ONNX Runtime, started by ", python,
         ", did not run the file: ", last_words(log));
  }
  return {formats::read_npy(output), read_file(version, 256)};
}

std::string make_runtime_environment(const std::filesystem::path& folder) {
  std::string python = (folder / "bin" / "python").string();
  std::filesystem::create_directories(folder);
  const std::filesystem::path log = folder / "install.log";
  std::error_code ignored;
  const bool there = std::filesystem::exists(python, ignored);
  if (there && run_program({python, "-c", "import onnxruntime"}, log) == 0) return python;
  if (run_program({"python3", "-m", "venv", folder.string()}, log) != 0) {
    fail(ErrorKind::unsupported, "python3 could not make a virtual environment in ", folder.string(), ": ",
         last_words(log));
  }
  if (run_program({python, "-m", "pip", "install", "--quiet", "numpy", "onnxruntime"}, log) != 0)
    fail(ErrorKind::unsupported, "pip could not install onnxruntime: ", last_words(log));
  return python;
}

}  // namespace onnx
}  // namespace graft
