#include "planner/physical/unplaced.h"

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

class StarLimits {
 public:
  StarLimits(const LogicalPlan& plan, const Catalog& catalog, std::string_view sql)
      : plan_(plan), catalog_(catalog), sql_(sql) {}

  absl::Status CheckCall(const AggregateCall& call, bool released) const {
    const bool decomposable = call.function <= AggregateFunction::kBoolOr;
    if (!decomposable) return Refuse(call.position, "this aggregate over several owners");
    if (!released && call.function == AggregateFunction::kAverage) {
      return Refuse(call.position, "AVG inside an aggregated subquery over several owners",
                    "yield SUM(x) and COUNT(x) there, and divide the outer sums");
    }
    if (call.distinct && (call.function != AggregateFunction::kCount || !IsKey(call.argument))) {
      return Refuse(call.position, "DISTINCT of anything but a key over several owners");
    }
    return absl::OkStatus();
  }

  absl::Status Check(const LogicalNode& node) const {
    for (const LogicalPtr& child : ChildrenOf(node)) CARE_RETURN_IF_ERROR(Check(*child));
    if (const auto* join = std::get_if<JoinNode>(&node.node)) {
      if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) {
        return Refuse(join->condition->position, "EXISTS or IN (SELECT ...) over several owners",
                      "LEFT JOIN a subquery that aggregates by the key");
      }
      if (join->kind == JoinKind::kFull) return Refuse(join->condition->position, "FULL JOIN across owners");
    }
    if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
      for (const NamedAggregate& named : aggregate->calls) CARE_RETURN_IF_ERROR(CheckCall(named.call, false));
    }
    if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
      for (const NamedExpression& item : project->columns) {
        if (HasOpenScale(item.expression)) {
          return Refuse(item.expression->position, "a quotient as a column of an aggregated subquery over several owners",
                        "divide after aggregating, or fix the digits with ROUND(x / y, 2)");
        }
      }
    }
    if (std::holds_alternative<SetOperationNode>(node.node)) return Refuse({}, "UNION, INTERSECT or EXCEPT over several owners");
    if (std::holds_alternative<WindowNode>(node.node)) return Refuse({}, "a window function over several owners");
    if (std::holds_alternative<ValuesNode>(node.node)) return Refuse({}, "VALUES beside tables of several owners");
    if (std::holds_alternative<LimitNode>(node.node)) return Refuse({}, "LIMIT inside an aggregated subquery over several owners");
    return absl::OkStatus();
  }

 private:
  absl::Status Refuse(sql::SourcePosition position, std::string_view what, std::string_view hint = {}) const {
    return sql::QueryError(sql_, position, absl::StrCat(std::string(what), " is not supported yet"), hint);
  }
  bool IsKey(const ExpressionPtr& expression) const {
    const auto* column = expression == nullptr ? nullptr : std::get_if<ColumnExpression>(&expression->node);
    if (column == nullptr) return false;
    const ColumnInfo& info = plan_.columns[column->column];
    return info.table >= 0 && !catalog_.tables[info.table].columns[info.table_column].key_domain.empty();
  }

  const LogicalPlan& plan_;
  const Catalog& catalog_;
  std::string_view sql_;
};

}  // namespace

absl::Status RefuseOutsideStar(const AggregateNode& top, const LogicalPlan& plan, const Catalog& catalog, std::string_view sql) {
  const StarLimits limits(plan, catalog, sql);
  for (const NamedAggregate& named : top.calls) CARE_RETURN_IF_ERROR(limits.CheckCall(named.call, true));
  return limits.Check(*top.child);
}

}  // namespace care::planner
