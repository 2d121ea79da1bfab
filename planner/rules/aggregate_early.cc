#include <algorithm>
#include <optional>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

constexpr std::uint64_t kManyMatches = 16;

// A subtree of one owner under the aggregate's joins.
struct Side {
  LogicalPtr node;
  bool null_supplied = false;
};

bool Touches(const ExpressionPtr& expression, const ColumnSet& columns) {
  return !Within(ColumnsOf(expression), columns).empty();
}

bool IsNullOrZero(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  if (literal == nullptr) return false;
  if (IsNull(literal->value)) return true;
  if (const auto* integer = std::get_if<std::int64_t>(&literal->value)) return *integer == 0;
  const auto* decimal = std::get_if<Decimal>(&literal->value);
  return decimal != nullptr && decimal->unscaled == 0;
}

ExpressionPtr WithNode(const ExpressionPtr& like, ExpressionNode node) {
  return std::make_shared<const Expression>(Expression{std::move(node), like->type, like->position});
}

class EarlyAggregate {
 public:
  EarlyAggregate(LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options)
      : plan_(plan), catalog_(catalog), options_(options), facts_(plan.columns, catalog) {}

  // The aggregate with one side aggregated, or nothing if no side gains.
  std::optional<LogicalPtr> Rewrite(const AggregateNode& whole) {
    std::vector<Side> sides;
    if (!Collect(whole.child, false, sides) || sides.size() < 2) return std::nullopt;
    for (const Side& side : sides) {
      if (std::optional<LogicalPtr> rewritten = Try(whole, side)) return rewritten;
    }
    return std::nullopt;
  }

 private:
  bool IsSide(const LogicalNode& node) const {
    const auto* filter = std::get_if<FilterNode>(&node.node);
    return IsOwnersPart(filter != nullptr ? *filter->child : node, catalog_, options_.all_secret);
  }

