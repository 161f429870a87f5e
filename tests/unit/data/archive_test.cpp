// SPDX-License-Identifier: Apache-2.0
// Photos in zip and tar archives, honest and hostile.
#include "graft/formats/archive.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "graft/data/photo_bytes.hpp"
#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Files = std::vector<std::pair<std::string, std::string>>;

bool says(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

void put(std::string& block, std::size_t at, const std::string& text) {
  block.replace(at, text.size(), text);
}

std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value /= 8) text[i] = static_cast<char>('0' + value % 8);
  return text;
}

/// One member of a tar archive with its header; size: what the header claims.
std::string tar_member(const std::string& name, const std::string& content, char kind = '0',
                       std::uint64_t size = UINT64_MAX) {
  std::string block(512, '\0');
  put(block, 0, name.substr(0, 100));
  put(block, 124, octal(size == UINT64_MAX ? content.size() : size, 11));
  put(block, 148, "        ");
  block[156] = kind;
  put(block, 257,
      std::string("ustar\0"
                  "00",
                  8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(block, 148, octal(sum, 6) + std::string("\0 ", 2));
  return block + content + std::string((512 - content.size() % 512) % 512, '\0');
}

std::string tar(const Files& files) {
  std::string all;
  for (const auto& [name, content] : files) all += tar_member(name, content);
  return all + std::string(1024, '\0');
}

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8U) text += static_cast<char>(value & 0xFFU);
  return text;
}

std::uint32_t crc32(const std::string& text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xEDB88320U : crc >> 1U;
  }
  return ~crc;
}

/// Stored members. unpacked: the size that all claim; 0: their own.
std::string zip(const Files& files, std::uint64_t unpacked = 0) {
  std::string all, directory;
  for (const auto& [name, content] : files) {
    const std::string sizes = little(crc32(content), 4) + little(content.size(), 4) +
                              little(unpacked == 0 ? content.size() : unpacked, 4) + little(name.size(), 2);
    directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + little(0x800, 2) + little(0, 2) +
                 little(0, 4) + sizes + little(0, 2 + 2 + 2 + 2 + 4) + little(all.size(), 4) + name;
    all += "PK\x03\x04" + little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 4) + sizes +
           little(0, 2) + name + content;
  }
  const std::size_t begin = all.size();
  return all + directory + "PK\x05\x06" + little(0, 4) + little(files.size(), 2) + little(files.size(), 2) +
         little(directory.size(), 4) + little(begin, 4) + little(0, 2);
}

std::string photo(int red) { return test::ppm(1, 1, {static_cast<std::uint8_t>(red), 2, 3}); }

class Archives : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& bytes) const {
    test::write_file(root() / name, bytes);
    return root() / name;
  }
  [[nodiscard]] std::string message(const std::string& name, const std::string& bytes) const {
    try {
      (void)formats::Archive::open(write(name, bytes));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(Archives, MembersAreReadInPlace) {
  const Files files{
      {"./a/1.ppm", photo(1)}, {"a/2.ppm", photo(2)}, {"__MACOSX/a/._1.ppm", "x"}, {"a/.hidden", "x"}};
  for (const auto& [name, bytes] : {std::pair{"s.tar", tar(files)},
                                    std::pair{"s.zip", zip({files[1], {"a/1.ppm", photo(1)}, files[2]})}}) {
    const fs::path file = write(name, bytes);
    ASSERT_TRUE(formats::Archive::is_archive(file)) << name;
    const auto archive = formats::Archive::open(file);
    ASSERT_EQ(archive->members().size(), 2U) << name;
    EXPECT_EQ(archive->read(*archive->find("a/1.ppm")), photo(1));
    EXPECT_EQ(archive->find("a/3.ppm"), nullptr);
    const std::vector<std::byte> found = data::read_bytes(file / "a/2.ppm");
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(found.data()), found.size()), photo(2));
    EXPECT_EQ(data::photo_size(file / "a/2.ppm"), photo(2).size());
    EXPECT_TRUE(data::is_in_archive(file / "a/2.ppm"));
    EXPECT_THROW((void)data::read_bytes(file / "a/none.ppm"), Error);
  }
  EXPECT_FALSE(formats::Archive::is_archive(write("text.tar", std::string(2000, 'x'))));
}

