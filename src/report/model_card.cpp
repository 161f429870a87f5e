// SPDX-License-Identifier: Apache-2.0
#include "report/model_card.hpp"

#include <filesystem>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::report {
namespace {

constexpr std::size_t kMostRows = 200;  // classes in the table

/// A text in YAML: JSON's strings are strings there too.
std::string yaml(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// A text that Markdown shows as it is, on one line.
std::string markdown(const std::string& text) {
  std::string safe;
  for (const char c : shown(text)) {
    if (std::string_view("\\`*_{}[]<>#|&~!").find(c) != std::string_view::npos) safe += '\\';
    safe += c;
  }
  return safe;
}

/// The last two parts of the folder: "flowers/train".
std::string dataset_name(const Json& report) {
  const std::filesystem::path folder = report.at("data").at("folder").get<std::string>();
  const std::string above = folder.parent_path().filename().string();
  return above.empty() ? folder.filename().string() : above + "/" + folder.filename().string();
}

/// Of a model that estimates numbers; there is no task of that name.
std::string numbers_header() {
  return "---\nlibrary_name: keras\ntags:\n- image-regression\n- transfer-learning\n- graft\nmetrics:\n- "
         "mae\n- "
         "r_squared\n---\n";
}

/// Of a model that gives a photo several labels.
std::string labels_header(const Json& report) {
  std::string text =
      "---\nlibrary_name: keras\npipeline_tag: image-classification\ntags:\n- image-classification\n"
      "- multi-label\n- transfer-learning\n- graft\nmetrics:\n- f1\n- average_precision\n";
  const Json& sets = report.at("labels");
  if (sets.empty()) return text + "---\n";
  return text + cat("model-index:\n- name: ", yaml(report.at("name").get<std::string>()),
                    "\n  results:\n  - task:\n      type: image-classification\n    dataset:\n      name: ",
                    yaml(dataset_name(report)), "\n      type: imagefolder\n    metrics:\n    - type: f1\n",
                    "      value: ", sets.front().at("f1_micro").dump(),
                    "\n    - type: average_precision\n      value: ",
                    sets.front().at("mean_average_precision").dump(), "\n---\n");
}

std::string header(const Json& report) {
  if (report.contains("numbers")) return numbers_header();
  std::string text =
      "---\nlibrary_name: keras\npipeline_tag: image-classification\ntags:\n- image-classification\n"
      "- transfer-learning\n- graft\nmetrics:\n- accuracy\n";
  if (report.contains("labels")) return labels_header(report);
  if (report.at("sets").empty()) return text + "---\n";
  const Json& test = report.at("sets").front();
  return text + cat("model-index:\n- name: ", yaml(report.at("name").get<std::string>()),
                    "\n  results:\n  - task:\n      type: image-classification\n    dataset:\n      name: ",
                    yaml(dataset_name(report)),
                    "\n      type: imagefolder\n    metrics:\n    - type: accuracy\n      value: ",
                    test.at("accuracy").dump(), "\n    - type: ece\n      value: ", test.at("ece").dump(),
                    "\n---\n");
}

std::string figure(const Json& value) { return value.is_null() ? "-" : percent(value.get<double>()); }

std::string class_table(const Json& set) {
  std::string text = "| class | photos | precision | recall | F1 |\n|---|---:|---:|---:|---:|\n";
  std::size_t rows = 0;
  for (const Json& row : set.at("classes")) {
    if (++rows > kMostRows) return text + "\nMore classes are in report.json.\n";
    text += cat("| ", markdown(row.at("name").get<std::string>()), " | ", row.at("photos").dump(), " | ",
                figure(row.at("precision")), " | ", figure(row.at("recall")), " | ", figure(row.at("f1")),
                " |\n");
  }
  return text;
}

/// Figures of numbers, a row each.
std::string numbers_table(const Json& numbers) {
  std::string text =
      "## Test photos\n\n| number | photos | mean absolute error | 95 % interval | root mean squared error | "
      "R2 "
      "|\n|---|---:|---:|---:|---:|---:|\n";
  for (const Json& one : numbers) {
    const Json& test = one.at("test");
    const Json& interval = test.at("mean_absolute_error_interval");
    const auto digits = [](const Json& value) {
      return value.is_null() ? std::string("-") : cat(value.get<double>());
    };
    text += cat("| ", markdown(one.at("name").get<std::string>()), " | ", test.at("photos").dump(), " | ",
                digits(test.at("mean_absolute_error")), " | ", digits(interval.at(0)), " to ",
                digits(interval.at(1)), " | ", digits(test.at("root_mean_squared_error")), " | ",
                digits(test.at("r2")), " |\n");
  }
  return text + "\n";
}

/// Figures of labels: all together, then a row each.
std::string labels_text(const Json& sets) {
  std::string text;
  for (const Json& set : sets) {
    const auto figure_of = [&](const char* name) { return percent(set.at(name).get<double>()); };
    text +=
        cat("## ", set.at("title").get<std::string>(), "\n\n", set.at("note").get<std::string>(), ' ',
            set.at("photos").dump(), " photos: mean average precision ", figure_of("mean_average_precision"),
            ", F1 micro ", figure_of("f1_micro"), ", F1 macro ", figure_of("f1_macro"), ", all labels right ",
            figure_of("exact_match"), ", Hamming loss ", figure_of("hamming_loss"),
            ".\n\n| label | photos | given | average precision | precision | recall | F1 | threshold "
            "|\n|---|---:|---:|---:|---:|---:|---:|---:|\n");
    std::size_t rows = 0;
    for (const Json& row : set.at("classes")) {
      if (++rows > kMostRows) break;
      text += cat("| ", markdown(row.at("name").get<std::string>()), " | ", row.at("photos").dump(), " | ",
                  row.at("answers").dump(), " | ", figure(row.at("average_precision")), " | ",
                  figure(row.at("precision")), " | ", figure(row.at("recall")), " | ", figure(row.at("f1")),
                  " | ", cat(row.at("threshold").get<double>()), " |\n");
    }
    text += rows > kMostRows ? "\nMore labels are in report.json.\n\n" : "\n";
  }
  return text;
}

/// Accuracy where classes such as animal/cat and animal/dog count as one.
std::string levels_text(const Json& set) {
  std::string text;
  if (!set.contains("levels")) return text;
  for (const Json& one : set.at("levels"))
    text += cat(" Accuracy at level ", one.at("level").dump(), " of the class names, ",
                one.at("names").size(), " classes: ", percent(one.at("accuracy").get<double>()), ".");
  return text;
}

std::string results(const Json& report) {
  std::string text;
  if (report.contains("numbers")) text += numbers_table(report.at("numbers"));
  if (report.contains("labels")) text += labels_text(report.at("labels"));
  for (const Json& set : report.at("sets")) {
    text +=
        cat("## ", set.at("title").get<std::string>(), "\n\n", set.at("note").get<std::string>(),
            " Accuracy ", percent(set.at("accuracy").get<double>()), " (95 % interval ",
            percent(set.at("interval").at(0).get<double>()), " to ",
            percent(set.at("interval").at(1).get<double>()), "), ", set.at("photos").dump(),
            " photos. Mean recall of the classes ", percent(set.at("balanced_accuracy").get<double>()),
            "; always answering with the most frequent class reaches ",
            percent(set.at("most_frequent_class_accuracy").get<double>()), ". Expected calibration error ",
            percent(set.at("ece").get<double>()), ".", levels_text(set), "\n\n", class_table(set), "\n");
  }
  return text;
}

std::string usage(const Json& report) {
  if (report.at("kind") == "evaluation") return {};
  return "## Use\n\nThe model takes raw RGB from 0 to 255; its preprocessing is inside.\n\n```sh\n"
         "graft predict model.keras photo.jpg\n```\n\n```python\nimport keras\n"
         "model = keras.models.load_model(\"model.keras\")\n```\n\n";
}

std::string lines_of(const Json& sentences) {
  std::string text;
  for (const Json& one : sentences) text += "- " + markdown(one.get<std::string>()) + "\n";
  return text;
}

std::string training(const Json& report) {
  std::string text = "## How it was made\n\n" + lines_of(report.at("done"));
  const Json& settings = report.at("settings");
  for (const char* name : {"model", "weights", "recipe", "seed", "precision"}) {
    if (!settings.contains(name)) continue;
    const Json& value = settings.at(name);
    text +=
        cat("- ", name, ": ", markdown(value.is_string() ? value.get<std::string>() : value.dump()), "\n");
  }
  text += cat("- graft ", report.at("graft_version").get<std::string>(), "\n");
  const std::string command = report.at("command").get<std::string>();
  if (!command.empty()) text += cat("- command: ", markdown(command), "\n");
  return text + "\n";
}

/// What may improve the model.
std::string steps(const Json& report) {
  std::string text = "What may improve it:\n\n";
  for (const Json& step : report.at("next"))
    text += cat("- ", markdown(step.at("what").get<std::string>()), ". ",
                markdown(step.at("why").get<std::string>()), "\n");
  return text;
}

std::string limits(const Json& report) {
  if (report.contains("numbers")) {
    return "## Limits\n\nThe figures hold for photos like those it was tested on. Every photo gets its "
           "numbers, also "
           "one that shows nothing that has them.\n\n" +
           steps(report);
  }
  std::string text =
      "## Limits\n\nThe figures hold for photos like those it was tested on. Photos of other subjects, "
      "cameras "
      "or places may be answered wrongly with a high probability. ";
  text += report.contains("labels")
              ? "A photo gets each label below whose probability reaches its threshold, or none.\n\nLabels: "
              : "Every photo gets one of the classes below, also one that shows none of them.\n\nClasses: ";
  bool first = true;
  for (const Json& name : report.at("classes")) {
    text += (first ? "" : ", ") + markdown(name.get<std::string>());
    first = false;
  }
  return text + "\n\n" + steps(report);
}

}  // namespace

std::string model_card(const Json& report) {
  return header(report) + "\n# " + markdown(report.at("name").get<std::string>()) + "\n\n" +
         report.at("headline").at("sentence").get<std::string>() + "\n\n" + usage(report) + results(report) +
         training(report) + limits(report);
}

}  // namespace graft::report
