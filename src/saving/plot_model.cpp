// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/saving.hpp"

namespace graft::saving {
namespace {

namespace fs = std::filesystem;

/// Where a child's input and complaints go, so that the library prints nothing.
class Silence {
 public:
  Silence() {
    posix_spawn_file_actions_init(&actions_);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&actions_, stream, "/dev/null", O_RDWR, 0);
  }
  ~Silence() { posix_spawn_file_actions_destroy(&actions_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Runs `dot` from the PATH without a shell; returns its exit status, or the error of starting it.
struct Ending {
  int error = 0;
  int status = 0;
};
Ending run_dot(const std::vector<std::string>& arguments) {
  std::string program = "dot";
  std::vector<std::string> words = arguments;
  std::vector<char*> argv{program.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const Silence silence;
  pid_t child = 0;
  Ending ending;
  ending.error = posix_spawnp(&child, program.c_str(), silence.get(), nullptr, argv.data(), environ);
  if (ending.error != 0) return ending;
  while (waitpid(child, &ending.status, 0) < 0) {
    if (errno != EINTR) {
      ending.error = errno;
      break;
    }
  }
  return ending;
}

void render(const std::string& dot, const fs::path& to_file, const std::string& format, int dpi) {
  const AtomicFile text(to_file);  // never committed: only for its unique name
  write_file_atomically(text.temporary_path(), dot);
  AtomicFile picture(to_file);
  const Ending ending = run_dot({cat("-T", format), cat("-Gdpi=", format == "png" ? dpi : 72), "-o",
                                 picture.temporary_path().string(), text.temporary_path().string()});
  if (ending.error == ENOENT) {
    fail(ErrorKind::unsupported, "drawing ", to_file.string(),
         " needs Graphviz's program dot, which is not installed; install Debian's package graphviz, or ask "
         "for a "
         "file that ends in .dot");
  }
  if (ending.error != 0) fail(ErrorKind::io, "dot could not be started: ", std::strerror(ending.error));
  if (!WIFEXITED(ending.status) || WEXITSTATUS(ending.status) != 0 || !fs::exists(picture.temporary_path()))
    fail(ErrorKind::io, "Graphviz's dot could not draw ", to_file.string());
  picture.commit();
}

}  // namespace

void plot_model(const Model& model, const fs::path& to_file, const PlotOptions& options) {
  const std::string dot = model_to_dot(model, options);
  const std::string ending = to_file.extension().string();
  if (ending == ".dot") return write_file_atomically(to_file, dot);
  if (ending != ".svg" && ending != ".png" && ending != ".pdf") {
    fail(ErrorKind::invalid_argument,
         "plot: expected a file that ends in .svg, .png, .pdf or .dot, received ", to_file.string());
  }
  render(dot, to_file, ending.substr(1), options.dpi);
}

}  // namespace graft::saving
