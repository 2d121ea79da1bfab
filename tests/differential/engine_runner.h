// tests/differential/engine_runner.h
//
// The whole engine in one process, from SQL text to released table, on example data in a directory: on Plain,
// where one executor plays every party, and on Replicated3, where three threads do over memory channels. The
// threshold is a parameter: with 1 nothing is suppressed and answers can be compared cell by cell.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "engine/frontend/reference/text_table.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

enum class ProtocolKind { kPlain, kReplicated3 };

class EngineRunner {
 public:
  // A directory that GenerateCoachingData wrote.
  static absl::StatusOr<std::unique_ptr<EngineRunner>> Open(const std::string& directory);

  const planner::Catalog& catalog() const { return catalog_; }
  absl::StatusOr<ReleasedTable> Run(std::string_view sql, ProtocolKind protocol, std::uint32_t threshold,
                                    std::uint64_t seed) const;

 private:
  planner::Catalog catalog_;
  std::vector<planner::NodeConfig> nodes_;  // by PartyId
};

TextTable ToText(const ReleasedTable& table);

}  // namespace care::engine
