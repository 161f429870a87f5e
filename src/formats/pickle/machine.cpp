// SPDX-License-Identifier: Apache-2.0
// The opcodes are those of Python's pickle protocols, with their bytes in the format.
#include "formats/pickle/machine.hpp"

#include <bit>

#include "graft/base/fail.hpp"

#include "formats/torch/globals.hpp"

namespace graft::formats::pickle {
namespace {

// Values and containers that one pickle may make: 40 000 tensors need some 2 million.
constexpr std::size_t kMaxObjects = 2'000'000;

}  // namespace

void Machine::fail_broken(const char* what) const {
  fail(ErrorKind::bad_file, stream_.name(), ": its pickle is broken near byte ", stream_.position(), ": ",
       what);
}

void Machine::count_objects(std::size_t count) {
  objects_ += count;
  if (objects_ > kMaxObjects) {
    fail(ErrorKind::resource_limit, stream_.name(), ": its pickle makes more than ", kMaxObjects, " values");
  }
}

void Machine::push(Value value) {
  count_objects(1);
  stack_.push_back(value);
}

Value& Machine::top() {
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) fail_broken("a value is missing");
  return stack_.back();
}

Value Machine::pop() {
  const Value value = top();
  stack_.pop_back();
  return value;
}

std::vector<Value> Machine::pop_to_mark() {
  if (marks_.empty()) fail_broken("a mark is missing");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Value> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

void Machine::push_text(std::uint64_t length) {
  arena_.texts.emplace_back(stream_.take(length));
  push(static_cast<const std::string*>(&arena_.texts.back()));
}

void Machine::push_long(std::uint64_t length) {
  const std::string_view bytes = stream_.take(length);
  if (length > 8) {
    arena_.texts.emplace_back(bytes);
    return push(BigInteger{&arena_.texts.back()});
  }
  std::uint64_t value =
      length > 0 && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  push(std::bit_cast<std::int64_t>(value));
}

void Machine::push_sequence(std::vector<Value> items) {
  arena_.sequences.push_back({std::move(items)});
  push(&arena_.sequences.back());
}

void Machine::push_tuple(std::size_t count) {
  std::vector<Value> items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  push_sequence(std::move(items));
}

void Machine::append(const std::vector<Value>& items) {
  auto* const* sequence = std::get_if<Sequence*>(&top());
  if (sequence == nullptr) fail_broken("something is appended to an object that is not a list");
  for (const Value& item : items) (*sequence)->items.push_back(item);
}

void Machine::set_items(const std::vector<Value>& items) {
  auto* const* dict = std::get_if<Dict*>(&top());
  if (dict == nullptr || items.size() % 2 != 0)
    fail_broken("keys are set in an object that is not a dictionary");
  for (std::size_t i = 0; i < items.size(); i += 2) (*dict)->items.emplace_back(items[i], items[i + 1]);
}

void Machine::remember(std::uint64_t key) {
  count_objects(1);
  memo_[key] = top();
}

void Machine::recall(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) fail_broken("it recalls what it never stored");
  push(found->second);
}

bool Machine::step_number(unsigned char opcode) {
  switch (opcode) {
    case 'N':
      push(None{});
      return true;
    case 0x88:
    case 0x89:
      push(opcode == 0x88);
      return true;
    case 'J':
      push(std::int64_t{std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(stream_.number(4)))});
      return true;
    case 'K':
      push(static_cast<std::int64_t>(stream_.number(1)));
      return true;
    case 'M':
      push(static_cast<std::int64_t>(stream_.number(2)));
      return true;
    case 0x8A:
      push_long(stream_.number(1));
      return true;
    case 0x8B:
      push_long(stream_.number(4));
      return true;
    case 'G': {
      std::uint64_t bits = 0;  // the only big-endian one
      for (int i = 0; i < 8; ++i) bits = (bits << 8U) | stream_.byte();
      push(std::bit_cast<double>(bits));
      return true;
    }
    default:
      return false;
  }
}