  // False where something stands between that the rule does not see through.
  bool Collect(const LogicalPtr& node, bool null_supplied, std::vector<Side>& sides) {
    if (IsSide(*node)) {
      sides.push_back({node, null_supplied});
      return true;
    }
    if (const auto* filter = std::get_if<FilterNode>(&node->node)) {
      conditions_.push_back(filter->predicate);
      return Collect(filter->child, null_supplied, sides);
    }
    if (const auto* join = std::get_if<JoinNode>(&node->node)) {
      if (join->kind == JoinKind::kFull) return false;
      conditions_.push_back(join->condition);
      if (!Collect(join->left, null_supplied, sides)) return false;
      if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) return true;
      return Collect(join->right, null_supplied || join->kind == JoinKind::kLeft, sides);
    }
    return false;
  }

  // Sum over the side's rows of an expression that is linear in the side's columns, in terms of sums of the side's own; null if it
  // is not linear.
  ExpressionPtr Linear(const ExpressionPtr& expression, const ExpressionPtr& filter) {
    const ColumnSet used = ColumnsOf(expression);
    if (IsOfSide(expression)) return Partial(AggregateFunction::kSum, expression, filter);
    if (!used.empty() && IsSubset(used, columns_)) return nullptr;
    if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
      if (call->function == Function::kMultiply) {
        for (int side = 0; side < 2; ++side) {
          if (Touches(call->arguments[side], columns_)) continue;
          const ExpressionPtr sum = Linear(call->arguments[1 - side], filter);
          if (sum == nullptr) return nullptr;
          std::vector<ExpressionPtr> factors = call->arguments;
          factors[1 - side] = sum;
          return WithNode(expression, CallExpression{Function::kMultiply, std::move(factors)});
        }
      }
      return nullptr;
    }
    if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
      const ExpressionPtr sum = Linear(cast->operand, filter);
      return sum == nullptr ? nullptr : WithNode(expression, CastExpression{sum});
    }
    const auto* chosen = std::get_if<CaseExpression>(&expression->node);
    if (chosen == nullptr) return nullptr;
    CaseExpression sums;
    const auto sum_of = [&](const ExpressionPtr& result) { return IsNullOrZero(result) ? result : Linear(result, filter); };
    for (const CaseExpression::Branch& branch : chosen->branches) {
      if (Touches(branch.condition, columns_)) return nullptr;
      const ExpressionPtr sum = sum_of(branch.result);
      if (sum == nullptr) return nullptr;
      sums.branches.push_back({branch.condition, sum});
    }
    sums.otherwise = chosen->otherwise == nullptr ? nullptr : sum_of(chosen->otherwise);
    if (chosen->otherwise != nullptr && sums.otherwise == nullptr) return nullptr;
    return WithNode(expression, std::move(sums));
  }

  ExpressionPtr Partial(AggregateFunction function, const ExpressionPtr& argument, const ExpressionPtr& filter) {
    AggregateCall call;
    call.function = function;
    call.argument = argument;
    call.filter = filter;
    call.type = AggregateType(function, argument == nullptr ? DataType{} : argument->type).value_or(kNumericType);
    for (const NamedAggregate& other : partials_) {
      if (SameCall(other.call, call)) return MakeColumn(other.column, call.type);
    }
    ColumnInfo info;
    info.name = function == AggregateFunction::kCountStar ? "rows" : std::string(kUnnamedPart);
    info.type = call.type;
    const ColumnId column = plan_.AddColumn(std::move(info));
    partials_.push_back({column, call});
    return MakeColumn(column, call.type);
  }

  // How many of the side's rows one row of the join stands for.
  ExpressionPtr Multiplicity() {
    const ExpressionPtr rows = Partial(AggregateFunction::kCountStar, nullptr, nullptr);
    if (!null_supplied_) return rows;
    return MakeCall(Function::kCoalesce, {rows, CountLiteral(1)}, kBigIntType);
  }

  ExpressionPtr ZeroWhereNone(const ExpressionPtr& count) const {
    return null_supplied_ ? MakeCall(Function::kCoalesce, {count, CountLiteral(0)}, kBigIntType) : count;
  }

  ExpressionPtr TimesRows(const ExpressionPtr& value) {
    return MakeCall(Function::kMultiply, {value, Multiplicity()}, value->type.kind == TypeKind::kNumeric ? value->type : kBigIntType,
                    value->position);
  }

  // What the side alone can compute: where rows may find none of the side's, it must then be NULL, as for an empty sum.
  bool IsOfSide(const ExpressionPtr& expression) const {
    if (expression == nullptr) return false;
    const ColumnSet used = ColumnsOf(expression);
    return !used.empty() && IsSubset(used, columns_) && (!null_supplied_ || IsStrict(expression));
  }

  // The call over the reduced side; false if the side's other columns must be grouped by for it (`wanted_`) or it forbids the rule.
  bool Reduce(AggregateCall& call) {
    const bool of_side = IsOfSide(call.argument);
    const bool filter_of_side = IsOfSide(call.filter);
    switch (call.function) {
      case AggregateFunction::kMin:
      case AggregateFunction::kMax:
      case AggregateFunction::kBoolAnd:
      case AggregateFunction::kBoolOr:
        if (of_side && (call.filter == nullptr || filter_of_side)) {
          call.argument = Partial(call.function, call.argument, call.filter);
          call.filter = nullptr;
        } else {
          Want(call.argument);
          Want(call.filter);
        }
        return true;
      case AggregateFunction::kCountStar:
      case AggregateFunction::kCount:
        if (call.distinct) break;
        if (call.function == AggregateFunction::kCountStar ? filter_of_side : of_side && (call.filter == nullptr || filter_of_side)) {
          call.argument = ZeroWhereNone(Partial(call.function, call.argument, call.filter));
          call.filter = nullptr;
        } else {
          // Rows that do not count add zero: a group without any is counted as zero, not NULL.
          Want(call.argument);
          Want(call.filter);
          std::vector<ExpressionPtr> conditions;
          if (call.filter != nullptr) conditions.push_back(call.filter);
          if (call.function == AggregateFunction::kCount) conditions.push_back(NotNull(call.argument));
          call.argument = Multiplicity();
          if (!conditions.empty()) call.argument = When(MakeConjunction(std::move(conditions)), call.argument, CountLiteral(0));
          call.filter = nullptr;
        }
        counts_.push_back(true);
        call.function = AggregateFunction::kSum;
        return true;
      case AggregateFunction::kSum: {
        if (call.distinct) break;
        if (call.filter == nullptr || filter_of_side || !Touches(call.filter, columns_)) {
          const ExpressionPtr own_filter = filter_of_side ? call.filter : nullptr;
          if (Touches(call.argument, columns_)) {
            if (const ExpressionPtr sum = Linear(call.argument, own_filter)) {
              call.argument = sum;
              if (filter_of_side) call.filter = nullptr;
              return true;
            }
          }
        }
        Want(call.argument);
        Want(call.filter);
        call.argument = TimesRows(call.argument);
        return true;
      }
      case AggregateFunction::kPercentileContinuous:
      case AggregateFunction::kPercentileDiscrete:
      default:
        return false;
    }
    // DISTINCT does not see how often a value comes.
    Want(call.argument);
    Want(call.filter);
    return true;
  }

  void Want(const ExpressionPtr& expression) {
    if (expression == nullptr) return;
    for (ColumnId column : Within(ColumnsOf(expression), columns_)) wanted_.insert(column);
  }

  std::optional<LogicalPtr> Try(const AggregateNode& whole, const Side& side) {
    columns_ = OutputSet(*side.node);
    null_supplied_ = side.null_supplied;
    partials_.clear();
    counts_.clear();
    if (ScannedParties(*side.node, catalog_).empty()) return std::nullopt;
    ColumnSet keys;
    for (const ExpressionPtr& condition : conditions_) {
      for (ColumnId column : Within(ColumnsOf(condition), columns_)) keys.insert(column);
    }
    wanted_ = keys;
    for (ColumnId group : whole.group_by) {
      if (columns_.count(group) != 0) wanted_.insert(group);
    }
    const std::size_t first_new = plan_.columns.size();
    AggregateNode above{nullptr, whole.group_by, {}};
    std::vector<bool> was_count;
    for (const NamedAggregate& named : whole.calls) {
      AggregateCall call = named.call;
      const std::size_t counts = counts_.size();
      if (!Reduce(call)) {
        plan_.columns.resize(first_new);
        return std::nullopt;
      }
      was_count.push_back(counts_.size() != counts);
      above.calls.push_back({named.column, std::move(call)});
    }
    // Worth it where rows become few, or a key makes a cheap join possible.
    const std::uint64_t rows = facts_.Bound(*side.node);
    const std::uint64_t groups = facts_.MostDistinct(*side.node, wanted_);
    const bool already = facts_.IsKey(*side.node, wanted_);
    const bool makes_key = !keys.empty() && wanted_ == keys;
    // Jointly, adding up costs a sort: only where a row would find too many others.
    const bool pays = options_.all_secret
                          ? makes_key && side.null_supplied && facts_.MostRowsPer(*side.node, keys).value_or(rows) > kManyMatches
                          : makes_key || groups <= rows / 2;
    if (already || wanted_.empty() || !pays) {
      plan_.columns.resize(first_new);
      return std::nullopt;
    }
    const LogicalPtr reduced =
        MakeNode(AggregateNode{side.node, {wanted_.begin(), wanted_.end()}, std::move(partials_)});
    above.child = Replace(whole.child, side.node, reduced);
    // A count over no rows at all is zero, not NULL; in a group there is always a row.
    if (!whole.group_by.empty() || std::find(was_count.begin(), was_count.end(), true) == was_count.end())
      return MakeNode(std::move(above));
    ProjectNode project{nullptr, {}};
    for (ColumnId column : whole.group_by) project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
    for (std::size_t i = 0; i < above.calls.size(); ++i) {
      NamedAggregate& named = above.calls[i];
      if (!was_count[i]) {
        project.columns.push_back({named.column, MakeColumn(named.column, named.call.type)});
        continue;
      }
      ColumnInfo info;
      info.name = plan_.columns[named.column].name;
      info.type = named.call.type;
      const ColumnId sum = plan_.AddColumn(std::move(info));
      project.columns.push_back(
          {named.column, MakeCall(Function::kCoalesce, {MakeColumn(sum, named.call.type), CountLiteral(0)}, named.call.type)});
      named.column = sum;
    }
    project.child = MakeNode(std::move(above));
    return MakeNode(std::move(project));
  }

  static LogicalPtr Replace(const LogicalPtr& tree, const LogicalPtr& part, const LogicalPtr& by) {
    if (tree == part) return by;
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*tree)) children.push_back(Replace(child, part, by));
    return WithChildren(tree, std::move(children));
  }

  LogicalPlan& plan_;
  const Catalog& catalog_;
  const TableRuleOptions& options_;
  RowFacts facts_;
  std::vector<ExpressionPtr> conditions_;
  ColumnSet columns_;  // of the side that is tried
  bool null_supplied_ = false;
  ColumnSet wanted_;   // what it would be grouped by
  std::vector<NamedAggregate> partials_;
  std::vector<bool> counts_;  // an entry for each count that became a sum
};

