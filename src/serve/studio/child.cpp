// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace graft::serve::studio {
namespace {

/// Both ends of a pipe, which no other child gets.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { static_cast<void>(::pipe2(ends.data(), O_CLOEXEC)); }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int i) {
    ::close(ends.at(static_cast<std::size_t>(i)));
    ends.at(static_cast<std::size_t>(i)) = -1;
  }
};

/// Bytes to lines.
struct Lines {
  std::string rest{};
  template <typename Take>
  void add(const char* bytes, std::size_t count, const Take& take) {
    constexpr std::size_t kLongest = std::size_t{1} << 20;
    for (std::size_t i = 0; i < count; ++i) {
      if (bytes[i] == '\n') {
        take(rest);
        rest.clear();
      } else if (rest.size() < kLongest) {
        rest += bytes[i];
      }
    }
  }
};

/// What connects the new process with this one.
struct Ends {
  pid_t parent;
  int out, error;  ///< file descriptors that it writes to
};

/// In the new process, where only calls that are safe after a fork are made.
[[noreturn]] void become(const ChildOptions& options, char* const* arguments, char* const* environment,
                         const Ends& ends) {
  ::setpgid(0, 0);  // Ctrl-C is the studio's
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != ends.parent) ::_exit(127);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(ends.out, 1);
  ::dup2(ends.error, 2);
  ::close_range(3, ~0U, 0);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  if (::chdir(options.folder.c_str()) == 0) ::execve(options.program.c_str(), arguments, environment);
  ::_exit(127);
}

}  // namespace

Child::Child(ChildOptions options) : options_(std::move(options)) {
  // The system kills the child when the thread that made it ends, so this thread stays.
  thread_ = std::thread([this] { run(); });
}

Child::~Child() {
  unwanted_ = true;
  signal(SIGKILL);
  thread_.join();
}

void Child::signal(int number) {
  const int process = process_;
  if (process > 0) ::kill(process, number);
}

void Child::run() {
  Pipe out, error;
  std::string program = options_.program.string();
  std::vector<char*> arguments{program.data()};
  for (std::string& argument : options_.arguments) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  std::string progress = "GRAFT_PROGRESS=json";
  std::vector<char*> environment{progress.data()};
  for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
  environment.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0)
    become(options_, arguments.data(), environment.data(), {parent, out.ends[1], error.ends[1]});
  if (process < 0) return options_.ended(127);
  process_ = process;
  if (unwanted_) ::kill(process, SIGKILL);
  out.close_end(1);
  error.close_end(1);
  std::array<Lines, 2> lines;
  std::array<pollfd, 2> ready{{{out.ends[0], POLLIN, 0}, {error.ends[0], POLLIN, 0}}};
  while (ready[0].fd >= 0 || ready[1].fd >= 0) {
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < ready.size(); ++i) {
      if (ready.at(i).fd < 0 || ready.at(i).revents == 0) continue;
      std::array<char, 16384> bytes{};
      const ssize_t count = ::read(ready.at(i).fd, bytes.data(), bytes.size());
      if (count <= 0) ready.at(i).fd = -1;
      if (count > 0)
        lines.at(i).add(bytes.data(), static_cast<std::size_t>(count),
                        [&](const std::string& line) { options_.line(i == 1, line); });
    }
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  options_.ended(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

}  // namespace graft::serve::studio
