#include <algorithm>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>

#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

// Most rows of a group, or of the whole node without groups; 0: unknown. What keys promise does not hold of NULLs, which make a
// group of their own.
std::uint64_t RowsPerGroup(const LogicalNode& child, const std::vector<ColumnId>& groups, const RowFacts& facts,
                           const std::vector<ColumnInfo>& columns) {
  std::uint64_t rows = facts.Bound(child);
  const bool any_null = std::any_of(groups.begin(), groups.end(), [&](ColumnId group) { return columns[group].nullable; });
  if (!groups.empty() && !any_null) {
    const auto per_group = facts.MostRowsPer(child, {groups.begin(), groups.end()});
    if (per_group) rows = std::min(rows, *per_group);
  }
  return rows >= kMostBoundedRows ? 0 : rows;
}

// An id keeps its meaning whatever rewrites do, so what was once proven of its values stays proven.
void Narrow(const ColumnInfo& before, ColumnInfo& after) {
  if (before.min && (!after.min || *before.min > *after.min)) after.min = before.min;
  if (before.max && (!after.max || *before.max < *after.max)) after.max = before.max;
}

// Of a text; 0 where nothing declares it.
std::uint32_t MostBytesOf(const ColumnInfo& info) {
  if (info.max_bytes != 0) return info.max_bytes;
  if (info.domain.empty()) return 4u * info.type.max_length;
  std::size_t most = 1;
  for (const std::string& value : info.domain) most = std::max(most, value.size());
  return static_cast<std::uint32_t>(most);
}

// A column of a set operation holds what any input may hold.
void MergeFacts(const SetOperationNode& operation, std::size_t position, std::vector<ColumnInfo>& columns) {
  ColumnInfo& merged = columns[operation.columns[position]];
  merged.nullable = false;
  merged.domain.clear();
  merged.min.reset();
  merged.max.reset();
  merged.max_bytes = 0;
  bool bounded = true, in_domains = true, measured = true;
  std::set<std::string_view> in_domain;  // of inputs, whose facts stand
  for (std::size_t input = 0; input < operation.inputs.size(); ++input) {
    // EXCEPT yields rows of its first input only.
    if (input > 0 && operation.kind == sql::SetOperationKind::kExcept) break;
    const ColumnInfo& info = columns[operation.input_columns[input][position]];
    merged.nullable = merged.nullable || info.nullable;
    merged.period = input == 0 || merged.period == info.period ? info.period : "";
    bounded = bounded && info.min && info.max;
    if (bounded) {
      merged.min = merged.min ? std::min(*merged.min, *info.min) : *info.min;
      merged.max = merged.max ? std::max(*merged.max, *info.max) : *info.max;
    }
    in_domains = in_domains && !info.domain.empty();
    for (const std::string& value : info.domain) {
      if (in_domain.insert(value).second) merged.domain.push_back(value);
    }
    const std::uint32_t bytes = MostBytesOf(info);
    measured = measured && bytes != 0;
    merged.max_bytes = std::max(merged.max_bytes, bytes);
  }
  if (!bounded) {
    merged.min.reset();
    merged.max.reset();
  }
  if (!in_domains) merged.domain.clear();
  if (!measured || in_domains) merged.max_bytes = 0;
}

void FactsOfValues(const ValuesNode& values, std::size_t position, ColumnInfo& info) {
  info.nullable = false;
  info.min.reset();
  info.max.reset();
  info.domain.clear();
  for (const std::vector<Value>& row : values.rows) {
    if (IsNull(row[position])) {
      info.nullable = true;
      continue;
    }
    if (const auto* text = std::get_if<std::string>(&row[position])) {
      if (std::find(info.domain.begin(), info.domain.end(), *text) == info.domain.end()) info.domain.push_back(*text);
      continue;
    }
    const ColumnFacts facts = FactsOf(MakeLiteral(row[position], info.type), {});
    if (!facts.range) continue;
    const auto low = static_cast<std::int64_t>(facts.range->low);
    info.min = info.min ? std::min(*info.min, low) : low;
    info.max = info.max ? std::max(*info.max, low) : low;
  }
}