TEST_F(Archives, LongNamesOfTar) {
  const std::string name = std::string(150, 'n') + "/1.ppm";
  const std::string record = " path=pax/" + name + "\n";
  const std::string pax = std::to_string(record.size() + 3) + record;
  const fs::path file =
      write("long.tar", tar_member("././@LongLink", name + '\0', 'L') + tar_member("cut", photo(1)) +
                            tar_member("x", pax, 'x') + tar_member("cut", photo(2)) +
                            tar_member("link", "", '2') + tar_member("folder/", "", '5'));
  const auto archive = formats::Archive::open(file);
  ASSERT_EQ(archive->members().size(), 2U);
  EXPECT_EQ(archive->members()[0].name, name);
  EXPECT_EQ(archive->members()[1].name, "pax/" + name);
  EXPECT_EQ(archive->read(archive->members()[1]), photo(2));
}

TEST_F(Archives, HostileOnesAreErrors) {
  for (const char* name :
       {"../../etc/passwd", "/etc/passwd", "a/../../b", "a//b", "C:/x", "a\\b", "a\x1b[2J"}) {
    EXPECT_TRUE(says(message("x.tar", tar({{name, "x"}})), "no honest archive has it")) << name;
    EXPECT_FALSE(message("x.zip", zip({{name, "x"}})).empty()) << name;
  }
  const Files twice{{"a.ppm", photo(1)}, {"a.ppm", photo(2)}};
  EXPECT_TRUE(says(message("twice.tar", tar(twice)), "two files of the name 'a.ppm'"));
  EXPECT_TRUE(says(message("twice.zip", zip(twice)), "two files of the name 'a.ppm'"));
  const std::string good = tar({{"a.ppm", std::string(3000, 'a')}, {"b.ppm", photo(1)}});
  EXPECT_TRUE(says(message("cut.tar", good.substr(0, 1500)), "ends within a member"));
  std::string wrong = good;
  wrong[3584 + 5] = 'X';
  EXPECT_TRUE(says(message("sum.tar", wrong), "checksum is wrong, at byte 3584"));
  EXPECT_FALSE(message("size.tar", tar_member("a", "x", '0', 077777777777ULL)).empty());
  EXPECT_FALSE(message("pax.tar", tar_member("x", "999 path=a\n", 'x') + tar_member("b", "x")).empty());
  EXPECT_TRUE(says(message("cut.zip", zip({{"a.ppm", photo(1)}}).substr(0, 60)), "truncated"));
  EXPECT_TRUE(says(message("bomb.zip", zip({{"a.ppm", "x"}}, 0x7FFFFFFF)), "zip bomb"));
  EXPECT_TRUE(says(message("x.tar.gz", "\x1F\x8B\x08" + std::string(600, 'x')), "compressed as a whole"));
  EXPECT_TRUE(says(message("no.tar", "no"), "neither a zip nor a tar"));
}

TEST_F(Archives, ChangedBytesNeverDoHarm) {
  const std::string good = tar({{"a.ppm", photo(1)}, {"b.cls", "1"}});
  const std::string packed = zip({{"a.ppm", photo(1)}, {"b.cls", "1"}});
  for (std::size_t at = 0; at < 1024; at += 7) {
    std::string broken = good;
    broken[at] = static_cast<char>(broken[at] + 1);
    (void)message("f.tar", broken);
    std::string other = packed;
    other[at % other.size()] = static_cast<char>(other[at % other.size()] ^ 0x41);
    (void)message("f.zip", other);
  }
}

