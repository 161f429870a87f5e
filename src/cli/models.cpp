// SPDX-License-Identifier: Apache-2.0
// graft models
#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/pretrained.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"

namespace graft::cli {
namespace {

using applications::Application;

/// One architecture. Sizes are of float32 weights in MB of 2^20 bytes, as in Keras's table.
struct NetworkRow {
  const Application* application = nullptr;
  std::int64_t parameters = 0;
  std::int64_t without_top = 0;
  double megabytes = 0;
  std::vector<std::filesystem::path> weights;
};

/// Builds the network to count its parameters; weights are allocated only when used.
NetworkRow row_of(const Application& application) {
  clear_session();
  const std::int64_t parameters = application.build({.weights = "none"}).count_params();
  return {.application = &application,
          .parameters = parameters,
          .without_top = application.build({.include_top = false, .weights = "none"}).count_params(),
          .megabytes = static_cast<double>(parameters) * 4 / (1 << 20),
          .weights = classify::published_weights_here(application)};
}

Json share_or_null(double share) { return share > 0 ? Json(share) : Json(nullptr); }

Json json_of(const NetworkRow& row) {
  const Application& application = *row.application;
  Json files = Json::array();
  for (const auto& path : row.weights) files.push_back(path.string());
  return {{"name", application.name},
          {"keras_name", application.keras_name},
          {"parameters", row.parameters},
          {"parameters_without_top", row.without_top},
          {"megabytes", row.megabytes},
          {"input_shape", {application.default_size, application.default_size, 3}},
          {"top1_accuracy", share_or_null(application.accuracy.top1)},
          {"top5_accuracy", share_or_null(application.accuracy.top5)},
          {"weights", std::move(files)}};
}

std::string accuracy_text(double share) { return share > 0 ? percent(share) : "-"; }

void print(std::ostream& out, const std::vector<std::string>& cells, std::size_t name_width) {
  constexpr std::array kWidths{13, 9, 11, 8, 8};
  out << std::left << std::setw(static_cast<int>(name_width)) << cells[0] << std::right;
  for (std::size_t i = 0; i < kWidths.size(); ++i) out << std::setw(kWidths[i]) << cells[i + 1];
  out << "  " << cells.back() << '\n';
}

void print_table(const std::vector<NetworkRow>& rows) {
  std::size_t width = 0;
  for (const NetworkRow& row : rows) width = std::max(width, row.application->name.size());
  print(std::cout, {"name", "parameters", "size", "input", "top-1", "top-5", "weights here"}, width);
  for (const NetworkRow& row : rows) {
    const Application& application = *row.application;
    const auto file_name = [](const std::filesystem::path& path) { return path.filename().string(); };
    const std::string files = comma_list(row.weights, file_name);
    const auto megabytes = static_cast<std::int64_t>(std::lround(row.megabytes));
    print(std::cout,
          {std::string(application.name), with_commas(row.parameters), cat(megabytes, " MB"),
           cat(application.default_size, " x ", application.default_size),
           accuracy_text(application.accuracy.top1), accuracy_text(application.accuracy.top5),
           files.empty() ? "-" : files},
          width);
  }
  std::string places =
      cat(counted(rows.size(), "architecture", "architectures"), "; graft looks for weights in");
  for (const auto& folder : classify::weights_folders()) places += " " + shown(folder.string());
  std::cout << fitted(places) << '\n';
}

int models(bool json) {
  std::vector<NetworkRow> rows;
  for (const Application& application : applications::catalogue()) rows.push_back(row_of(application));
  if (!json) {
    print_table(rows);
    return kOk;
  }
  Json list = Json::array();
  for (const NetworkRow& row : rows) list.push_back(json_of(row));
  print_json(list);
  return kOk;
}

}  // namespace

void add_models(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("models", "List the architectures that graft can build");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "print JSON on standard output");
  command->footer(
      "Parameters, size and input are of the network with its ImageNet classifier. Accuracy is on ImageNet, "
      "as published with the weights.\n\n"
      "Examples:\n"
      "  graft models\n"
      "  graft models --json");
  command->callback([json, &run] { run = [json] { return models(*json); }; });
}

}  // namespace graft::cli