constexpr int kMostSides = 16;

}  // namespace

LogicalPtr AggregateEarly(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options) {
  if (IsOwnersPart(*node, catalog, options.all_secret)) return node;
  const auto* release = std::get_if<ReleaseNode>(&node->node);
  const LogicalPtr top = release != nullptr ? release->child : node;
  const auto* aggregate = std::get_if<AggregateNode>(&top->node);
  if (aggregate == nullptr) {
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(AggregateEarly(child, plan, catalog, options));
    return WithChildren(node, std::move(children));
  }
  LogicalPtr current = WithChildren(top, {AggregateEarly(aggregate->child, plan, catalog, options)});
  LogicalPtr above;  // what counts of whole tables need over it, once
  for (int side = 0; side < kMostSides; ++side) {
    const auto* whole = std::get_if<AggregateNode>(&current->node);
    if (whole == nullptr) break;
    std::optional<LogicalPtr> rewritten = EarlyAggregate(plan, catalog, options).Rewrite(*whole);
    if (!rewritten) break;
    RefreshColumns(**rewritten, plan, catalog);
    if (const auto* project = std::get_if<ProjectNode>(&(*rewritten)->node)) {
      above = above == nullptr ? *rewritten : above;
      current = project->child;
      continue;
    }
    current = *rewritten;
  }
  // The gate reads counts, so they are made of the sums before it.
  const LogicalPtr result = above == nullptr ? current : WithChildren(above, {current});
  return release != nullptr ? MakeNode(ReleaseNode{result, release->read_by_gate}) : result;
}

}  // namespace care::planner