TEST_F(Archives, ShardsHaveTheirLabelsBesideThePhotos) {
  write("set/train-000.tar", tar({{"k/1.ppm", photo(1)},
                                  {"k/1.cls", "7\n"},
                                  {"k/2.ppm", photo(2)},
                                  {"k/2.cls", "10"},
                                  {"k/3.ppm", photo(3)}}));
  write("set/test-000.tar", tar({{"4.ppm", photo(4)}, {"4.cls", "7"}, {"5.ppm", "broken"}, {"5.cls", "10"}}));
  const data::PhotoList list = data::list_photos(root() / "set");
  EXPECT_EQ(list.class_names, (Names{"7", "10"}));
  EXPECT_EQ(
      test::relative(list.paths, root() / "set"),
      (Names{"test-000.tar/4.ppm", "train-000.tar/k/1.ppm", "test-000.tar/5.ppm", "train-000.tar/k/2.ppm"}));
  EXPECT_EQ(list.parts[0], data::ListedPart::test);
  EXPECT_EQ(list.parts[1], data::ListedPart::train);
  ASSERT_EQ(list.left_out.size(), 1U);
  EXPECT_EQ(list.left_out[0].reason, "it has no label in the archive");
  const data::PhotoSet photos = data::load_photos(list, {.image_size = 1, .require_every_class = false});
  EXPECT_EQ(photos.size(), 3U);
  ASSERT_EQ(photos.left_out().size(), 2U);
  EXPECT_TRUE(photos.left_out()[0].unreadable || photos.left_out()[1].unreadable);
  EXPECT_EQ(photos.all().gather(std::vector<std::size_t>{0}).images.data()[0], 4);
}

TEST_F(Archives, JsonMayHaveSeveralLabels) {
  const fs::path file = write("s.tar", tar({{"1.ppm", photo(1)},
                                            {"1.json", R"({"labels": ["b", "a"]})"},
                                            {"2.ppm", photo(2)},
                                            {"2.json", R"({"labels": []})"}}));
  const data::PhotoList list = data::list_photos(file);
  EXPECT_EQ(list.class_names, (Names{"a", "b"}));
  EXPECT_EQ(list.label_sets, (std::vector<std::vector<int>>{{0, 1}, {}}));
  EXPECT_THROW((void)data::list_photos(write("b.tar", tar({{"1.ppm", photo(1)}, {"1.json", "[["}}))), Error);
}

TEST_F(Archives, FoldersInsideAreClasses) {
  const fs::path file = write("pets.zip", zip({{"pets/train/cat/1.ppm", photo(1)},
                                               {"pets/train/dog/2.ppm", photo(2)},
                                               {"pets/test/cat/3.ppm", photo(3)},
                                               {"readme.txt", "x"}}));
  const data::PhotoList list = data::list_photos(file);
  EXPECT_EQ(list.class_names, (Names{"cat", "dog"}));
  EXPECT_EQ(test::relative(list.paths, file),
            (Names{"pets/test/cat/3.ppm", "pets/train/cat/1.ppm", "pets/train/dog/2.ppm"}));
  EXPECT_EQ(list.parts[0], data::ListedPart::test);
  const data::PhotoList plain = data::list_photos(file, {.infer_labels = false});
  EXPECT_EQ(plain.paths.size(), 3U);
  test::write_file(root() / "labels.csv", "path,label\npets/train/cat/1.ppm,x\npets/test/cat/3.ppm,y\n");
  data::ListOptions options;
  options.labels.file = root() / "labels.csv";
  EXPECT_EQ(data::list_photos(file, options).class_names, (Names{"x", "y"}));
}

TEST_F(Archives, NestedFoldersInsideAreClasses) {
  const fs::path deep = write("deep.zip", zip({{"all/train/animal/cat/1.ppm", photo(1)},
                                               {"all/train/plant/2.ppm", photo(2)},
                                               {"all/test/animal/cat/3.ppm", photo(3)}}));
  EXPECT_EQ(data::list_photos(deep, {.nested = true}).class_names, (Names{"animal/cat", "plant"}));
  EXPECT_EQ(data::list_photos(deep).class_names, (Names{"animal", "plant"}));
  // A folder around all others counts, unless it is the archive's.
  const Files photos{{"animal/cat/1.ppm", photo(1)}, {"animal/dog/2.ppm", photo(2)}};
  EXPECT_EQ(data::list_photos(write("some.zip", zip(photos)), {.nested = true}).class_names,
            (Names{"animal/cat", "animal/dog"}));
  EXPECT_EQ(data::list_photos(write("animal.zip", zip(photos)), {.nested = true}).class_names,
            (Names{"cat", "dog"}));
}

}  // namespace
}  // namespace graft
