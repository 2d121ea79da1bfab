// connectors/csv/csv_connector.h
//
// The connector for an owner who exports files: a folder with one CSV file for each table (csv_file.h). A file is read
// whole, cell by cell brought to its declared type and cleaned (table_cleaner.h); it computes nothing, so that what a
// query makes of its rows the node computes.
//
// A snapshot holds a file to the state in which the snapshot first read it: if it is another one later, the query ends.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

class CsvConnector : public Connector {
 public:
  // `catalog` must outlive the connector; `columns` are the plan's, by ColumnId. Fails if the folder is not there; a
  // file or column that is missing from it is reported by the Run that needs it.
  static absl::StatusOr<std::unique_ptr<CsvConnector>> Open(const planner::Catalog& catalog, PartyId party,
                                                            const planner::NodeConfig& config,
                                                            std::vector<planner::ColumnInfo> columns);
  ~CsvConnector() override;

  bool Supports(const planner::LogicalNode& node) const override;
  absl::StatusOr<std::string> SqlFor(const planner::LogicalNode& node) const override;
  absl::Status BeginSnapshot() override;
  absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) override;
  absl::Status EndSnapshot() override;
  std::vector<TableReport> CleaningReports() const override;
  void Interrupt() override;

 private:
  struct State;
  explicit CsvConnector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace care::connectors
