// What a star query aggregates for each key: tables that their owner aggregates, sums over joint rows, and
// the aggregates of a subquery that groups by the key.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/joint_expressions.h"
#include "planner/physical/star_placement.h"

namespace care::planner {
namespace {

// Whether every use of the column is COALESCE(column, 0), to which a NULL is the zero that it is stored as.
bool OnlyUnderCoalesceZero(const ExpressionPtr& expression, ColumnId column) {
  if (const auto* use = std::get_if<ColumnExpression>(&expression->node)) return use->column != column;
  const auto* call = std::get_if<CallExpression>(&expression->node);
  const bool coalesce = call != nullptr && call->function == Function::kCoalesce &&
                        call->arguments.size() == 2 && IsZeroLiteral(call->arguments[1]);
  if (coalesce) {
    const auto* first = std::get_if<ColumnExpression>(&call->arguments[0]->node);
    if (first != nullptr && first->column == column) return true;
  }
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::all_of(children.begin(), children.end(),
                     [&](const ExpressionPtr& child) { return OnlyUnderCoalesceZero(child, column); });
}

}  // namespace

// A key column of a required table is never NULL after the join; that is all a joint expression may ask of
// it.
ExpressionPtr StarPlacement::DropKeyColumns(const ExpressionPtr& expression) const {
  return TransformExpression(expression, [&](const ExpressionPtr& part) -> ExpressionPtr {
    const auto* call = std::get_if<CallExpression>(&part->node);
    if (call == nullptr || (call->function != Function::kIsNotNull && call->function != Function::kIsNull))
      return part;
    const auto* column = std::get_if<ColumnExpression>(&call->arguments[0]->node);
    if (column == nullptr || !Contains(question_.block.key_class, column->column)) return part;
    for (const Leaf& leaf : question_.block.leaves) {
      if (!leaf.optional && Contains(OutputColumns(*leaf.node), column->column)) {
        return MakeLiteral(call->function == Function::kIsNotNull, kBooleanType, part->position);
      }
    }
    return part;
  });
}

ColumnId StarPlacement::PartialOf(int leaf, AggregateFunction function, const ExpressionPtr& argument,
                                  const ExpressionPtr& filter) {
  LeafPlan& planned = leaves_[leaf];
  const Leaf& source = question_.block.leaves[leaf];
  // Public facts of the partial. A declared multiplicity bounds what one key can have; the table's rows bound
  // what all keys have together.
  const bool is_sum = function == AggregateFunction::kSum;
  ColumnInfo info{.type = kBigIntType, .nullable = is_sum};
  std::uint64_t rows = source.row_bound;
  const ColumnInfo& key = columns_[source.key];
  if (key.table >= 0 && catalog_.tables[key.table].subject_column == key.table_column &&
      catalog_.tables[key.table].max_rows_per_subject) {
    rows = std::min(rows, *catalog_.tables[key.table].max_rows_per_subject);
  }
  info.min = 0;
  info.max = static_cast<std::int64_t>(rows);
  bool unbounded = false;
  if (argument && function != AggregateFunction::kCount) {
    const ColumnInfo facts = DerivedColumn(argument, columns_);
    if (is_sum) {
      const std::uint8_t scale = RingScale(argument, columns_);
      if (facts.type.kind == TypeKind::kNumeric) info.type = {TypeKind::kNumeric, 18, scale};
      const auto low = facts.min ? Int128{*facts.min} * source.row_bound : Int128{-1} << 62;
      const auto high = facts.max ? Int128{*facts.max} * source.row_bound : Int128{1} << 62;
      constexpr Int128 kLimit = (Int128{1} << 62) - 1;
      unbounded = low < -kLimit || high > kLimit;
      info.min = static_cast<std::int64_t>(std::clamp<Int128>(low, -kLimit, 0));
      info.max = static_cast<std::int64_t>(std::clamp<Int128>(high, 0, kLimit));
    } else {
      info = facts;
      info.nullable = true;
    }
  }
  if (planned.level == Level::kPreAggregated) {
    const AggregateCall call{.function = function, .argument = argument, .filter = filter, .type = info.type};
    for (const NamedAggregate& existing : planned.partials) {
      if (SameCall(existing.call, call)) return existing.column;
    }
    if (sites_[planned.site].optional || source.optional) info.nullable = true;
    info.name = absl::StrCat(is_sum ? "sum" : "count", "_per_key");
    columns_.push_back(info);
    const auto id = static_cast<ColumnId>(columns_.size() - 1);
    planned.partials.push_back({id, call});
    if (is_sum || function == AggregateFunction::kCount) totals_.insert(id);
    if (unbounded) unbounded_.insert(id);
    return id;
  }
  // A row space: the owner folds its own conditions into the value, the joint ones select.
  std::vector<ExpressionPtr> own;
  std::vector<ExpressionPtr> joint = planned.row_conditions;
  if (filter) {
    for (const ExpressionPtr& conjunct : SplitConjuncts(filter)) {
      const std::set<int> touched = LeavesOf(conjunct);
      (touched.size() == 1 && touched.count(leaf) != 0 ? own : joint).push_back(conjunct);
    }
  }
  ExpressionPtr value = is_sum ? argument : CountLiteral(1);
  if (!is_sum && argument) own.push_back(NotNull(argument));
  if (!own.empty()) value = When(MakeConjunction(own), value, is_sum ? nullptr : CountLiteral(0));
  const ColumnId owned = sites_[planned.site].Request(value, columns_);
  const ExpressionPtr condition = joint.empty() ? nullptr : MakeConjunction(joint);
  for (const RowSum& existing : planned.row_sums) {
    if (existing.value == owned && SameOrNull(existing.condition, condition)) return existing.output;
  }
  info.nullable = false;
  info.name = absl::StrCat(is_sum ? "sum" : "count", "_per_key");
  columns_.push_back(info);
  const auto id = static_cast<ColumnId>(columns_.size() - 1);
  planned.row_sums.push_back({id, owned, condition});
  totals_.insert(id);
  if (unbounded) unbounded_.insert(id);
  return id;
}

absl::Status StarPlacement::CheckUnmatched(int leaf, const ExpressionPtr& argument, const ExpressionPtr& filter,
                                           sql::SourcePosition position) const {
  if (!question_.block.leaves[leaf].optional) return absl::OkStatus();
  const auto leaves_out = [&](const ExpressionPtr& part) { return LeavesOf(part).count(leaf) != 0 && IsStrict(part); };
  if (argument && leaves_out(argument)) return absl::OkStatus();
  if (filter) {
    const std::vector<ExpressionPtr> conjuncts = SplitConjuncts(filter);
    if (std::any_of(conjuncts.begin(), conjuncts.end(), leaves_out)) return absl::OkStatus();
  }
  return Refuse(position, "an aggregate that counts the rows that a LEFT JOIN across owners finds nothing for is not supported yet");
}

ExpressionPtr StarPlacement::Multiplicity(int leaf) {
  const ColumnId rows = PartialOf(leaf, AggregateFunction::kCountStar, nullptr, nullptr);
  ExpressionPtr column = MakeColumn(rows, columns_[rows].type);
  if (!question_.block.leaves[leaf].optional) return column;
  // LEFT JOIN keeps a key without rows once.
  if (leaves_[leaf].level == Level::kPreAggregated)
    return MakeCall(Function::kCoalesce, {column, CountLiteral(1)}, kBigIntType);
  return When(MakeCall(Function::kGreater, {column, CountLiteral(0)}, kBooleanType), column, CountLiteral(1));
}

std::vector<ExpressionPtr> StarPlacement::Factors(int except_leaf) {
  std::vector<ExpressionPtr> factors;
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const int leaf = static_cast<int>(i);
    if (leaf == except_leaf || leaves_[i].level == Level::kDirect) continue;
    factors.push_back(Multiplicity(leaf));
  }
  return factors;
}

