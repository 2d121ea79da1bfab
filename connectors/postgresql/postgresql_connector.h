// connectors/postgresql/postgresql_connector.h
//
// The connector for an owner whose data is in PostgreSQL. It connects when a query needs it, with a role that needs
// no more than SELECT; a snapshot is one read-only transaction at REPEATABLE READ, so that all of a query's fragments
// see the same rows while the owner goes on writing. Rows come by binary COPY.
//
// What PostgreSQL guarantees is taken from it: types, validated NOT NULL constraints, unique indexes. The other
// declared rules are checked over the whole of each column that a query reads, whatever its predicate: of a table
// that is fetched as it is while its cells arrive, of one that is filtered or aggregated there by one statement
// before it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct PostgresqlOptions {
  std::chrono::milliseconds statement_timeout{120'000};  // then Run returns DeadlineExceeded
  std::chrono::milliseconds lock_timeout{5'000};         // patience with the owner's own changes of a table
};

class PostgresqlConnector : public Connector {
 public:
  // `catalog` must outlive the connector; `columns` are the plan's, by ColumnId, and decide which tables are looked
  // at: without any, all of the party's. Fails if the database cannot be reached. A table or column that is
  // missing is reported by the Run that needs it.
  static absl::StatusOr<std::unique_ptr<PostgresqlConnector>> Open(const planner::Catalog& catalog, PartyId party,
                                                                   const planner::NodeConfig& config,
                                                                   std::vector<planner::ColumnInfo> columns,
                                                                   PostgresqlOptions options);
  static absl::StatusOr<std::unique_ptr<PostgresqlConnector>> Open(const planner::Catalog& catalog, PartyId party,
                                                                   const planner::NodeConfig& config,
                                                                   std::vector<planner::ColumnInfo> columns);
  ~PostgresqlConnector() override;

  bool Supports(const planner::LogicalNode& node) const override;
  absl::StatusOr<std::string> SqlFor(const planner::LogicalNode& node) const override;
  absl::Status BeginSnapshot() override;
  absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) override;
  absl::Status EndSnapshot() override;
  std::vector<TableReport> CleaningReports() const override;
  void Interrupt() override;

 private:
  struct State;
  explicit PostgresqlConnector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace care::connectors
