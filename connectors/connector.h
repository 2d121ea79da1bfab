// connectors/connector.h
//
// The only thing that reads an owner's database. A connector is handed local fragments, logical subtrees over
// its party's tables, and says which of them its database computes exactly as PostgreSQL would: its dialect
// profile. What it does not support the node computes itself over what it fetched (engine/exec/local), so a
// connector never changes a plan and never changes an answer, only how much travels out of the database.
//
// A query's fragments read one snapshot. Every row that is fetched, and every column that a pushed-down
// fragment reads, is checked against what the federation file declares; an error names table, column and rule,
// never a value, and text from a database driver never leaves its node.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/cleaning/cleaning_report.h"
#include "engine/types/column_batch.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

// What a plan's column is called in SQL and in a ColumnBatch: "c17".
std::string ColumnName(planner::ColumnId column);

class Connector {
 public:
  virtual ~Connector() = default;

  // Whether the database computes the whole subtree as PostgreSQL would. Always true of a ScanNode that the
  // owner's mapping covers.
  virtual bool Supports(const planner::LogicalNode& node) const = 0;

  // The statement that Run would send: for EXPLAIN. Requires Supports(node).
  virtual absl::StatusOr<std::string> SqlFor(const planner::LogicalNode& node) const = 0;

  // Aborted, also of Run: the database withdrew the snapshot; all fragments may be read again in a new one.
  virtual absl::Status BeginSnapshot() = 0;
  // Requires Supports(node) and an open snapshot. One column for each of OutputColumns(node), in that order,
  // named by ColumnName and typed as the plan says.
  virtual absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) = 0;
  virtual absl::Status EndSnapshot() = 0;

  // What cleaning found in the tables that this snapshot read so far, also where it ended the query: for the owner's
  // log. Empty for tables whose rows count as they are.
  virtual std::vector<TableReport> CleaningReports() const { return {}; }

  // From another thread: ends a running statement, and each later one of this snapshot. Run returns Cancelled.
  virtual void Interrupt() = 0;
};

}  // namespace care::connectors