absl::StatusOr<ExpressionPtr> StarPlacement::ToKeyLevel(const ExpressionPtr& expression) {
  if (!expression) return expression;
  ExpressionPtr resolved = Resolve(expression, question_.upper);
  if (question_.inner) resolved = Resolve(Resolve(resolved, inner_results_), question_.lower);
  resolved = DropKeyColumns(resolved);
  std::set<ColumnId> used;
  CollectColumns(resolved, used);
  for (ColumnId column : used) {
    if (Contains(question_.block.key_class, column)) {
      return Refuse(expression->position,
                    "a key column may only be joined on, grouped by in a subquery, and counted");
    }
  }
  return resolved;
}

absl::Status StarPlacement::PlaceInnerCalls() {
  const AggregateNode& inner = *question_.inner;
  const bool by_key = std::any_of(inner.group_by.begin(), inner.group_by.end(), [&](ColumnId column) {
    const ExpressionPtr group = Resolve(MakeColumn(column, columns_[column].type), question_.lower);
    const auto* plain = std::get_if<ColumnExpression>(&group->node);
    if (plain == nullptr || !Contains(question_.block.key_class, plain->column)) return false;
    return std::any_of(question_.block.leaves.begin(), question_.block.leaves.end(), [&](const Leaf& leaf) {
      return !leaf.optional && Contains(OutputColumns(*leaf.node), plain->column);
    });
  });
  if (!by_key) {
    return Refuse({}, "a subquery over several owners must group by the join key (first version)",
                  "add the key, such as bsn, to the subquery's GROUP BY");
  }
  // Where a sum's being NULL matters, its count comes along.
  std::vector<ExpressionPtr> uses = question_.conjuncts;
  for (const NamedAggregate& named : question_.top.calls) {
    for (const ExpressionPtr& part : {named.call.argument, named.call.filter}) {
      if (part) uses.push_back(Resolve(part, question_.upper));
    }
  }
  for (const NamedAggregate& named : inner.calls) {
    const AggregateCall& call = named.call;
    const ExpressionPtr argument =
        call.argument ? DropKeyColumns(Resolve(call.argument, question_.lower)) : nullptr;
    const ExpressionPtr filter =
        call.filter ? DropKeyColumns(Resolve(call.filter, question_.lower)) : nullptr;
    std::set<int> touched = LeavesOf(argument);
    touched.merge(LeavesOf(filter));
    bool several = false;
    const std::optional<int> many = SoleManyLeaf(touched, several);
    if (several)
      return Refuse(call.position, "an aggregate over two tables with many rows a key is not supported yet");
    if (call.distinct)
      return Refuse(call.position, "DISTINCT in a subquery over several owners is not supported yet");
    if (call.function == AggregateFunction::kCount && argument && many &&
        LeavesOf(argument).count(*many) == 0) {
      return Refuse(call.position, "COUNT of one table's column filtered by another's is not supported yet");
    }
    if (many) CARE_RETURN_IF_ERROR(CheckUnmatched(*many, argument, filter, call.position));
    ExpressionPtr result;
    const std::vector<ExpressionPtr> factors = Factors(many.value_or(-1));
    switch (call.function) {
      case AggregateFunction::kCountStar:
      case AggregateFunction::kCount: {
        std::vector<ExpressionPtr> parts = factors;
        if (many) {
          const ColumnId count = PartialOf(*many, call.function, argument, filter);
          ExpressionPtr column = MakeColumn(count, columns_[count].type);
          if (columns_[count].nullable)
            column = MakeCall(Function::kCoalesce, {column, CountLiteral(0)}, kBigIntType);
          parts.insert(parts.begin(), column);
          result = Product(parts, kBigIntType);
        } else {
          std::vector<ExpressionPtr> conditions;
          if (filter) conditions.push_back(filter);
          if (argument && DerivedColumn(argument, columns_).nullable) conditions.push_back(NotNull(argument));
          result = parts.empty() ? CountLiteral(1) : Product(parts, kBigIntType);
          if (!conditions.empty()) result = When(MakeConjunction(conditions), result, CountLiteral(0));
        }
        break;
      }
      case AggregateFunction::kSum: {
        if (many && LeavesOf(argument).size() != 1) {
          return Refuse(call.position, "SUM over an expression of two tables' columns is not supported yet");
        }
        std::vector<ExpressionPtr> parts = factors;
        if (!many) {
          parts.insert(parts.begin(), argument);
          result = Product(parts, argument->type);
          if (filter) result = When(filter, result, nullptr);
          break;
        }
        const ColumnId sum = PartialOf(*many, call.function, argument, filter);
        const bool null_is_zero = std::all_of(uses.begin(), uses.end(), [&](const ExpressionPtr& use) {
          return OnlyUnderCoalesceZero(use, named.column);
        });
        if (leaves_[*many].level == Level::kRows && !null_is_zero) {
          const ColumnId count = PartialOf(*many, AggregateFunction::kCount, argument, filter);
          null_where_zero_.push_back({sum, count});
          columns_[sum].nullable = true;
        }
        parts.insert(parts.begin(), MakeColumn(sum, columns_[sum].type));
        result = Product(parts, columns_[sum].type);
        break;
      }
      case AggregateFunction::kMin:
      case AggregateFunction::kMax: {
        if (!many || leaves_[*many].level != Level::kPreAggregated) {
          return Refuse(call.position, "MIN and MAX over several owners' rows are not supported yet");
        }
        const ColumnId extreme = PartialOf(*many, call.function, argument, filter);
        result = MakeColumn(extreme, columns_[extreme].type);
        break;
      }
      default:
        return Refuse(call.position,
                      "AVG, BOOL_AND and BOOL_OR in a subquery over several owners are not supported yet",
                      "use SUM and COUNT there, and divide outside");
    }
    inner_results_.emplace_back(named.column, result);
  }
  return absl::OkStatus();
}

}  // namespace care::planner
