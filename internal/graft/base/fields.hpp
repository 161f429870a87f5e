// SPDX-License-Identifier: Apache-2.0
// One list of fields per options struct: a key of Keras's config and a member for each option. Reading a
// config, writing it, comparing two structs and the reference table of the options all follow from the list;
// defaults are the struct's own.
//
//   constexpr auto kFields = fields<DenseOptions>(field<&DenseOptions::units>("units"),
//                                                 field<&DenseOptions::use_bias>("use_bias"));
//   DenseOptions options = read_options(kFields, reader);
//   Json config = write_options(kFields, options);
//
// A list is a constant table of function pointers: the code that walks it is compiled once, for all structs.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "graft/base/config_reader.hpp"
#include "graft/base/json.hpp"

namespace graft {

/// How a type of option is read from a config and written to it. Specialise it for a type, or name a codec of
/// the same form in field<> where one option is written in another way than its type:
///   static constexpr const char* kType      the type's name in the reference
///   static void read(const ConfigReader& reader, const char* key, T& value)   the key is there, and not null
///   static Json write(const T& value)
template <typename T>
struct Codec;

template <>
struct Codec<bool> {
  static constexpr const char* kType = "true or false";
  static void read(const ConfigReader& reader, const char* key, bool& value);
  static Json write(bool value);
};
template <>
struct Codec<int> {
  static constexpr const char* kType = "integer";
  static void read(const ConfigReader& reader, const char* key, int& value);
  static Json write(int value);
};
template <>
struct Codec<std::int64_t> {
  static constexpr const char* kType = "integer";
  static void read(const ConfigReader& reader, const char* key, std::int64_t& value);
  static Json write(std::int64_t value);
};
template <>
struct Codec<double> {
  static constexpr const char* kType = "number";
  static void read(const ConfigReader& reader, const char* key, double& value);
  static Json write(double value);
};
template <>
struct Codec<std::string> {
  static constexpr const char* kType = "text";
  static void read(const ConfigReader& reader, const char* key, std::string& value);
  static Json write(const std::string& value);
};
/// An empty list leaves the default.
template <>
struct Codec<std::vector<double>> {
  static constexpr const char* kType = "list of numbers";
  static void read(const ConfigReader& reader, const char* key, std::vector<double>& value);
  static Json write(const std::vector<double>& value);
};
/// An empty list leaves the default.
template <>
struct Codec<std::vector<std::int64_t>> {
  static constexpr const char* kType = "list of integers";
  static void read(const ConfigReader& reader, const char* key, std::vector<std::int64_t>& value);
  static Json write(const std::vector<std::int64_t>& value);
};
/// null for nothing.
template <typename T>
struct Codec<std::optional<T>> {
  static constexpr const char* kType = Codec<T>::kType;
  static void read(const ConfigReader& reader, const char* key, std::optional<T>& value) {
    Codec<T>::read(reader, key, value.emplace());
  }
  static Json write(const std::optional<T>& value) { return value ? Codec<T>::write(*value) : Json(nullptr); }
};
/// A list that is written as null while it is empty.
template <typename List>
struct NullWhenEmpty : Codec<List> {
  static Json write(const List& value) { return value.empty() ? Json(nullptr) : Codec<List>::write(value); }
};
/// A list of one number is written as that number.
struct NumberOrList : Codec<std::vector<double>> {
  static constexpr const char* kType = "number or list of numbers";
  static Json write(const std::vector<double>& value);
};
/// A seed: null for none. What is no integer (Keras's SeedGenerator, whose numbers are Keras's own) is none,
/// too.
struct SeedCodec {
  static constexpr const char* kType = "integer";
  static void read(const ConfigReader& reader, const char* key, std::optional<std::uint64_t>& value);
  static Json write(const std::optional<std::uint64_t>& value);
};

/// A value of an enum and its name in configs.
template <typename Enum>
struct EnumName {
  Enum value;
  const char* name;
};
/// The index of the text at the key among these names. Throws Error{bad_file} listing them.
[[nodiscard]] std::size_t read_name(const ConfigReader& reader, const char* key,
                                    std::span<const char* const> names);
/// An enum, written as one of kNames: struct PaddingCodec : EnumCodec<kPaddingNames> {};
template <const auto& kNames>
struct EnumCodec {
  using Enum = std::remove_cvref_t<decltype(kNames[0].value)>;
  static constexpr const char* kType = "one of the names";
  static void read(const ConfigReader& reader, const char* key, Enum& value) {
    std::array<const char*, std::size(kNames)> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kNames[i].name;
    value = kNames[read_name(reader, key, names)].value;
  }
  static Json write(Enum value) {
    for (const auto& one : kNames)
      if (one.value == value) return one.name;
    return nullptr;
  }
};

/// One option, without the type of its struct.
struct Field {
  const char* key = nullptr;
  const char* type = nullptr;  ///< for the reference
  /// Reads the value at the key, which is present and not null, into the struct.
  void (*read)(const ConfigReader& reader, const char* key, void* options) = nullptr;
  Json (*write)(const void* options) = nullptr;
  const char* old_key = nullptr;  ///< the key in Keras 2's files, read where `key` is absent
  bool only_when_set = false;     ///< not written while its value is null
  bool is_read = true;
  bool written = true;
  bool listed_only = false;  ///< neither read nor written here: the option's owner keeps it elsewhere
};

/// One option of a struct.
template <typename Options>
struct FieldOf : Field {
  /// Keras 2's name of the option.
  [[nodiscard]] constexpr FieldOf formerly(const char* name) const {
    FieldOf copy = *this;
    copy.old_key = name;
    return copy;
  }
  /// Not written while it is not set.
  [[nodiscard]] constexpr FieldOf when_set() const {
    FieldOf copy = *this;
    copy.only_when_set = true;
    return copy;
  }
  /// Never written.
  [[nodiscard]] constexpr FieldOf read_only() const {
    FieldOf copy = *this;
    copy.written = false;
    return copy;
  }
  /// Neither read nor written here: the list names the option for its owner and the reference.
  [[nodiscard]] constexpr FieldOf listed() const {
    FieldOf copy = *this;
    copy.is_read = false;
    copy.listed_only = true;
    return copy;
  }
};

namespace fields_detail {
template <typename T>
struct MemberOf;
template <typename Class, typename T>
struct MemberOf<T Class::*> {
  using Options = Class;
  using Type = T;
};
template <auto kMember>
using Options = typename MemberOf<decltype(kMember)>::Options;
template <auto kMember>
using Type = typename MemberOf<decltype(kMember)>::Type;
}  // namespace fields_detail

/// The option at a key that is this member.
template <auto kMember, typename ValueCodec = Codec<fields_detail::Type<kMember>>>
[[nodiscard]] constexpr auto field(const char* key) {
  using Options = fields_detail::Options<kMember>;
  return FieldOf<Options>{{.key = key,
                           .type = ValueCodec::kType,
                           .read =
                               [](const ConfigReader& reader, const char* name, void* options) {
                                 ValueCodec::read(reader, name, static_cast<Options*>(options)->*kMember);
                               },
                           .write =
                               [](const void* options) {
                                 return Json(
                                     ValueCodec::write(static_cast<const Options*>(options)->*kMember));
                               }}};
}

/// The option at a key that is several members: WholeCodec reads and writes the struct.
template <typename Options, typename WholeCodec>
[[nodiscard]] constexpr FieldOf<Options> whole_field(const char* key) {
  return {{.key = key,
           .type = WholeCodec::kType,
           .read = [](const ConfigReader& reader, const char* name,
                      void* options) { WholeCodec::read(reader, name, *static_cast<Options*>(options)); },
           .write =
               [](const void* options) {
                 return Json(WholeCodec::write(*static_cast<const Options*>(options)));
               }}};
}

/// A key that is no option of graft: value is what is written. All values are accepted.
template <typename Options>
[[nodiscard]] constexpr FieldOf<Options> fixed_field(const char* key, Json (*value)(const void*)) {
  return {{.key = key, .type = "fixed", .write = value, .is_read = false}};
}
/// The same; check throws for values that graft cannot do.
template <typename Options>
[[nodiscard]] constexpr FieldOf<Options> fixed_field(const char* key, Json (*value)(const void*),
                                                     void (*check)(const ConfigReader&, const char*, void*)) {
  return {{.key = key, .type = "fixed", .read = check, .write = value, .is_read = true}};
}

/// The fields of a struct, in the order of Keras's get_config().
template <typename Options, std::size_t kCount>
struct FieldArray {
  std::array<Field, kCount> items;
};
template <typename Options, typename... Fields>
[[nodiscard]] constexpr FieldArray<Options, sizeof...(Fields)> fields(const Fields&... list) {
  static_assert((std::same_as<Fields, FieldOf<Options>> && ...), "a field of another struct");
  return {{static_cast<const Field&>(list)...}};
}
/// One list after the other.
template <typename Options, std::size_t kFirst, std::size_t kSecond>
[[nodiscard]] constexpr FieldArray<Options, kFirst + kSecond> operator+(
    const FieldArray<Options, kFirst>& first, const FieldArray<Options, kSecond>& second) {
  FieldArray<Options, kFirst + kSecond> both{};
  for (std::size_t i = 0; i < kFirst; ++i) both.items[i] = first.items[i];
  for (std::size_t i = 0; i < kSecond; ++i) both.items[kFirst + i] = second.items[i];
  return both;
}

/// Reads what the config has into the struct; the rest keeps its value. Throws Error{bad_file}.
void read_fields(std::span<const Field> list, const ConfigReader& reader, void* options);
/// An object with the keys in the list's order.
[[nodiscard]] Json write_fields(std::span<const Field> list, const void* options);
/// A Markdown table: option, type, default. defaults: a struct as its constructor makes it.
[[nodiscard]] std::string reference_table(std::span<const Field> list, const void* defaults);

/// The struct with its own defaults and what the config has.
template <typename Options, std::size_t kCount>
[[nodiscard]] Options read_options(const FieldArray<Options, kCount>& list, const ConfigReader& reader) {
  Options options;
  read_fields(list.items, reader, &options);
  return options;
}
template <typename Options, std::size_t kCount>
[[nodiscard]] Json write_options(const FieldArray<Options, kCount>& list,
                                 const std::type_identity_t<Options>& options) {
  return write_fields(list.items, &options);
}
/// Whether all fields are equal.
template <typename Options, std::size_t kCount>
[[nodiscard]] bool same_options(const FieldArray<Options, kCount>& list,
                                const std::type_identity_t<Options>& a,
                                const std::type_identity_t<Options>& b) {
  return write_fields(list.items, &a) == write_fields(list.items, &b);
}
template <typename Options, std::size_t kCount>
[[nodiscard]] std::string reference_table(const FieldArray<Options, kCount>& list) {
  const Options defaults;
  return reference_table(list.items, &defaults);
}

}  // namespace graft
