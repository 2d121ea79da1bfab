// engine/session/query_record.h
//
// One query at one node as its operator sees it: a line in the log when it begins and one when it ends, with
// the session's name, which is the same at all parties, and the counts of NodeMetrics. The lines carry who
// asks, sizes and outcomes; of the SQL and of the answer only how long they are.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/session/node_resources.h"

namespace care::engine {

class QueryRecord {
 public:
  // `what`: the rest of the first line, as "asked by analyst@hospital, 80 bytes of SQL".
  QueryRecord(NodeResources& node, std::string short_id, QueryKind kind, std::string_view what);
  ~QueryRecord();  // a query that did not say how it ended was cancelled
  QueryRecord(const QueryRecord&) = delete;
  QueryRecord& operator=(const QueryRecord&) = delete;

  void End(const absl::Status& outcome, std::uint64_t bytes_sent, std::string_view more = {});

 private:
  NodeResources& node_;
  const std::string short_id_;
  const QueryKind kind_;
  const std::chrono::steady_clock::time_point begin_;
  bool ended_ = false;
};

}  // namespace care::engine
