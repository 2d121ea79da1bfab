#include "engine/frontend/operate/operator_pages.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"

namespace care::engine {
namespace {

using nlohmann::json;

void Gauge(std::string& text, const char* name, const char* help, const std::string& value) {
  absl::StrAppend(&text, "# HELP ", name, " ", help, "\n# TYPE ", name, " gauge\n", name, " ", value, "\n");
}

std::uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", seconds);
  return text;
}

bool IsStopping(NodeResources& node) {
  std::lock_guard lock(node.sessions_mutex);
  return node.stopping;
}

std::string MetricsText(NodeResources& node, const HealthSeen& seen) {
  std::string text = node.metrics.Text();
  Gauge(text, "care_queries_queued", "Queries that wait for their turn at this node.",
        absl::StrCat(node.admission.waiting() + node.queue.waiting()));
  const auto catalog = node.catalog();
  Gauge(text, "care_federation_version", "The version of the federation file in force.",
        absl::StrCat(catalog->version));
  if (const auto entries = node.ledger->Size(); entries.ok()) {
    Gauge(text, "care_ledger_entries", "Entries of this node's ledger.", absl::StrCat(*entries));
  }
  Gauge(text, "care_ledger_writable", "Whether the ledger could be written at the last look.",
        seen.ledger.ok() ? "1" : "0");
  Gauge(text, "care_certificate_days_left", "Days until the node's certificate expires.",
        absl::StrCat(node.identity.Get()->days_left()));
  Gauge(text, "care_database_reachable", "Whether the database could be reached at the last look.",
        seen.at != 0 && seen.database.ok() ? "1" : "0");
  Gauge(text, "care_last_look_timestamp_seconds", "When database and ledger were looked at, since 1970.",
        absl::StrCat(seen.at));
  Gauge(text, "care_draining", "Whether the node is stopping and takes no new queries.",
        IsStopping(node) ? "1" : "0");
  absl::StrAppend(&text,
                  "# HELP care_build_info The program's version.\n# TYPE care_build_info "
                  "gauge\ncare_build_info{version=\"",
                  node.program_version, "\"} 1\n");
  Gauge(text, "process_resident_memory_bytes", "Memory of the process.", absl::StrCat(ResidentBytes()));
  absl::StrAppend(&text,
                  "# HELP process_cpu_seconds_total Processor time of the process.\n"
                  "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ",
                  ProcessorSeconds(), "\n");
  return text;
}

HttpReply Ready(NodeResources& node, const HealthSeen& seen) {
  json missing = json::array();
  if (IsStopping(node)) missing.push_back("the node is stopping");
  if (seen.at == 0) {
    missing.push_back("the node has only just started");
  } else {
    // The reasons are in the log: this page may be read by more people.
    if (!seen.database.ok()) missing.push_back("the database cannot be reached");
    if (!seen.ledger.ok()) missing.push_back("the ledger cannot be written");
  }
  const bool ready = missing.empty();
  const json page = {{"ready", ready}, {"missing", missing}};
  return {ready ? 200u : 503u, "application/json", page.dump() + "\n"};
}

}  // namespace

HttpReply OperatorPage(NodeResources& node, const HealthWatch& watch, std::string_view path) {
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", MetricsText(node, watch.seen())};
  if (path == "/health") return {200, "application/json", "{\"alive\":true}\n"};
  if (path == "/ready") return Ready(node, watch.seen());
  return {404, "text/plain; charset=utf-8", "there are /metrics, /health and /ready\n"};
}

}  // namespace care::engine
