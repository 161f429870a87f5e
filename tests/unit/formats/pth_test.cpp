// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/pth.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using test::expect_error;

void expect_values(const NamedTensors& tensors, const Json& expected) {
  ASSERT_EQ(tensors.size(), expected.size());
  std::size_t i = 0;
  for (const auto& [name, facts] : expected.items()) {
    const NamedTensor& entry = tensors[i++];
    EXPECT_EQ(entry.path, name);
    EXPECT_EQ(entry.tensor.dtype() == DType::boolean ? "bool" : to_string(entry.tensor.dtype()),
              facts["dtype"])
        << name;
    EXPECT_EQ(entry.tensor.shape().sizes(), facts["shape"].get<std::vector<std::int64_t>>()) << name;
    const Tensor values = entry.tensor.to(DType::float64);
    for (std::int64_t k = 0; k < values.count(); ++k) {
      const auto at = static_cast<std::size_t>(k);
      EXPECT_EQ(values.data<double>()[at], facts["values"][at].get<double>()) << name << " " << k;
    }
  }
}

TEST(Pth, ReadsTorchsValuesFromEveryKindOfFile) {
  const auto files = graft::test::goldens() / "files";
  const Json expected = graft::test::read_json(files / "torch_expected.json");
  for (const char* name : {"torch_zip.pth", "torch_legacy.pth", "torch_checkpoint.pth.tar"}) {
    SCOPED_TRACE(name);
    expect_values(read_pth(files / name), expected);
  }
}

TEST(Pth, ReadsPublishedLegacyCheckpoints) {
  GRAFT_REQUIRE_DATA(data);
  const auto parameters = [&](const char* name) {
    std::int64_t count = 0;
    for (const NamedTensor& entry : read_pth(data / "weights" / name)) {
      if (entry.path.find("running_") == std::string::npos) count += entry.tensor.count();
      for (const float value : entry.tensor.data()) EXPECT_TRUE(std::isfinite(value));
    }
    return count;
  };
  EXPECT_EQ(parameters("resnet20-12fca82f.th"), 269'722);
  EXPECT_EQ(parameters("resnet56-4bfd9763.th"), 853'018);
  const NamedTensors tensors = read_pth(data / "weights/resnet20-12fca82f.th");
  EXPECT_EQ(tensors.front().path, "conv1.weight");
  EXPECT_EQ(tensors.front().tensor.shape(), Shape({16, 3, 3, 3}));
}

/// Pickles by hand, protocol 2.
std::string text(const std::string& value) {
  return cat('X', static_cast<char>(value.size()), std::string(3, '\0'), value);
}
std::string global(const std::string& module, const std::string& name) {
  return cat('c', module, '\n', name, '\n');
}
std::string small(int value) { return cat('K', static_cast<char>(value)); }
std::string storage(const std::string& key, int count) {
  return cat('(', text("storage"), global("torch", "FloatStorage"), text(key), text("cpu"), small(count),
             "tQ");
}
std::string vector_tensor(const std::string& storage_text, int offset, int size, int stride) {
  return cat(global("torch._utils", "_rebuild_tensor_v2"), '(', storage_text, small(offset), small(size),
             '\x85', small(stride), "\x85\x89}tR");
}

class HandMade : public testing::Test {
 protected:
  /// Reads a zip checkpoint of this pickle, whose storage '0' has 4 floats: 0, 1, 2, 3.
  NamedTensors read(const std::string& body) {
    const float values[4] = {0, 1, 2, 3};
    test::make_zip(path(),
                   {{"m/data.pkl", "\x80\x02" + body},
                    {"m/data/0", std::string(reinterpret_cast<const char*>(values), sizeof(values))}});
    return read_pth(path());
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "m.pth"; }
  void refuse(ErrorKind kind, const std::string& message, const std::string& body) {
    expect_error(kind, message, [&] { static_cast<void>(read(body)); });
  }

 private:
  graft::test::TemporaryFolder folder_;
};

std::string dict_of(const std::string& items) { return "}(" + items + "u"; }

TEST_F(HandMade, FindsTheStateDictAnywhere) {
  const std::string tensor = vector_tensor(storage("0", 4), 1, 3, 1);
  const std::string weights = dict_of(text("module.w") + tensor + text("module.b") + tensor);
  const std::string extra = text("best") + tensor + text("epoch") + small(3);
  for (const char* name : {"state_dict", "model_state_dict", "model", "net", "whatever"}) {
    const bool unknown = name == std::string("whatever");
    const NamedTensors found = read(dict_of((unknown ? "" : extra) + text(name) + weights) + ".");
    ASSERT_EQ(found.size(), 2U) << name;
    EXPECT_EQ(found[0].path, "w");
    EXPECT_EQ(found[0].tensor.data()[2], 3.0F);
  }
  const NamedTensors nested = read(dict_of(text("model") + dict_of(text("state_dict") + weights)) + ".");
  EXPECT_EQ(nested.size(), 2U);
}

TEST_F(HandMade, UsesTheLargestDictionaryThatIsNotAnAverage) {
  const auto with_values = [](int first) { return vector_tensor(storage("0", 4), first, 1, 1); };
  const auto weights = [&](int first) {
    return dict_of(text("a") + with_values(first) + text("b") + with_values(first));
  };
  const std::string moments = dict_of(text("momentum") + with_values(0));
  const NamedTensors found = read(dict_of(text("optimizer") + moments + text("model_ema") + weights(1) +
                                          text("run") + dict_of(text("student") + weights(2))) +
                                  ".");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].tensor.data()[0], 2.0F);
  const StateDictFile file = open_state_dict(path());
  EXPECT_EQ(file.place, "run.student");
  EXPECT_EQ(file.tensors.size(), 2U);
  // Nothing but an average, and what an optimizer keeps.
  const std::string three =
      dict_of(text("a") + with_values(3) + text("b") + with_values(3) + text("c") + with_values(3));
  EXPECT_EQ(read(dict_of(text("optimizer") + moments + text("model_ema") + three) + ".").size(), 3U);
}

