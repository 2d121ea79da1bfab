// Windows over shared tables.
#include <utility>

#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_builder.h"

namespace care::planner {

absl::Status TableBuilder::CheckWindowCall(const NamedWindowCall& named) const {
  const WindowCall& call = named.call;
  if (call.function == WindowFunction::kAverage)
    return Refuse(call.position, "an average as a window over rows of several owners is not supported yet",
                  "divide a SUM by a COUNT above it");
  if (call.rows) {
    return Refuse(call.position, "a frame that begins or ends a number of rows away is not supported yet over rows of several owners",
                  "LAG(x, 1) and LEAD(x, 1) are: add them up");
  }
  const bool compares = call.function == WindowFunction::kMin || call.function == WindowFunction::kMax;
  CARE_RETURN_IF_ERROR(compares ? CheckReadable(named.column) : CheckShape(named.column));
  if (call.fallback == nullptr) return absl::OkStatus();
  // Either becomes the result's shape; of texts that must be possible.
  if (call.type.kind != TypeKind::kText) return absl::OkStatus();
  const SharedValueShape result = *ShapeOfColumn(logical_.columns[named.column]);
  for (const ExpressionPtr& part : {call.argument, call.fallback}) {
    const absl::StatusOr<SharedValueShape> shape =
        ShapeOfColumn(logical_.columns[std::get<ColumnExpression>(part->node).column]);
    if (!shape.ok()) return Refuse(part->position, std::string(shape.status().message()));
    if ((shape->kind == ValueKind::kHash) == (result.kind == ValueKind::kHash)) continue;
    if (shape->kind == ValueKind::kCode) continue;
    return Refuse(call.fallback->position, "a default beside a text of undeclared length is not supported yet over rows of several owners",
                  "declare varchar(n), `max_bytes` or a `domain` in the federation file");
  }
  return absl::OkStatus();
}

absl::StatusOr<TableBuilder::Table> TableBuilder::Window(const LogicalPtr& node, const WindowNode& window,
                                                         const ColumnSet& required) {
  WindowTableNode placed;
  placed.partition_by = window.partition_by;
  ColumnSet below = required;
  below.insert(window.partition_by.begin(), window.partition_by.end());
  for (const SortKey& key : window.order_by) CollectColumns(key.expression, below);
  for (const NamedWindowCall& named : window.calls) {
    below.erase(named.column);
    if (required.count(named.column) == 0) continue;
    placed.calls.push_back(named);
    CollectColumns(named.call.argument, below);
    CollectColumns(named.call.fallback, below);
  }
  if (placed.calls.empty()) return Build(window.child, below);
  CARE_ASSIGN_OR_RETURN(Table table, Build(window.child, below));
  std::vector<NamedExpression> derived;
  for (ColumnId column : window.partition_by) CARE_RETURN_IF_ERROR(CheckShape(column));
  CARE_ASSIGN_OR_RETURN(placed.order_by, KeysOf(window.order_by, derived));
  for (NamedWindowCall& named : placed.calls) {
    for (ExpressionPtr* part : {&named.call.argument, &named.call.fallback}) {
      if (*part == nullptr) continue;
      CARE_ASSIGN_OR_RETURN(const ColumnId column, AsColumn(*part, "argument", derived));
      *part = MakeColumn(column, (*part)->type, (*part)->position);
    }
    CARE_RETURN_IF_ERROR(CheckWindowCall(named));
  }
  CARE_ASSIGN_OR_RETURN(table, Derive(std::move(table), std::move(derived)));
  placed.input = table.node;
  table.node = Add(std::move(placed));
  table.logical = node;
  table.order = kNoParty;
  table.known.clear();
  table.fresh_share = false;
  return table;
}

}  // namespace care::planner
