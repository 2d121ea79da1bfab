#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

std::uint64_t SaturatingProduct(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (a == 0 || b == 0 || __builtin_mul_overflow(a, b, &product)) return 0;
  return product;
}

// The scan below filters only, or null: a unique key of the table is a key of the node.
const ScanNode* ScanBelow(const LogicalNode& node) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return scan;
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) return ScanBelow(*filter->child);
  return nullptr;
}

// Whether the node has at most one row for each value of the columns.
bool UniqueOn(const LogicalNode& node, const std::set<ColumnId>& columns, const Catalog& catalog) {
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (ColumnId column : aggregate->group_by) {
      if (columns.count(column) == 0) return false;
    }
    return true;
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node))
    return UniqueOn(*project->child, columns, catalog);
  const ScanNode* scan = ScanBelow(node);
  if (scan == nullptr) return false;
  std::set<int> positions;
  for (const ScanNode::Output& output : scan->columns) {
    if (columns.count(output.column) != 0) positions.insert(output.table_column);
  }
  for (const std::vector<int>& key : catalog.tables[scan->table].unique_keys) {
    bool covered = true;
    for (int position : key) covered = covered && positions.count(position) != 0;
    if (covered) return true;
  }
  return false;
}

// The columns of one side that the condition equates with columns of the other.
std::set<ColumnId> EquatedColumns(const ExpressionPtr& condition, const LogicalNode& side,
                                  const LogicalNode& other) {
  std::set<ColumnId> own, others, equated;
  for (ColumnId column : OutputColumns(side)) own.insert(column);
  for (ColumnId column : OutputColumns(other)) others.insert(column);
  for (const ExpressionPtr& conjunct : SplitConjuncts(condition)) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const auto* a = std::get_if<ColumnExpression>(&call->arguments[0]->node);
    const auto* b = std::get_if<ColumnExpression>(&call->arguments[1]->node);
    if (a == nullptr || b == nullptr) continue;
    if (own.count(a->column) != 0 && others.count(b->column) != 0) equated.insert(a->column);
    if (own.count(b->column) != 0 && others.count(a->column) != 0) equated.insert(b->column);
  }
  return equated;
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
  for (std::size_t input = 0; input < operation.inputs.size(); ++input) {
    // EXCEPT yields rows of its first input only.
    if (input > 0 && operation.kind == sql::SetOperationKind::kExcept) break;
    const ColumnInfo& info = columns[operation.input_columns[input][position]];
    merged.nullable = merged.nullable || info.nullable;
    bounded = bounded && info.min && info.max;
    if (bounded) {
      merged.min = merged.min ? std::min(*merged.min, *info.min) : *info.min;
      merged.max = merged.max ? std::max(*merged.max, *info.max) : *info.max;
    }
    in_domains = in_domains && !info.domain.empty();
    for (const std::string& value : info.domain) {
      if (std::find(merged.domain.begin(), merged.domain.end(), value) == merged.domain.end())
        merged.domain.push_back(value);
    }
    measured = measured && (info.max_bytes != 0 || info.type.max_length != 0);
    merged.max_bytes = std::max({merged.max_bytes, info.max_bytes, info.max_bytes == 0 ? 4u * info.type.max_length : 0u});
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
      if (facts.domain != other.domain) facts.domain.clear();
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
  SetFacts(facts, columns[named.column]);
}

void Refresh(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog) {
  for (const LogicalPtr& child : ChildrenOf(node)) Refresh(*child, plan, catalog);
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
            SetFacts(FactsOf(item.expression, plan.columns), plan.columns[item.column]);
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
          }
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          const std::uint64_t rows = RowBoundOf(*part.child, plan, catalog);
          for (const NamedAggregate& named : part.calls) {
            SetFacts(FactsOf(named.call, !part.group_by.empty(), rows, plan.columns),
                     plan.columns[named.column]);
          }
        }
      },
      node.node);
}

}  // namespace

std::uint64_t RowBoundOf(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return catalog.tables[scan->table].row_bound;
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    const std::uint64_t left = RowBoundOf(*join->left, plan, catalog);
    if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) return left;
    if (UniqueOn(*join->right, EquatedColumns(join->condition, *join->right, *join->left), catalog))
      return left;
    const std::uint64_t right = RowBoundOf(*join->right, plan, catalog);
    if (join->kind == JoinKind::kInner &&
        UniqueOn(*join->left, EquatedColumns(join->condition, *join->left, *join->right), catalog)) {
      return right;
    }
    return join->kind == JoinKind::kFull ? 0 : SaturatingProduct(left, right);
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    return aggregate->group_by.empty() ? 1 : RowBoundOf(*aggregate->child, plan, catalog);
  }
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) return std::max<std::uint64_t>(1, values->rows.size());
  if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    std::uint64_t rows = 0;
    for (const LogicalPtr& input : operation->inputs) {
      const std::uint64_t more = RowBoundOf(*input, plan, catalog);
      if (more == 0 || __builtin_add_overflow(rows, more, &rows)) return 0;
      if (operation->kind != sql::SetOperationKind::kUnion) break;
    }
    return rows;
  }
  if (const auto* sets = std::get_if<GroupingSetsNode>(&node.node))
    return SaturatingProduct(RowBoundOf(*sets->child, plan, catalog), sets->sets.size());
  if (const auto* limit = std::get_if<LimitNode>(&node.node)) {
    const std::uint64_t below = RowBoundOf(*limit->child, plan, catalog);
    if (!limit->limit || *limit->limit == 0) return below;
    return below == 0 ? *limit->limit : std::min(below, *limit->limit);
  }
  return RowBoundOf(*ChildrenOf(node)[0], plan, catalog);
}

void RefreshFacts(LogicalPlan& plan, const Catalog& catalog) { Refresh(*plan.root, plan, catalog); }

}  // namespace care::planner
