// SPDX-License-Identifier: Apache-2.0
// A command of graft that runs beside this program and ends with it.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace graft::serve::studio {

/// What is run, and who hears of it. The functions are called from the child's own thread.
struct ChildOptions {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path folder;                                      ///< current folder of the command
  std::function<void(bool is_error, const std::string& line)> line;  ///< it printed a line
  std::function<void(int code)> ended;                               ///< exit code; -1: a signal ended it
};

/// One running command.
class Child {
 public:
  /// Errors of the start come as code 127.
  explicit Child(ChildOptions options);
  /// Kills it where it still runs, and waits.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void signal(int number);

 private:
  void run();

  ChildOptions options_;
  std::atomic<int> process_{0};  ///< 0: not started; -1: has ended
  std::atomic<bool> unwanted_{false};
  std::thread thread_;
};

}  // namespace graft::serve::studio
