// SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5/texts.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "graft/base/fail.hpp"

namespace graft::formats::hdf5 {
namespace {

constexpr std::uint64_t kAttributeMessage = 0x0C;
constexpr std::uint64_t kContinuationMessage = 0x10;
constexpr std::uint64_t kAttributeInfoMessage = 0x15;
constexpr std::size_t kMaxBlocks = 1000;
constexpr std::size_t kHeapPrefix = 16;

/// Takes little-endian numbers and bytes off a text; nothing more once it was too short.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      broken_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint64_t number(std::uint64_t bytes) {
    const std::string_view taken = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = taken.size(); i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(taken[i]);
    return value;
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

/// How the messages of an object header are framed: version 1 pads them to 8 bytes, version 2 packs them.
struct Framing {
  bool packed = false;
  std::uint64_t order_bytes = 0;  ///< a creation order follows each message's flags
};

struct Message {
  std::uint64_t type = 0;
  bool shared = false;
  std::string_view data;
};

std::optional<Message> next_message(Cursor& cursor, const Framing& framing) {
  const std::size_t prefix = framing.packed ? 4 + static_cast<std::size_t>(framing.order_bytes) : 8;
  if (cursor.left() < prefix) return {};
  Message message;
  message.type = cursor.number(framing.packed ? 1 : 2);
  const std::uint64_t length = cursor.number(2);
  message.shared = (cursor.number(1) & 2U) != 0;
  cursor.take(framing.packed ? framing.order_bytes : 3);
  message.data = cursor.take(length);
  if (cursor.broken()) return {};
  return message;
}

/// An attribute message, taken apart.
struct Attribute {
  std::string_view name;
  std::string_view type;
  std::string_view space;
  std::string_view data;
};

std::optional<Attribute> parse_attribute(std::string_view message) {
  Cursor cursor(message);
  const std::uint64_t version = cursor.number(1);
  const bool shared = cursor.number(1) != 0;
  const std::uint64_t name = cursor.number(2);
  const std::uint64_t type = cursor.number(2);
  const std::uint64_t space = cursor.number(2);
  if (version == 3) cursor.take(1);
  const auto padded = [version](std::uint64_t length) {
    return version == 1 ? (length + 7) / 8 * 8 : length;
  };
  Attribute found;
  found.name = cursor.take(padded(name));
  found.name = found.name.substr(0, std::min(found.name.find('\0'), found.name.size()));
  found.type = cursor.take(padded(type));
  found.space = cursor.take(padded(space));
  found.data = cursor.rest();
  if (version < 1 || version > 3 || cursor.broken() || (shared && version > 1)) return {};
  return found;
}

/// Elements of a dataspace; nothing when it is broken.
std::optional<std::uint64_t> count_elements(std::string_view space) {
  Cursor cursor(space);
  const std::uint64_t version = cursor.number(1);
  const std::uint64_t rank = cursor.number(1);
  cursor.take(1);
  constexpr std::uint64_t kNull = 2;
  const std::uint64_t kind = cursor.number(1);
  if (version == 1) cursor.take(4);
  std::uint64_t count = version == 2 && kind == kNull ? 0 : 1;
  for (std::uint64_t axis = 0; axis < rank; ++axis) {
    if (__builtin_mul_overflow(count, cursor.number(8), &count)) return {};
  }
  if (cursor.broken() || version < 1 || version > 2) return {};
  return count;
}

struct TextType {
  bool variable = false;
  bool space_padded = false;
  std::uint64_t length = 0;
};

/// Nothing when the datatype is not a text.
std::optional<TextType> text_type(std::string_view type) {
  constexpr std::uint64_t kString = 3;
  constexpr std::uint64_t kVariable = 9;
  Cursor cursor(type);
  const std::uint64_t kind = cursor.number(1) & 0xFU;
  const std::uint64_t bits = cursor.number(3);
  const std::uint64_t length = cursor.number(4);
  if (cursor.broken() || length == 0) return {};
  if (kind == kString) return TextType{.space_padded = (bits & 0xFU) == 2, .length = length};
  if (kind == kVariable && (bits & 0xFU) == 1) return TextType{.variable = true, .length = length};
  return {};
}

/// Whether this object's attributes are stored in a separate heap.
bool lies_elsewhere(const Message& message) {
  if (message.type == kAttributeMessage) return message.shared;
  if (message.type != kAttributeInfoMessage) return false;
  Cursor cursor(message.data);
  cursor.take(1);
  if ((cursor.number(1) & 1U) != 0) cursor.take(2);
  return cursor.number(8) != ~std::uint64_t{0} && !cursor.broken();
}

std::string fixed_text(std::string_view bytes, bool space_padded) {
  bytes = bytes.substr(0, std::min(bytes.find('\0'), bytes.size()));
  if (space_padded) bytes = bytes.substr(0, bytes.find_last_not_of(' ') + 1);
  return std::string(bytes);
}

}  // namespace

void TextReader::fail_broken(const char* what) const {
  fail(ErrorKind::bad_file, source_.name(), " is truncated or broken: ", what, ". Fetch it again");
}

std::string TextReader::bytes_at(std::uint64_t address, std::uint64_t length) {
  const std::uint64_t room = source_.size() - std::min(source_.size(), base_);
  if (address > room || length > room - address) fail_broken("a text is beyond the end of the file");
  if (!budget_.take(length)) {
    fail(ErrorKind::resource_limit, source_.name(),
         ": its attributes claim more text than the file can hold");
  }
  std::string bytes(static_cast<std::size_t>(length), '\0');
  source_.read(base_ + address, bytes);
  return bytes;
}

std::optional<std::string> TextReader::find_attribute(std::uint64_t address, const std::string& attribute) {
  Framing framing;
  std::vector<Block> blocks;
  const std::string prefix = bytes_at(address, 16);
  Cursor head(prefix);
  if (prefix.starts_with("OHDR")) {
    head.take(5);
    const std::uint64_t flags = head.number(1);
    framing = {.packed = true, .order_bytes = (flags & 4U) != 0 ? 2U : 0U};
    const std::uint64_t skipped = 6 + ((flags & 0x20U) != 0 ? 16U : 0U) + ((flags & 0x10U) != 0 ? 4U : 0U);
    const std::uint64_t width = std::uint64_t{1} << (flags & 3U);
    const std::string size = bytes_at(address + skipped, width);
    blocks.push_back({address + skipped + width, Cursor(size).number(width)});
  } else {
    if (head.number(1) != 1) fail_broken("an object header is of an unknown version");
    head.take(7);
    blocks.push_back({address + 16, head.number(4)});
  }
  bool elsewhere = false;
  for (std::size_t i = 0; i < blocks.size() && blocks.size() <= kMaxBlocks; ++i) {
    const std::string bytes = bytes_at(blocks[i].address, blocks[i].length);
    Cursor cursor(bytes);
    // Continuation blocks of version 2 are enclosed by a signature and a checksum.
    if (framing.packed && i > 0) cursor.take(4);
    while (const auto message = next_message(cursor, framing)) {
      if (message->type == kContinuationMessage) {
        Cursor place(message->data);
        const std::uint64_t at = place.number(8);
        const std::uint64_t length = place.number(8);
        blocks.push_back({at, framing.packed && length >= 4 ? length - 4 : length});
      }
      elsewhere = elsewhere || lies_elsewhere(*message);
      if (message->type != kAttributeMessage || message->shared) continue;
      const auto found = parse_attribute(message->data);
      if (found && found->name == attribute) return std::string(message->data);
    }
  }
  if (elsewhere) {
    fail(ErrorKind::unsupported, source_.name(),
         ": its attributes are kept outside the object headers, which graft does not read. Save it again "
         "with Keras");
  }
  return {};
}

const TextReader::Collection& TextReader::collection(std::uint64_t address) {
  const auto known = collections_.find(address);
  if (known != collections_.end()) return known->second;
  const std::string prefix = bytes_at(address, kHeapPrefix);
  if (!prefix.starts_with("GCOL\x01")) fail_broken("its list of texts does not begin where it should");
  Collection found;
  found.bytes = bytes_at(address, Cursor(std::string_view(prefix).substr(8)).number(8));
  Cursor cursor(found.bytes);
  cursor.take(kHeapPrefix);
  while (cursor.left() >= kHeapPrefix) {
    const std::uint64_t index = cursor.number(2);
    cursor.take(6);
    const std::uint64_t length = cursor.number(8);
    if (index == 0) break;  // the free rest
    found.objects[index] = {found.bytes.size() - cursor.left(), length};
    if (length > cursor.left()) fail_broken("a text is longer than its list");
    cursor.take(std::min<std::uint64_t>((length + 7) / 8 * 8, cursor.left()));
  }
  return collections_.emplace(address, std::move(found)).first->second;
}

std::string TextReader::text(std::uint64_t address, std::uint64_t index, std::uint64_t length) {
  if (length == 0) return {};
  const Collection& heap = collection(address);
  const auto object = heap.objects.find(index);
  if (object == heap.objects.end() || length > object->second.length) fail_broken("a text is missing");
  if (!budget_.take(length)) {
    fail(ErrorKind::resource_limit, source_.name(),
         ": its attributes claim more text than the file can hold");
  }
  std::string result =
      heap.bytes.substr(static_cast<std::size_t>(object->second.address), static_cast<std::size_t>(length));
  result.resize(std::min(result.find('\0'), result.size()));
  return result;
}

std::optional<std::vector<std::string>> TextReader::read(std::uint64_t address,
                                                         const std::string& attribute) {
  const auto message = find_attribute(address, attribute);
  if (!message) return {};
  const auto found = parse_attribute(*message);
  const auto count = found ? count_elements(found->space) : std::nullopt;
  if (count == 0U) return std::vector<std::string>{};
  const auto type = found ? text_type(found->type) : std::nullopt;
  if (!count || !type) {
    fail(ErrorKind::bad_file, source_.name(), ": the attribute '", attribute, "' is not a list of texts");
  }
  constexpr std::uint64_t kReference = 16;  // length, heap and index
  const std::uint64_t width = type->variable ? kReference : type->length;
  if (*count > found->data.size() / width) fail_broken("an attribute is shorter than its texts");
  Cursor cursor(found->data);
  std::vector<std::string> result;
  for (std::uint64_t i = 0; i < *count; ++i) {
    if (!type->variable) {
      result.push_back(fixed_text(cursor.take(width), type->space_padded));
      continue;
    }
    const std::uint64_t length = cursor.number(4);
    const std::uint64_t heap = cursor.number(8);
    result.push_back(text(heap, cursor.number(4), length));
  }
  return result;
}

}  // namespace graft::formats::hdf5
