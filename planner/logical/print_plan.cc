#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "planner/logical/logical_plan.h"
#include "planner/logical/print_expression.h"

namespace care::planner {
namespace {

using Columns = std::vector<ColumnInfo>;

std::string PrintAggregate(const NamedAggregate& named, const Columns& columns) {
  const AggregateCall& call = named.call;
  std::string text =
      absl::StrCat(PrintColumn(named.column, columns), " := ", std::string(NameOf(call.function)), "(",
                   call.distinct ? "DISTINCT " : "",
                   call.argument == nullptr ? "*" : PrintExpression(call.argument, columns),
                   call.second == nullptr ? "" : absl::StrCat(", ", PrintExpression(call.second, columns)), ")");
  if (call.function == AggregateFunction::kPercentileContinuous ||
      call.function == AggregateFunction::kPercentileDiscrete) {
    absl::StrAppend(&text, " AT ", call.fraction.ToString(), call.descending ? " DESC" : "");
  }
  if (call.filter != nullptr) {
    absl::StrAppend(&text, " FILTER (WHERE ", PrintExpression(call.filter, columns), ")");
  }
  return text;
}

std::string_view NameOf(WindowFunction function) {
  static constexpr std::string_view kNames[] = {"ROW_NUMBER",  "RANK",       "DENSE_RANK", "LAG", "LEAD", "FIRST_VALUE",
                                                "LAST_VALUE",  "COUNT(*)",   "COUNT",      "SUM", "AVG",  "MIN",
                                                "MAX"};
  return kNames[static_cast<std::size_t>(function)];
}

std::string_view NameOf(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner:
      return "inner";
    case JoinKind::kLeft:
      return "left";
    case JoinKind::kFull:
      return "full";
    case JoinKind::kCross:
      return "cross";
    case JoinKind::kSemi:
      return "semi";
    case JoinKind::kAnti:
      return "anti";
  }
  return "?";
}

std::string Describe(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog) {
  const Columns& columns = plan.columns;
  const auto names = [&](const std::vector<ColumnId>& ids) {
    std::vector<std::string> parts;
    for (ColumnId id : ids) parts.push_back(PrintColumn(id, columns));
    return absl::StrJoin(parts, ", ");
  };
  return std::visit(
      [&](const auto& part) -> std::string {
        using Node = std::decay_t<decltype(part)>;
        std::vector<std::string> parts;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          return absl::StrCat("Scan ", catalog.tables[part.table].FullName(), " [",
                              names(OutputColumns(node)), "]");
        } else if constexpr (std::is_same_v<Node, FilterNode>) {
          return absl::StrCat("Filter ", PrintExpression(part.predicate, columns));
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (const NamedExpression& item : part.columns) {
            const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
            const bool passes = column != nullptr && column->column == item.column;
            parts.push_back(passes ? PrintColumn(item.column, columns)
                                   : absl::StrCat(PrintColumn(item.column, columns),
                                                  " := ", PrintExpression(item.expression, columns)));
          }
          return absl::StrCat("Project [", absl::StrJoin(parts, ", "), "]");
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          return absl::StrCat("Join ", std::string(NameOf(part.kind)), " on ",
                              PrintExpression(part.condition, columns));
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          for (const NamedAggregate& call : part.calls) parts.push_back(PrintAggregate(call, columns));
          return absl::StrCat("Aggregate by [", names(part.group_by), "] [", absl::StrJoin(parts, ", "), "]");
        } else if constexpr (std::is_same_v<Node, ReleaseNode>) {
          return "Release";
        } else if constexpr (std::is_same_v<Node, SortNode>) {
          for (const SortKey& key : part.keys) {
            parts.push_back(absl::StrCat(PrintExpression(key.expression, columns),
                                         key.descending ? " DESC" : " ASC",
                                         key.nulls_first ? " NULLS FIRST" : " NULLS LAST"));
          }
          return absl::StrCat("Sort ", absl::StrJoin(parts, ", "));
        } else if constexpr (std::is_same_v<Node, ValuesNode>) {
          return absl::StrCat("Values [", names(part.columns), "] of ", part.rows.size(), " rows");
        } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
          const char* kind = part.kind == sql::SetOperationKind::kUnion       ? "Union"
                             : part.kind == sql::SetOperationKind::kIntersect ? "Intersect"
                                                                              : "Except";
          for (const std::vector<ColumnId>& input : part.input_columns)
            parts.push_back(absl::StrCat("[", names(input), "]"));
          return absl::StrCat(kind, part.all ? " all" : "", " [", names(part.columns), "] of ",
                              absl::StrJoin(parts, ", "));
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          for (const NamedWindowCall& named : part.calls) {
            std::string text = absl::StrCat(PrintColumn(named.column, columns), " := ",
                                            std::string(NameOf(named.call.function)));
            if (named.call.argument != nullptr)
              absl::StrAppend(&text, "(", PrintExpression(named.call.argument, columns), ")");
            if (named.call.distance != 1) absl::StrAppend(&text, " by ", named.call.distance);
            if (named.call.rows) absl::StrAppend(&text, " rows ", named.call.rows->first, " to ", named.call.rows->last);
            parts.push_back(std::move(text));
          }
          std::vector<std::string> keys;
          for (const SortKey& key : part.order_by) {
            keys.push_back(absl::StrCat(PrintExpression(key.expression, columns), key.descending ? " DESC" : " ASC",
                                        key.nulls_first ? " NULLS FIRST" : " NULLS LAST"));
          }
          return absl::StrCat("Window by [", names(part.partition_by), "] order [", absl::StrJoin(keys, ", "), "] [",
                              absl::StrJoin(parts, ", "), "]");
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          for (const std::vector<std::uint32_t>& set : part.sets) {
            std::vector<ColumnId> keys;
            for (std::uint32_t position : set) keys.push_back(part.keys[position]);
            parts.push_back(absl::StrCat("(", names(keys), ")"));
          }
          std::vector<std::string> calls;
          for (const NamedAggregate& call : part.calls) calls.push_back(PrintAggregate(call, columns));
          return absl::StrCat("GroupingSets ", absl::StrJoin(parts, ", "), " [", absl::StrJoin(calls, ", "), "]");
        } else if constexpr (std::is_same_v<Node, LimitNode>) {
          std::string text = "Limit";
          if (part.limit.has_value()) absl::StrAppend(&text, " ", *part.limit);
          if (part.offset != 0) absl::StrAppend(&text, " offset ", part.offset);
          return text;
        } else {
          static_assert(std::is_same_v<Node, DistinctNode>);
          return "Distinct";
        }
      },
      node.node);
}

