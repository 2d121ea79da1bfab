// connectors/select/sql_select.h
//
// One SELECT under construction, and where a party's federation tables are in its database: what every
// connector to an SQL database shares.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

// What a column of the FROM clause is written as.
struct ScopeColumn {
  std::string sql;
  bool native_decimal = false;
  bool never_null = false;
};
using Scope = std::map<planner::ColumnId, ScopeColumn>;

struct SqlSelect {
  struct Output {
    planner::ColumnId column;
    ScopeColumn value;
  };
  std::vector<Output> outputs;
  std::string from;
  std::vector<std::string> where;
  std::vector<std::string> group_by;
  std::vector<std::string> order_by;
  std::string limit;
  bool grouped = false;
  bool distinct = false;

  std::string ToSql() const;
  Scope OutputScope() const;
};

struct PhysicalColumn {
  std::string sql;              // what a statement writes for a value of the declared type, in byte order
  bool native_decimal = false;  // NUMERIC as decimal text: can be fetched, but not computed with
  absl::Status status;          // why it cannot be read
};

struct PhysicalTable {
  std::string from;                     // "claims" or (SELECT ...), for a FROM clause
  std::vector<PhysicalColumn> columns;  // by position in the CatalogTable
  // Sets of column positions that the database's own schema keeps unique.
  std::vector<std::vector<int>> enforced_keys;
  absl::Status status;
};

std::string QuoteIdentifier(std::string_view name);  // "a ""name"""
std::string QuoteText(std::string_view text);        // 'it''s'

}  // namespace care::connectors
