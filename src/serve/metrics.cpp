// SPDX-License-Identifier: Apache-2.0
#include "serve/metrics.hpp"

#include <fstream>
#include <sstream>

#include <unistd.h>

namespace graft::serve {
namespace {

/// A label's value: backslash, quote and line feed are escaped.
std::string label(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

void title(std::ostream& out, const char* name, const char* kind, const char* help) {
  out << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << kind << '\n';
}

/// Resident memory of the process, from the kernel; 0 where it does not tell.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void Metrics::answered(const std::string& route, unsigned status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Histogram& all = seconds_[route];
  ++all.count;
  all.sum += seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i) all.at_most[i] += seconds <= kBounds[i] ? 1 : 0;
}

void Metrics::computed(const std::string& model, double seconds) {
  const std::lock_guard lock(mutex_);
  Computed& one = models_[model];
  ++one.photos;
  one.seconds += seconds;
}

void Metrics::reloaded(const std::string& model) {
  const std::lock_guard lock(mutex_);
  ++models_[model].reloads;
}

std::string Metrics::text(const Now& now) const {
  std::ostringstream out;
  const std::lock_guard lock(mutex_);
  title(out, "graft_requests_total", "counter", "Requests that were answered, by route and status.");
  for (const auto& [key, count] : requests_)
    out << "graft_requests_total{route=\"" << label(key.first) << "\",status=\"" << key.second << "\"} "
        << count << '\n';
  title(out, "graft_request_seconds", "histogram", "From a request's first line to its answer.");
  for (const auto& [route, all] : seconds_) {
    const std::string name = "route=\"" + label(route) + "\"";
    for (std::size_t i = 0; i < kBounds.size(); ++i)
      out << "graft_request_seconds_bucket{" << name << ",le=\"" << kBounds[i] << "\"} " << all.at_most[i]
          << '\n';
    out << "graft_request_seconds_bucket{" << name << ",le=\"+Inf\"} " << all.count
        << "\ngraft_request_seconds_sum{" << name << "} " << all.sum << "\ngraft_request_seconds_count{"
        << name << "} " << all.count << '\n';
  }
  const auto each = [&](const char* name, const char* kind, const char* help, auto value) {
    title(out, name, kind, help);
    for (const auto& [model, one] : models_)
      out << name << "{model=\"" << label(model) << "\"} " << value(one) << '\n';
  };
  each("graft_photos_total", "counter", "Photos that a model computed.",
       [](const Computed& one) { return one.photos; });
  each("graft_photo_seconds_total", "counter", "Time that threads spent on decoding and computing photos.",
       [](const Computed& one) { return one.seconds; });
  each("graft_reloads_total", "counter", "Times that a changed model file replaced the model.",
       [](const Computed& one) { return one.reloads; });
  title(out, "graft_queue_photos", "gauge", "Photos that wait for a model.");
  for (const auto& [model, count] : now.queued)
    out << "graft_queue_photos{model=\"" << label(model) << "\"} " << count << '\n';
  title(out, "graft_connections", "gauge", "Open connections.");
  out << "graft_connections " << now.connections << '\n';
  title(out, "graft_connections_dropped_total", "counter",
        "Connections closed because they were slow or too many.");
  out << "graft_connections_dropped_total " << now.dropped << '\n';
  title(out, "process_resident_memory_bytes", "gauge", "Resident memory.");
  out << "process_resident_memory_bytes " << resident_bytes() << '\n';
  return out.str();
}

}  // namespace graft::serve
