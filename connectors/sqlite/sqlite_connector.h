// connectors/sqlite/sqlite_connector.h
//
// The connector for an owner whose data is in SQLite. It opens the file read-only; a snapshot is one read
// transaction, so that all of a query's fragments see the same rows while the owner goes on writing.
//
// SQLite types values, not columns, so nothing is taken on trust: a fragment that fetches a table as it is has
// each cell checked as it arrives; one that filters or aggregates in the database is preceded by a statement
// that counts the rows that break a rule, over the whole of each column that it reads, whatever its predicate.
//
// A table whose rows do not count as they are (NeedsCleaning) is only ever fetched whole and cleaned here; what a query
// makes of it the node computes.
//
// Storage that it reads: booleans as 0 and 1, dates as ISO text, numerics as decimal text or whole numbers
// ("native") or as integers in units of 10^-scale ("scaled"), text as UTF-8. Floating point is refused.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct SqliteOptions {
  std::chrono::milliseconds statement_timeout{120'000};  // then Run returns DeadlineExceeded
  std::chrono::milliseconds busy_timeout{5'000};         // patience with the owner's own writers
};

class SqliteConnector : public Connector {
 public:
  // `catalog` must outlive the connector; `columns` are the plan's, by ColumnId. Fails if the file cannot be
  // opened. A table or column that is missing from it is reported by the Run that needs it.
  static absl::StatusOr<std::unique_ptr<SqliteConnector>> Open(const planner::Catalog& catalog, PartyId party,
                                                               const planner::NodeConfig& config,
                                                               std::vector<planner::ColumnInfo> columns,
                                                               SqliteOptions options = {});
  ~SqliteConnector() override;

  bool Supports(const planner::LogicalNode& node) const override;
  absl::StatusOr<std::string> SqlFor(const planner::LogicalNode& node) const override;
  absl::Status BeginSnapshot() override;
  absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) override;
  absl::Status EndSnapshot() override;
  std::vector<TableReport> CleaningReports() const override;
  void Interrupt() override;

 private:
  struct State;
  explicit SqliteConnector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace care::connectors
