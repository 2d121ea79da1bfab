#include "engine/session/node_metrics.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

constexpr std::array<QueryKind, 3> kKinds = {QueryKind::kAsked, QueryKind::kExplained, QueryKind::kTookPart};

// Prometheus' rules for the text between quotes.
std::string LabelText(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

void Describe(std::string& text, const char* name, const char* type, const char* help) {
  absl::StrAppend(&text, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

}  // namespace

const char* NameOf(QueryKind kind) {
  switch (kind) {
    case QueryKind::kAsked:
      return "asked";
    case QueryKind::kExplained:
      return "explained";
    case QueryKind::kTookPart:
      return "took_part";
  }
  return "asked";
}

std::string NameOfOutcome(absl::StatusCode code) {
  return absl::AsciiStrToLower(absl::StatusCodeToString(code));
}

void NodeMetrics::Began(QueryKind kind) {
  std::lock_guard lock(mutex_);
  ++running_[kind];
}

void NodeMetrics::Ended(QueryKind kind, absl::StatusCode outcome, double seconds) {
  std::lock_guard lock(mutex_);
  --running_[kind];
  ++ended_[{kind, outcome}];
  Durations& durations = durations_[kind];
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++durations.counts[static_cast<std::size_t>(bound - kBounds.begin())];
  durations.sum += seconds;
}

void NodeMetrics::AddTraffic(const std::string& peer, std::uint64_t sent_bytes,
                             std::uint64_t received_bytes) {
  std::lock_guard lock(mutex_);
  Traffic& traffic = traffic_[peer];
  traffic.sent_bytes += sent_bytes;
  traffic.received_bytes += received_bytes;
}

std::string NodeMetrics::Text() const {
  std::lock_guard lock(mutex_);
  std::string text;
  Describe(text, "care_queries_total", "counter", "Queries that ended, by this node's part and by outcome.");
  for (const QueryKind kind : kKinds) {
    // The outcome that everybody hopes for is there from the start, so that rates of it are never missing.
    if (!ended_.contains({kind, absl::StatusCode::kOk})) {
      absl::StrAppend(&text, "care_queries_total{kind=\"", NameOf(kind), "\",outcome=\"ok\"} 0\n");
    }
  }
  for (const auto& [key, count] : ended_) {
    absl::StrAppend(&text, "care_queries_total{kind=\"", NameOf(key.first), "\",outcome=\"",
                    NameOfOutcome(key.second), "\"} ", count, "\n");
  }
  Describe(text, "care_queries_running", "gauge",
           "Queries that have begun and not ended, those that wait included.");
  for (const QueryKind kind : kKinds) {
    const auto found = running_.find(kind);
    absl::StrAppend(&text, "care_queries_running{kind=\"", NameOf(kind), "\"} ",
                    found == running_.end() ? 0 : found->second, "\n");
  }
  Describe(text, "care_query_duration_seconds", "histogram",
           "From the question to the answer or error, waiting included.");
  for (const auto& [kind, durations] : durations_) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) {
      sum += durations.counts[i];
      absl::StrAppend(&text, "care_query_duration_seconds_bucket{kind=\"", NameOf(kind), "\",le=\"",
                      i < kBounds.size() ? absl::StrCat(kBounds[i]) : "+Inf", "\"} ", sum, "\n");
    }
    absl::StrAppend(&text, "care_query_duration_seconds_sum{kind=\"", NameOf(kind), "\"} ", durations.sum,
                    "\n", "care_query_duration_seconds_count{kind=\"", NameOf(kind), "\"} ", sum, "\n");
  }
  Describe(text, "care_rounds_total", "counter", "Rounds of the joint protocol.");
  absl::StrAppend(&text, "care_rounds_total ", rounds_.load(), "\n");
  Describe(text, "care_link_sent_bytes_total", "counter",
           "Payload bytes sent to a party in queries that ended.");
  for (const auto& [peer, traffic] : traffic_) {
    absl::StrAppend(&text, "care_link_sent_bytes_total{peer=\"", LabelText(peer), "\"} ", traffic.sent_bytes,
                    "\n");
  }
  Describe(text, "care_link_received_bytes_total", "counter",
           "Payload bytes received from a party in queries that ended.");
  for (const auto& [peer, traffic] : traffic_) {
    absl::StrAppend(&text, "care_link_received_bytes_total{peer=\"", LabelText(peer), "\"} ",
                    traffic.received_bytes, "\n");
  }
  Describe(text, "care_connections_refused_total", "counter",
           "Connections whose certificate or request was refused.");
  absl::StrAppend(&text, "care_connections_refused_total ", refused_connections_.load(), "\n");
  return text;
}

}  // namespace care::engine
