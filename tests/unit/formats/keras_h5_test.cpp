// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/keras_h5.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/keras_archive.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using test::expect_error;

std::filesystem::path golden(const std::string& name) { return graft::test::goldens() / "files" / name; }

std::vector<std::string> layer_names(const H5Weights& file) {
  std::vector<std::string> names;
  for (const LayerWeights& layer : file.layers) names.push_back(layer.layer);
  return names;
}

std::int64_t count_elements(const H5Weights& file) {
  std::int64_t count = 0;
  for (const LayerWeights& layer : file.layers) {
    for (const NamedTensor& weight : layer.weights) count += weight.tensor.count();
  }
  return count;
}

TEST(KerasH5, ReadsAWholeModelInLayerOrder) {
  const H5Weights file = read_keras_h5(golden("small_cnn.h5"));
  const std::vector<std::string> expected = {"conv1",   "pool1", "conv2",      "gap",
                                             "dropout", "fc1",   "predictions"};
  EXPECT_EQ(layer_names(file), expected);
  ASSERT_EQ(file.layers[0].weights.size(), 2U);
  EXPECT_EQ(file.layers[0].weights[0].path, "small_cnn/conv1/kernel");
  EXPECT_EQ(file.layers[0].weights[0].tensor.shape(), Shape({3, 3, 1, 8}));
  EXPECT_TRUE(file.layers[1].weights.empty());
  ASSERT_TRUE(file.model_config && file.training_config);
  EXPECT_EQ((*file.model_config)["config"]["name"], "small_cnn");
}

TEST(KerasH5, HoldsTheSameWeightsAsTheArchiveOfTheSameModel) {
  const H5Weights file = read_keras_h5(golden("small_cnn.h5"));
  const KerasArchive archive = read_keras_archive(golden("small_cnn.keras"));
  const auto compare = [&](std::size_t layer, std::size_t weight, const std::string& path) {
    const Tensor& mine = file.layers.at(layer).weights.at(weight).tensor;
    EXPECT_TRUE(test::same_elements(mine, test::tensor_of(archive.weights, path))) << path;
  };
  compare(0, 0, "layers/conv2d/vars/0");
  compare(2, 0, "layers/conv2d_1/vars/0");
  compare(2, 1, "layers/conv2d_1/vars/1");
  compare(6, 0, "layers/dense_1/vars/0");
}

TEST(KerasH5, CountsTheParametersOfEveryGoldenModel) {
  const Json expected = graft::test::read_json(golden("expected.json"));
  for (const auto& [name, facts] : expected.items()) {
    if (!std::filesystem::exists(golden(name + ".h5"))) continue;
    EXPECT_EQ(count_elements(read_keras_h5(golden(name + ".h5"))), facts["total_params"]) << name;
  }
}

TEST(KerasH5, ReadsEveryLegacyGoldenFile) {
  for (const auto& path : test::golden_files(".h5")) {
    if (path.string().ends_with(".weights.h5")) continue;
    EXPECT_GT(count_elements(read_keras_h5(path)), 0) << path;
  }
}

TEST(KerasH5, ReadsPublishedFiles) {
  GRAFT_REQUIRE_DATA(data);
  const H5Weights mobilenet = read_keras_h5(data / "weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5");
  EXPECT_EQ(count_elements(mobilenet), 2'257'984);
  const H5Weights squeezenet =
      read_keras_h5(data / "weights/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5");
  EXPECT_EQ(count_elements(squeezenet), 722'496);
  EXPECT_FALSE(squeezenet.model_config);
  const H5Weights whole = read_keras_h5(data / "weights/mobilenet_v1_0.25_224_imagenet.h5");
  EXPECT_EQ(whole.layers.at(0).layer, "input_2");
  EXPECT_EQ(whole.layers.at(1).weights.at(0).path, "conv1/kernel:0");
  EXPECT_TRUE(whole.model_config);
}

TEST(KerasH5, ReportsTheActualKindOfFile) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "w.h5";
  expect_error(ErrorKind::not_found, "w.h5", [&] { static_cast<void>(read_keras_h5(path)); });
  const auto given = [&](std::string_view bytes, const std::string& reason) {
    test::write_bytes(path, bytes);
    expect_error(ErrorKind::bad_file, reason, [&] { static_cast<void>(read_keras_h5(path)); });
  };
  given("", "it is empty");
  given("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull");
  given("\n<!DOCTYPE html><html>404</html>", "web page");
  given(std::string("PK\x03\x04 and more"), "zip");
  given(std::string(100, '\0'), "zeros");
  expect_error(ErrorKind::bad_file, "folder", [&] { static_cast<void>(read_keras_h5(folder.path())); });
  expect_error(ErrorKind::bad_file, "Keras 3 .weights.h5",
               [&] { static_cast<void>(read_keras_h5(golden("small_cnn.weights.h5"))); });
}

