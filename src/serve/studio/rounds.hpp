// SPDX-License-Identifier: Apache-2.0
// The result folders of a project: those that graft train writes beside it, PROJECT-graft, PROJECT-graft-2,
// ...
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

#include "serve/studio/project.hpp"

namespace graft::serve::studio {

/// A photo that a round answered wrongly without having been trained on it.
struct Mistake {
  std::string class_name, name;  ///< below the project
  std::string truth{}, answer{};
  double probability = 0, own_probability = 0;
  std::string part;
  bool several = false;  ///< of several labels: truths and answers in place of class and answer
  std::vector<std::string> truths{}, answers{};
};

/// Reads what commands wrote. Threads: all members may be called from any.
class Rounds {
 public:
  explicit Rounds(const Project& project);

  /// All rounds, the latest last: {name, number, kind (as graft serve has it), accuracy, interval, levels,
  /// photos, classes, seconds, network, stopped, has_report, finished_at}.
  [[nodiscard]] Json list();
  /// The result folder of a round. Errors: Refusal 404.
  [[nodiscard]] std::filesystem::path folder_of(const std::string& name);
  /// Where the next round goes.
  [[nodiscard]] std::filesystem::path next_folder();
  /// The network of the latest round that ended by itself; empty: there is none.
  [[nodiscard]] std::string last_network();
  /// {classes, confusion, notes, ...} of a round's result.json.
  [[nodiscard]] Json details(const std::string& name);
  /// The surest first.
  [[nodiscard]] std::shared_ptr<const std::vector<Mistake>> mistakes(const std::string& name);

 private:
  struct Known {
    std::string stamp;
    Json summary;
  };

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::vector<Mistake> one_class_mistakes(const std::filesystem::path& file) const;
  [[nodiscard]] std::vector<Mistake> label_mistakes(const std::filesystem::path& file,
                                                    const Json& several) const;

  const Project& project_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
  std::string mistakes_of_;  ///< the round, the stamp of its file, and what photos are grouped by
  std::shared_ptr<const std::vector<Mistake>> mistakes_;
};

/// What an inspection found about the photos of a project, from the CSVs that graft inspect --out and graft
/// train write: [{kind, text, photos: [{class, name}], suggested}].
[[nodiscard]] Json findings_in(const std::filesystem::path& folder, const Project& project);

}  // namespace graft::serve::studio
