// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "formats/pickle/stream.hpp"
#include "formats/pickle/value.hpp"

namespace graft::formats::pickle {

/// Runs pickles (protocols 2 to 5, the opcodes that torch.save uses) without calling anything: a pickle can
/// build plain data and tensors, and names outside torch_globals.hpp are refused. Not recursive; memory is
/// bounded by the number of values. Errors: Error{bad_file} broken or truncated; Error{unsupported} a refused
/// name or opcode; Error{resource_limit}.
class Machine {
 public:
  Machine(Stream& stream, Arena& arena) : stream_(stream), arena_(arena) {}

  /// Runs the pickle that begins at the stream's position to its end.
  Value run();

 private:
  /// Each handles its group of opcodes; false: not one of them.
  bool step_number(unsigned char opcode);
  bool step_text(unsigned char opcode);
  bool step_collection(unsigned char opcode);
  bool step_stack(unsigned char opcode);
  bool step_memo(unsigned char opcode);
  bool step_object(unsigned char opcode);

  void push(Value value);
  Value pop();
  Value& top();
  /// The values above the last mark, which are taken off with it.
  std::vector<Value> pop_to_mark();
  void push_text(std::uint64_t length);
  void push_long(std::uint64_t length);
  void push_sequence(std::vector<Value> items);
  void push_tuple(std::size_t count);
  void append(const std::vector<Value>& items);
  void set_items(const std::vector<Value>& items);
  void remember(std::uint64_t key);
  void recall(std::uint64_t key);
  void count_objects(std::size_t count);
  [[noreturn]] void fail_broken(const char* what) const;

  Stream& stream_;
  Arena& arena_;
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, Value> memo_;
  std::size_t objects_ = 0;
};

}  // namespace graft::formats::pickle