TEST_F(HandMade, KeepsAPrefixThatNotAllShare) {
  const std::string tensor = vector_tensor(storage("0", 4), 0, 2, 2);
  const NamedTensors found = read(dict_of(text("module.w") + tensor + text("head") + tensor) + ".");
  EXPECT_EQ(found[0].path, "module.w");
  EXPECT_EQ(found[1].tensor.data()[1], 2.0F);
}

TEST_F(HandMade, ReadsOldParametersAndAttributes) {
  const std::string tensor = vector_tensor(storage("0", 4), 0, 4, 1);
  const std::string parameter = global("torch.nn.parameter", "Parameter") + tensor + "\x85R(\x89\x89}tb";
  const NamedTensors found = read(global("collections", "OrderedDict") + ")R(" + text("w") + parameter + "u" +
                                  dict_of(text("_metadata") + "}") + "b.");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].tensor.data()[3], 3.0F);
}

TEST_F(HandMade, RefusesCodeByName) {
  refuse(ErrorKind::unsupported, "asks to call os.system", global("os", "system") + text("echo") + "\x85R.");
  refuse(ErrorKind::unsupported, "builtins.eval", text("builtins") + text("eval") + "\x93.");
  refuse(ErrorKind::unsupported, "torch.load", global("torch", "load") + ".");
  refuse(ErrorKind::unsupported, "operation 105", "(ios\nsystem\n.");
}

TEST_F(HandMade, RefusesTensorsBeyondTheirStorage) {
  const auto refuse_tensor = [&](const std::string& tensor, const std::string& message) {
    refuse(ErrorKind::bad_file, message, dict_of(text("w") + tensor) + ".");
  };
  refuse_tensor(vector_tensor(storage("0", 4), 0, 5, 1), "beyond its storage");
  refuse_tensor(vector_tensor(storage("0", 4), 2, 2, 2), "beyond its storage");
  refuse_tensor(vector_tensor(storage("0", 4), 4, 1, 1), "beyond its storage");
  refuse_tensor(vector_tensor(storage("0", 5), 0, 5, 1), "missing or too short");
  refuse_tensor(vector_tensor(storage("1", 4), 0, 4, 1), "missing or too short");
  refuse_tensor(vector_tensor(small(1), 0, 4, 1), "not a storage");
}