void PrintTree(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog, int depth,
               std::string& text) {
  absl::StrAppend(&text, std::string(static_cast<std::size_t>(depth) * 2, ' '), Describe(node, plan, catalog),
                  "\n");
  for (const LogicalPtr& child : ChildrenOf(node)) PrintTree(*child, plan, catalog, depth + 1, text);
}

}  // namespace

std::string_view NameOf(AggregateFunction function) {
  switch (function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
      return "COUNT";
    case AggregateFunction::kSum:
      return "SUM";
    case AggregateFunction::kAverage:
      return "AVG";
    case AggregateFunction::kMin:
      return "MIN";
    case AggregateFunction::kMax:
      return "MAX";
    case AggregateFunction::kBoolAnd:
      return "BOOL_AND";
    case AggregateFunction::kBoolOr:
      return "BOOL_OR";
    case AggregateFunction::kVariancePopulation:
      return "VAR_POP";
    case AggregateFunction::kVarianceSample:
      return "VAR_SAMP";
    case AggregateFunction::kDeviationPopulation:
      return "STDDEV_POP";
    case AggregateFunction::kDeviationSample:
      return "STDDEV_SAMP";
    case AggregateFunction::kCovariancePopulation:
      return "COVAR_POP";
    case AggregateFunction::kCovarianceSample:
      return "COVAR_SAMP";
    case AggregateFunction::kCorrelation:
      return "CORR";
    case AggregateFunction::kRegressionSlope:
      return "REGR_SLOPE";
    case AggregateFunction::kRegressionIntercept:
      return "REGR_INTERCEPT";
    case AggregateFunction::kRegressionR2:
      return "REGR_R2";
    case AggregateFunction::kRegressionCount:
      return "REGR_COUNT";
    case AggregateFunction::kPercentileContinuous:
      return "PERCENTILE_CONT";
    case AggregateFunction::kPercentileDiscrete:
      return "PERCENTILE_DISC";
  }
  return "?";
}

std::string PrintLogicalPlan(const LogicalPlan& plan, const Catalog& catalog) {
  std::vector<std::string> outputs;
  for (const OutputColumn& output : plan.output) {
    outputs.push_back(absl::StrCat(output.name, "#", output.column, " ", output.type.ToString()));
  }
  std::string text = absl::StrCat("Output ", absl::StrJoin(outputs, ", "), "\n");
  PrintTree(*plan.root, plan, catalog, 1, text);
  return text;
}

}  // namespace care::planner
