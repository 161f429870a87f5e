// SPDX-License-Identifier: Apache-2.0
// Models of rounds in the forms of other programs: what graft export writes into a round's folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

namespace graft::serve::studio {

/// A form in which a model leaves graft.
struct ExportForm {
  const char* name = "";  ///< in requests
  const char* file = "";  ///< below the round's folder
  bool int8 = false;      ///< of the model that graft quantize makes of the round's
  bool source = false;    ///< C++ source: compared where there is a compiler
};
/// onnx, tflite, tfjs, cpp, onnx-int8 or tflite-int8. Errors: Refusal 400 for another name.
[[nodiscard]] const ExportForm& export_form(const std::string& name);

/// The files of a form, as paths below the round's folder. Empty: they are not there, or older than the
/// model.
[[nodiscard]] std::vector<std::string> exported_files(const std::filesystem::path& round,
                                                      const ExportForm& form);
/// Whether a path below the round's folder is one of them, of any form.
[[nodiscard]] bool is_exported_file(const std::filesystem::path& round, const std::string& file);

/// Photos that an exported file is compared on.
struct ExportPhotos {
  std::string project;              ///< the project's folder, as the commands name it; empty: it has no photo
  std::vector<std::string> some{};  ///< a few photos, for programs that compute slowly
};
/// The arguments of the command that comes next: graft quantize for 8 bits where the round has no such model
/// yet, else graft export. Run from the folder that holds the round. Errors: Refusal 400 for 8 bits without
/// photos.
[[nodiscard]] std::vector<std::string> export_arguments(const std::filesystem::path& round,
                                                        const ExportForm& form, const ExportPhotos& photos);

/// The comparisons of an exported file with graft's own answers, as graft export --json has them. They are
/// kept in the studio's own folder with the file's stamp.
class ExportChecks {
 public:
  /// own_folder: the studio's, in the project.
  ExportChecks(const std::filesystem::path& own_folder, const std::filesystem::path& round,
               const ExportForm& form);
  /// Null: the file was written by another program.
  [[nodiscard]] Json read() const;
  /// output: what graft export --json wrote. Errors: Error{bad_file}; Error{io}.
  void keep(const std::string& output) const;

 private:
  std::filesystem::path exported_, place_;
};

}  // namespace graft::serve::studio