TEST(KerasH5, ReportsTheExpectedLengthOfATruncatedFile) {
  const graft::test::TemporaryFolder folder;
  const std::string bytes = graft::test::read_file(golden("small_cnn.h5"));
  test::write_bytes(folder.path() / "w.h5", bytes.substr(0, bytes.size() / 2));
  expect_error(ErrorKind::bad_file, cat("should have ", bytes.size(), " bytes"),
               [&] { static_cast<void>(read_keras_h5(folder.path() / "w.h5")); });
}

/// An attribute of fixed-length texts, as early Keras wrote them.
void fixed_texts(hid_t object, const char* name, const std::vector<std::string>& texts) {
  constexpr std::size_t kLength = 12;
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, kLength);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const hsize_t count = texts.size();
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  std::string bytes;
  for (std::string text : texts) {
    text.resize(kLength);
    bytes += text;
  }
  EXPECT_GE(H5Awrite(attribute, type, bytes.data()), 0);
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
}

TEST(KerasH5, ReadsFixedLengthAndChunkedNames) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "old.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  fixed_texts(file, "layer_names0", {"block1_conv1", "pool"});
  fixed_texts(file, "layer_names1", {"fc"});
  for (const char* layer : {"block1_conv1", "pool", "fc"}) {
    const hid_t group = H5Gcreate2(file, layer, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (layer == std::string("fc")) {
      const double values[2] = {1.5, -2.0};
      const hsize_t count = 2;
      const hid_t space = H5Screate_simple(1, &count, nullptr);
      const hid_t dataset =
          H5Dcreate2(group, "fc_b_1:0", H5T_IEEE_F64BE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<const void*>(values));
      H5Dclose(dataset);
      H5Sclose(space);
      fixed_texts(group, "weight_names", {"fc_b_1:0"});
    } else {
      fixed_texts(group, "weight_names", {});
    }
    H5Gclose(group);
  }
  H5Fclose(file);
  const H5Weights weights = read_keras_h5(path);
  EXPECT_EQ(layer_names(weights), (std::vector<std::string>{"block1_conv1", "pool", "fc"}));
  EXPECT_EQ(weights.layers[2].weights.at(0).path, "fc_b_1:0");
  EXPECT_EQ(weights.layers[2].weights.at(0).tensor.data<double>()[1], -2.0);
}

TEST(KerasH5, ReadsHeadersOfTheNewestKind) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "new.h5";
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Gclose(H5Gcreate2(file, "pool", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  const hsize_t one = 1;
  const hsize_t none = 0;
  const char* text = "pool";
  const auto attribute = [&](const char* owner, const char* name, hsize_t count) {
    const hid_t space = H5Screate_simple(1, count == 0 ? &none : &one, nullptr);
    const hid_t made =
        H5Acreate_by_name(file, owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (count > 0) H5Awrite(made, type, static_cast<const void*>(&text));
    H5Aclose(made);
    H5Sclose(space);
  };
  attribute("/", "some", 1);
  attribute("/", "layer_names", 1);
  attribute("pool", "weight_names", 0);
  H5Tclose(type);
  H5Fclose(file);
  H5Pclose(access);
  EXPECT_EQ(layer_names(read_keras_h5(path)), std::vector<std::string>{"pool"});
}

}  // namespace
}  // namespace graft::formats