bool Machine::step_text(unsigned char opcode) {
  switch (opcode) {
    case 'U':
    case 'C':
    case 0x8C:
      push_text(stream_.number(1));
      return true;
    case 'T':
    case 'B':
    case 'X':
      push_text(stream_.number(4));
      return true;
    case 0x8D:
    case 0x8E:
      push_text(stream_.number(8));
      return true;
    default:
      return false;
  }
}

bool Machine::step_collection(unsigned char opcode) {
  switch (opcode) {
    case ']':
    case ')':
    case 0x8F:
      push_sequence({});
      return true;
    case '}':
      arena_.dicts.emplace_back();
      push(&arena_.dicts.back());
      return true;
    case 'l':
    case 't':
    case 0x91:
      push_sequence(pop_to_mark());
      return true;
    case 0x85:
    case 0x86:
    case 0x87:
      push_tuple(opcode - 0x84U);
      return true;
    case 'a':
      append({pop()});
      return true;
    case 'e':
    case 0x90:
      append(pop_to_mark());
      return true;
    case 's': {
      const Value value = pop();
      set_items({pop(), value});
      return true;
    }
    case 'u':
      set_items(pop_to_mark());
      return true;
    default:
      return false;
  }
}

bool Machine::step_stack(unsigned char opcode) {
  switch (opcode) {
    case 0x80:
      if (stream_.number(1) > 5) fail_broken("its protocol is newer than 5");
      return true;
    case 0x95:
      stream_.number(8);  // a frame's length: only a hint for reading ahead
      return true;
    case '(':
      count_objects(1);
      marks_.push_back(stack_.size());
      return true;
    case '0':
      pop();
      return true;
    case '1':
      pop_to_mark();
      return true;
    case '2':
      push(top());
      return true;
    default:
      return false;
  }
}

bool Machine::step_memo(unsigned char opcode) {
  switch (opcode) {
    case 'q':
      remember(stream_.number(1));
      return true;
    case 'r':
      remember(stream_.number(4));
      return true;
    case 0x94:
      remember(memo_.size());
      return true;
    case 'h':
      recall(stream_.number(1));
      return true;
    case 'j':
      recall(stream_.number(4));
      return true;
    default:
      return false;
  }
}

bool Machine::step_object(unsigned char opcode) {
  switch (opcode) {
    case 'c': {
      const std::string module = stream_.line();
      push(find_global(module, stream_.line(), stream_.name()));
      return true;
    }
    case 0x93: {
      const Value name = pop();
      const Value module = pop();
      const auto* const* name_text = std::get_if<const std::string*>(&name);
      const auto* const* module_text = std::get_if<const std::string*>(&module);
      if (name_text == nullptr || module_text == nullptr) fail_broken("a class has no name");
      push(find_global(**module_text, **name_text, stream_.name()));
      return true;
    }
    case 'R':
    case 0x81: {
      const Value arguments = pop();
      const Value callee = pop();
      const auto* const* list = std::get_if<Sequence*>(&arguments);
      const auto* global = std::get_if<Global>(&callee);
      if (list == nullptr || global == nullptr) fail_broken("something is called that is not a function");
      // What is built copies the lists that it is built from, which may be recalled again and again.
      for (const Value& item : (*list)->items) {
        if (const auto* const* part = std::get_if<Sequence*>(&item)) count_objects((*part)->items.size());
      }
      push(call_global(*global, (*list)->items, arena_, stream_.name()));
      return true;
    }
    case 'b':
      pop();  // attributes such as a state_dict's _metadata: nothing that a tensor needs
      top();
      return true;
    case 'Q': {
      const Value id = pop();
      push(load_persistent(id, arena_, stream_.name()));
      return true;
    }
    default:
      return false;
  }
}

Value Machine::run() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  for (unsigned char opcode = stream_.byte(); opcode != '.'; opcode = stream_.byte()) {
    const bool known = step_number(opcode) || step_text(opcode) || step_collection(opcode) ||
                       step_stack(opcode) || step_memo(opcode) || step_object(opcode);
    if (!known) {
      fail(ErrorKind::unsupported, stream_.name(), ": its pickle uses the operation ",
           static_cast<int>(opcode), " at byte ", stream_.position() - 1,
           ", which torch.save never writes; the file may be broken");
    }
  }
  return pop();
}

}  // namespace graft::formats::pickle
