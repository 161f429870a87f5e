// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/formats/weights_h5.hpp"

#include "formats/hdf5/file.hpp"
#include "formats/keras/weights_h5_source.hpp"

namespace graft::formats {
namespace {

constexpr int kMaxGroupDepth = 64;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The run of digits at the front without leading zeros; shortens text by it.
std::string_view take_number(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

/// By characters, but numbers as numbers: "2" before "10".
bool comes_before(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front();
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) noexcept {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;  // an exception must not pass through C
  }
}

class TreeReader {
 public:
  explicit TreeReader(hdf5::File& file) : file_(file) {}

  StoredWeightsH5 read() {
    enter(file_.root(), "", 0);
    return std::move(result_);
  }

 private:
  void enter(hid_t group, const std::string& path, int depth) {
    if (depth > kMaxGroupDepth) {
      fail(ErrorKind::resource_limit, file_.name(), ": groups nest deeper than ", kMaxGroupDepth, " levels");
    }
    check_first_visit(group, path);
    std::vector<std::string> names;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names) < 0) {
      fail(ErrorKind::bad_file, file_.name(), ": the group '/", path, "' cannot be read; the file is broken");
    }
    std::ranges::sort(names, comes_before);
    const auto title = file_.strings(group, "name");
    const bool named = title && title->size() == 1;
    if (!path.empty() && (named || names.empty())) {
      result_.group_names[path] = named ? title->front() : std::string();
    }
    for (const std::string& name : names) {
      read_object(group, name, path.empty() ? name : cat(path, "/", name), depth);
    }
  }

  void read_object(hid_t group, const std::string& name, const std::string& path, int depth) {
    H5L_info_t link = {};
    if (H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) {
      fail(ErrorKind::unsupported, file_.name(), ": '", path, "' is a link, which graft does not follow");
    }
    const hdf5::Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose);
    const H5I_type_t kind = object.valid() ? H5Iget_type(object.get()) : H5I_BADID;
    if (kind == H5I_GROUP) return enter(object.get(), path, depth + 1);
    if (kind != H5I_DATASET) {
      fail(ErrorKind::bad_file, file_.name(), ": '", path,
           "' is neither a group nor a dataset, or is broken");
    }
    result_.weights.push_back(file_.tensor(object, path));
  }

  /// Groups linked into themselves, or from many places, would never end.
  void check_first_visit(hid_t group, const std::string& path) {
    const std::optional<haddr_t> address = hdf5::address_of(group);
    if (!address || !seen_.insert(*address).second) {
      fail(ErrorKind::bad_file, file_.name(), ": the group '/", path, "' is linked into itself or is broken");
    }
  }

  hdf5::File& file_;
  StoredWeightsH5 result_;
  std::set<haddr_t> seen_;
};

}  // namespace

StoredWeightsH5 open_weights_h5(std::unique_ptr<ByteSource> source) {
  const std::shared_ptr<hdf5::File> file = hdf5::File::open(std::move(source));
  return TreeReader(*file).read();
}

StoredWeightsH5 open_weights_h5(const std::filesystem::path& path) {
  return open_weights_h5(std::make_unique<InputFile>(path));
}

namespace {

WeightsH5 read_content(StoredWeightsH5 content) {
  return {.weights = read_all(content.weights), .group_names = std::move(content.group_names)};
}

}  // namespace

WeightsH5 read_weights_h5(const std::filesystem::path& path) { return read_content(open_weights_h5(path)); }

WeightsH5 read_weights_h5(std::string_view bytes, const std::string& name) {
  return read_content(open_weights_h5(std::make_unique<InputMemory>(bytes, name)));
}

}  // namespace graft::formats
