// planner/physical/readable_names.h
//
// Expressions and fragments of a plan as a person reads them: columns by table and name, what an owner
// derives by its formula, fragments as SQL. For EXPLAIN alone; nothing is parsed back.
#pragma once

#include <string>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// "SUM(amount) FILTER (WHERE uses_app)", columns by the names given.
std::string ReadableCall(const AggregateCall& call, const std::vector<ColumnInfo>& columns);

class ReadableNames {
 public:
  ReadableNames(const PhysicalPlan& plan, const Catalog& catalog);

  std::string Column(ColumnId column) const;
  std::string Columns(const std::vector<ColumnId>& columns) const;
  std::string Expression(const ExpressionPtr& expression) const;
  // One clause a line.
  std::vector<std::string> Fragment(const LogicalNode& node) const;

 private:
  struct Select;

  void Define(const LogicalNode& node);
  Select Render(const LogicalNode& node) const;
  std::string Source(const LogicalNode& node) const;

  const Catalog& catalog_;
  std::vector<ColumnInfo> columns_;  // with readable names
};

}  // namespace care::planner