void FactsOfWindow(const NamedWindowCall& named, std::uint64_t rows, std::vector<ColumnInfo>& columns) {
  const WindowCall& call = named.call;
  ColumnFacts facts;
  const auto as_aggregate = [&](AggregateFunction function) {
    AggregateCall aggregate;
    aggregate.function = function;
    aggregate.argument = call.argument;
    aggregate.type = call.type;
    return FactsOf(aggregate, /*grouped=*/true, rows, columns);
  };
  switch (call.function) {
    case WindowFunction::kRowNumber:
    case WindowFunction::kRank:
    case WindowFunction::kDenseRank:
      facts.nullable = false;
      if (rows != 0) facts.range = IntegerRange{1, Int128{rows}};
      break;
    case WindowFunction::kLag:
    case WindowFunction::kLead: {
      facts = FactsOf(call.argument, columns);
      if (call.fallback == nullptr) {
        facts.nullable = true;
        break;
      }
      const ColumnFacts other = FactsOf(call.fallback, columns);
      facts.nullable = facts.nullable || other.nullable;
      if (facts.range && other.range) {
        facts.range = IntegerRange{std::min(facts.range->low, other.range->low), std::max(facts.range->high, other.range->high)};
      } else {
        facts.range.reset();
      }
      if (facts.period != other.period) facts.period.clear();
      if (facts.domain != other.domain) {
        // 0: unknown.
        const auto longest = [](const ColumnFacts& side) {
          std::size_t most = side.domain.empty() ? side.max_bytes : 1;
          for (const std::string& text : side.domain) most = std::max(most, text.size());
          return static_cast<std::uint32_t>(most);
        };
        const std::uint32_t here = longest(facts), there = longest(other);
        facts.max_bytes = here == 0 || there == 0 ? 0 : std::max(here, there);
        facts.domain.clear();
      } else if (facts.domain.empty()) {
        facts.max_bytes = facts.max_bytes == 0 || other.max_bytes == 0 ? 0 : std::max(facts.max_bytes, other.max_bytes);
      }
      break;
    }
    case WindowFunction::kFirstValue:
    case WindowFunction::kLastValue:
      facts = FactsOf(call.argument, columns);
      break;
    case WindowFunction::kCountStar:
      facts = as_aggregate(AggregateFunction::kCountStar);
      break;
    case WindowFunction::kCount:
      facts = as_aggregate(AggregateFunction::kCount);
      break;
    case WindowFunction::kSum:
      facts = as_aggregate(AggregateFunction::kSum);
      break;
    case WindowFunction::kAverage:
      facts = as_aggregate(AggregateFunction::kAverage);
      break;
    case WindowFunction::kMin:
      facts = as_aggregate(AggregateFunction::kMin);
      break;
    case WindowFunction::kMax:
      facts = as_aggregate(AggregateFunction::kMax);
      break;
  }
  if (call.rows && !call.rows->HasCurrent()) {
    // It may be empty.
    const bool counts = call.function == WindowFunction::kCount || call.function == WindowFunction::kCountStar;
    if (!counts) facts.nullable = true;
    if (counts && facts.range) facts.range->low = std::min<Int128>(facts.range->low, 0);
  }
  SetFacts(facts, columns[named.column]);
}

}  // namespace

void RefreshNodeFacts(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog) {
  std::visit(
      [&](const auto& part) {
        using Node = std::decay_t<decltype(part)>;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          for (const ScanNode::Output& output : part.columns) {
            plan.columns[output.column] = InfoOf(catalog, part.table, output.table_column);
          }
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (const NamedExpression& item : part.columns) {
            const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
            if (column != nullptr && column->column == item.column) continue;
            ColumnInfo& info = plan.columns[item.column];
            ColumnFacts facts = FactsOf(item.expression, plan.columns);
            // What is stored has the column's digits, of which the expression may have fewer.
            const DataType& computed = item.expression->type;
            if (info.type.kind == TypeKind::kNumeric && info.type.scale > computed.scale && computed.IsExactNumber())
              facts.range = AtScale(facts.range, computed.scale, info.type.scale);
            SetFacts(facts, info);
          }
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          if (part.kind == JoinKind::kLeft || part.kind == JoinKind::kFull) {
            for (ColumnId column : OutputColumns(*part.right)) plan.columns[column].nullable = true;
          }
          if (part.kind == JoinKind::kFull) {
            for (ColumnId column : OutputColumns(*part.left)) plan.columns[column].nullable = true;
          }
        } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
          for (std::size_t i = 0; i < part.columns.size(); ++i) MergeFacts(part, i, plan.columns);
        } else if constexpr (std::is_same_v<Node, ValuesNode>) {
          for (std::size_t i = 0; i < part.columns.size(); ++i) FactsOfValues(part, i, plan.columns[part.columns[i]]);
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          const std::uint64_t rows = RowBoundOf(*part.child, plan, catalog);
          for (const NamedWindowCall& named : part.calls) FactsOfWindow(named, rows, plan.columns);
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          for (std::size_t i = 0; i < part.keys.size(); ++i) {
            const std::string name = plan.columns[part.key_outputs[i]].name;
            plan.columns[part.key_outputs[i]] = plan.columns[part.keys[i]];
            plan.columns[part.key_outputs[i]].name = name;
            plan.columns[part.key_outputs[i]].nullable = true;
            plan.columns[part.key_outputs[i]].table = plan.columns[part.key_outputs[i]].table_column = -1;
          }
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          const RowFacts row_facts(plan.columns, catalog);
          const std::uint64_t rows = RowsPerGroup(*part.child, part.group_by, row_facts, plan.columns);
          for (const NamedAggregate& named : part.calls) {
            ColumnInfo& info = plan.columns[named.column];
            const ColumnInfo before = info;
            SetFacts(FactsOf(named.call, !part.group_by.empty(), rows, plan.columns), info);
            Narrow(before, info);
          }
        }
      },
      node.node);
}

namespace {

void Refresh(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog) {
  for (const LogicalPtr& child : ChildrenOf(node)) Refresh(*child, plan, catalog);
  RefreshNodeFacts(node, plan, catalog);
}

}  // namespace

std::uint64_t RowBoundOf(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog) {
  const std::uint64_t rows = RowFacts(plan.columns, catalog).Bound(node);
  return rows >= kMostBoundedRows ? 0 : rows;
}

void RefreshColumns(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog) { Refresh(node, plan, catalog); }

void RefreshFacts(LogicalPlan& plan, const Catalog& catalog) { Refresh(*plan.root, plan, catalog); }

}  // namespace care::planner
