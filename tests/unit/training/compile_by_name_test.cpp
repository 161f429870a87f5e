// SPDX-License-Identifier: Apache-2.0
// Loss, optimizer and metrics by name, as in Keras.
#include <gtest/gtest.h>

#include "graft/training.hpp"

#include "small_trainee.hpp"
#include "support.hpp"

namespace graft {
namespace {

data::Dataset few_samples() {
  Tensor images({8, 8, 8, 3});
  const std::vector<double> u = test::u01("by_name", images.data().size());
  for (std::size_t i = 0; i < u.size(); ++i) images.data()[i] = static_cast<float>(2 * u[i] - 1);
  Tensor labels({8}, DType::int32);
  for (int i = 0; i < 8; ++i) labels.data<std::int32_t>()[static_cast<std::size_t>(i)] = i % 3;
  return data::Dataset::from_tensors(images, labels, {.batch_size = 4});
}

TEST(CompileByName, IsTheSameTraining) {
  const auto loss_of = [](const auto& compile) {
    clear_session();
    Model model = test::small_trainee();
    compile(model);
    return model.fit(few_samples())["loss"].front();
  };
  const double expected = loss_of([](Model& model) {
    model.compile({.optimizer = Adam(), .loss = SparseCategoricalCrossentropy(), .metrics = {"accuracy"}});
  });
  EXPECT_EQ(
      loss_of([](Model& model) { model.compile("adam", "sparse_categorical_crossentropy", {"accuracy"}); }),
      expected);
  EXPECT_EQ(loss_of([](Model& model) {
              model.compile({.optimizer = "Adam", .loss = "sparse_categorical_crossentropy"});
            }),
            expected);
  EXPECT_EQ(loss_of([](Model& model) {
              model.compile(Adam(), SparseCategoricalCrossentropy(),
                            {"accuracy", SparseTopKCategoricalAccuracy({.k = 2})});
            }),
            expected);
}

TEST(CompileByName, EveryOptimizerOfKeras) {
  for (const char* name :
       {"sgd", "rmsprop", "adam", "adamw", "nadam", "adamax", "lion", "adagrad", "adadelta", "ftrl"})
    EXPECT_EQ(optimizer_from_name(name)->class_name(), OptimizerChoice(name)->class_name()) << name;
  EXPECT_EQ(optimizer_from_name("RMSPROP")->class_name(), "RMSprop");
}

TEST(CompileByName, UnknownNamesListTheKnownOnes) {
  Model model = test::small_trainee();
  const auto message = [&](const char* optimizer, const char* loss) {
    try {
      model.compile(optimizer, loss, {"accuracy"});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  EXPECT_NE(message("adamm", "mse").find("'adamm' is not known; known are SGD, RMSprop, Adam"),
            std::string::npos);
  EXPECT_NE(message("adam", "crossentropy").find("crossentropy"), std::string::npos);
  EXPECT_THROW(model.compile({.optimizer = nullptr, .loss = "mse"}), Error);
}

}  // namespace
}  // namespace graft