TEST_F(HandMade, RefusesTensorsThatRepeatOneElementWithoutEnd) {
  const std::string huge = "J\xFF\xFF\xFF\x7F";
  const std::string tensor = cat(global("torch._utils", "_rebuild_tensor_v2"), '(', storage("0", 4), small(0),
                                 huge, huge, '\x86', small(0), small(0), "\x86\x89}tR");
  refuse(ErrorKind::resource_limit, "far larger", dict_of(text("w") + tensor) + ".");
}

TEST_F(HandMade, RefusesBrokenPickles) {
  refuse(ErrorKind::bad_file, "a value is missing", ".");
  refuse(ErrorKind::bad_file, "a value is missing", "(0.");
  refuse(ErrorKind::bad_file, "mark is missing", "t.");
  refuse(ErrorKind::bad_file, "never stored", "h\x05.");
  refuse(ErrorKind::bad_file, "truncated", "]");
  refuse(ErrorKind::bad_file, "its pickle needs", "X\xFF\xFF\xFF\xFFy");
  refuse(ErrorKind::bad_file, "its pickle needs", cat('\x8E', std::string(8, '\xFF')));
  refuse(ErrorKind::bad_file, "not a function", "}}R.");
  refuse(ErrorKind::bad_file, "not a list", "}Na.");
  refuse(ErrorKind::bad_file, "not a dictionary", "]NNs.");
  refuse(ErrorKind::not_found, "no dictionary of tensors", "N.");
  refuse(ErrorKind::not_found, "its keys are: epoch", dict_of(text("epoch") + small(3)) + ".");
}

TEST_F(HandMade, StaysBoundedOnNestingAndCycles) {
  // A dictionary that holds itself, and lists a million deep.
  refuse(ErrorKind::not_found, "its keys", "}q\x01(" + text("model") + "h\x01u.");
  std::string deep = "]";
  for (int i = 0; i < 500'000; ++i) deep += "]";
  deep += std::string(500'000, 'a');
  refuse(ErrorKind::not_found, "no dictionary", deep + ".");
  refuse(ErrorKind::resource_limit, "values", std::string(3'000'000, ']') + ".");
  refuse(ErrorKind::resource_limit, "values", std::string(3'000'000, '(') + ".");
  // An OrderedDict from the same long list, again and again.
  std::string many = "](";
  for (int i = 0; i < 10'000; ++i) many += "NN\x86";
  many += "eq\x01\x85q\x02" + global("collections", "OrderedDict") + "q\x03";
  for (int i = 0; i < 50'000; ++i) many += "h\x03h\x02R0";
  refuse(ErrorKind::resource_limit, "values", many + ".");
}

TEST(Pth, ReportsTheActualKindOfFile) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "m.pth";
  const auto given = [&](ErrorKind kind, const std::string& bytes, const std::string& reason) {
    test::write_bytes(path, bytes);
    expect_error(kind, reason, [&] { static_cast<void>(read_pth(path)); });
  };
  given(ErrorKind::bad_file, "", "empty");
  given(ErrorKind::bad_file, "version https://git-lfs.github.com/spec/v1\n", "git-lfs");
  given(ErrorKind::bad_file, "\x80\x02}.", "not one that torch.save wrote");
  given(ErrorKind::unsupported, std::string(257, 'x') + "ustar" + std::string(300, '\0'), "tar archive");
  test::make_zip(path, {{"config.json", "{}"}});
  expect_error(ErrorKind::bad_file, ".keras", [&] { static_cast<void>(read_pth(path)); });
  test::make_zip(path, {{"m/data.pkl", "\x80\x02N."}, {"m/constants.pkl", ""}});
  expect_error(ErrorKind::unsupported, "TorchScript", [&] { static_cast<void>(read_pth(path)); });
}

}  // namespace
}  // namespace graft::formats
