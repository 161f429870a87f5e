// SPDX-License-Identifier: Apache-2.0
#include "cli/head_options.hpp"

namespace graft::cli {

using transfer::HeadKind;

void add_head_options(CLI::App& command, transfer::ClassicalHead& head) {
  const auto choose = [&head](const std::string& name) {
    if (name == "best") {
      head.kinds = {HeadKind::logistic, HeadKind::linear_svm, HeadKind::centroid, HeadKind::rbf_svm,
                    HeadKind::knn};
    } else {
      head.kinds = {transfer::parse_head_kind(name)};
    }
  };
  const CLI::Range positive(1e-9, 1e9);
  command
      .add_option_function<std::string>(
          "--head", choose,
          "a classical head on the frozen network instead of the recipe: logistic, linear_svm, rbf_svm, knn, "
          "centroid, or best of them by cross-validation")
      ->check(CLI::IsMember({"logistic", "linear_svm", "rbf_svm", "knn", "centroid", "best"}))
      ->type_name("NAME");
  command.add_option("--head-c", head.c, "C of logistic and SVMs; default: chosen by cross-validation")
      ->check(positive)
      ->type_name("X");
  command.add_option("--head-gamma", head.gamma, "gamma of rbf_svm; default: chosen by cross-validation")
      ->check(positive)
      ->type_name("X");
  command.add_option("--head-neighbours", head.neighbours, "k of knn; default: chosen by cross-validation")
      ->check(CLI::Range(1, 1000))
      ->type_name("K");
  command
      .add_option_function<std::string>(
          "--class-weight",
          [&head](const std::string& name) {
            head.class_weight =
                name == "balanced" ? transfer::ClassWeight::balanced : transfer::ClassWeight::none;
          },
          "balanced: photos of rare classes count more; with --head logistic or SVMs, or the tutorial recipe")
      ->check(CLI::IsMember({"none", "balanced"}))
      ->type_name("NAME");
}

}  // namespace graft::cli
