#include <algorithm>
#include <map>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// What its owner computes even where nothing else is pushed to owners: the joint part has no circuit for it, or one of many
// rounds, as for divisions.
bool OnlyOwnersCompute(const ExpressionPtr& expression) {
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kLower:
      case Function::kUpper:
      case Function::kLength:
      case Function::kSubstring:
      case Function::kTrim:
      case Function::kConcat:
      case Function::kReplace:
      case Function::kLeft:
      case Function::kRight:
      case Function::kPosition:
      case Function::kPadLeft:
      case Function::kPadRight:
      case Function::kInitCap:
      case Function::kReverse:
      case Function::kRepeat:
      case Function::kSplitPart:
      case Function::kLike:
      case Function::kILike:
      case Function::kSimilar:
      case Function::kRegex:
      case Function::kRegexIgnoringCase:
      case Function::kDivide:
      case Function::kModulo:
      case Function::kRound:
      case Function::kFloor:
      case Function::kCeil:
      case Function::kExtractYear:
      case Function::kExtractMonth:
      case Function::kExtractDay:
      case Function::kExtractQuarter:
      case Function::kExtractDow:
      case Function::kDateTrunc:
      case Function::kExtractHour:
      case Function::kExtractMinute:
      case Function::kExtractSecond:
      case Function::kExtractEpoch:
      case Function::kTimestampTrunc:
      case Function::kTimestampAddInterval:
      case Function::kDateAddInterval:
        return true;
      default:
        break;
    }
  }
  // The day of a moment is a division.
  const auto* cast = std::get_if<CastExpression>(&expression->node);
  if (cast != nullptr && cast->operand->type.IsTimestamp() && expression->type.kind == TypeKind::kDate) return true;
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::any_of(children.begin(), children.end(), OnlyOwnersCompute);
}

class Depositor {
 public:
  Depositor(LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options)
      : plan_(plan), catalog_(catalog), options_(options) {}

  LogicalPtr Rewrite(const LogicalPtr& node) {
    if (IsOwnersPart(*node)) return node;
    // From the top, so that a part below sees what all above it want.
    std::vector<NamedExpression> wanted;
    LogicalPtr rewritten = node;
    if (!std::holds_alternative<ReleaseNode>(node->node) && !StandsAboveRelease(*node)) {
      rewritten = MapExpressions(node, [&](const ExpressionPtr& expression) { return Deposit(expression, *node, wanted); });
    }
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*rewritten)) {
      std::vector<NamedExpression> of_child;
      const ColumnSet available = OutputSet(*child);
      for (const NamedExpression& item : wanted) {
        if (IsSubset(ColumnsOf(item.expression), available)) of_child.push_back(item);
      }
      children.push_back(Rewrite(Push(child, of_child)));
    }
    return WithChildren(rewritten, std::move(children));
  }

 private:
  bool IsOwnersPart(const LogicalNode& node) const { return planner::IsOwnersPart(node, catalog_, options_.all_secret); }

  static bool StandsAboveRelease(const LogicalNode& node) {
    if (std::holds_alternative<ReleaseNode>(node.node)) return true;
    for (const LogicalPtr& child : ChildrenOf(node)) {
      if (StandsAboveRelease(*child)) return true;
    }
    return false;
  }

  // Whether an owner's part below yields all the columns, unchanged on the way up but for NULLs of outer joins.
  enum class Home { kNone, kPlain, kNullSupplied };
  Home HomeOf(const LogicalNode& node, const ColumnSet& columns) const {
    if (!IsSubset(columns, OutputSet(node))) return Home::kNone;
    if (IsOwnersPart(node)) return ScannedParties(node, catalog_).empty() ? Home::kNone : Home::kPlain;
    if (const auto* join = std::get_if<JoinNode>(&node.node)) {
      const Home left = HomeOf(*join->left, columns);
      if (left != Home::kNone) return join->kind == JoinKind::kFull ? Home::kNullSupplied : left;
      if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) return Home::kNone;
      const Home right = HomeOf(*join->right, columns);
      const bool supplied = join->kind == JoinKind::kLeft || join->kind == JoinKind::kFull;
      return right != Home::kNone && supplied ? Home::kNullSupplied : right;
    }
    if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
      for (const NamedExpression& item : project->columns) {
        const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
        if (columns.count(item.column) != 0 && (column == nullptr || column->column != item.column)) return Home::kNone;
      }
      return HomeOf(*project->child, columns);
    }
    if (std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<WindowNode>(node.node) ||
        std::holds_alternative<SortNode>(node.node)) {
      return HomeOf(*ChildrenOf(node)[0], columns);
    }
    return Home::kNone;
  }

  ExpressionPtr Deposit(const ExpressionPtr& expression, const LogicalNode& node, std::vector<NamedExpression>& wanted) {
    if (std::holds_alternative<ColumnExpression>(expression->node)) return expression;
    const ColumnSet columns = ColumnsOf(expression);
    if (columns.empty()) return expression;
    if (!options_.all_secret || OnlyOwnersCompute(expression)) {
      for (const LogicalPtr& child : ChildrenOf(node)) {
        const Home home = HomeOf(*child, columns);
        if (home == Home::kNone || (home == Home::kNullSupplied && !IsStrict(expression))) continue;
        // In all-secret mode only the innermost part that must be.
        if (options_.all_secret && HasPartToDeposit(expression)) continue;
        // A column has as many digits in every row.
        if (FindRaising(expression, plan_.columns) || HasOpenScale(expression)) continue;
        return MakeColumn(ColumnFor(expression, home == Home::kNullSupplied, wanted), expression->type, expression->position);
      }
    }
    const ExpressionPtr bundled = options_.all_secret ? expression : BundledByHome(expression, node);
    if (bundled != expression) return Deposit(bundled, node, wanted);
    std::vector<ExpressionPtr> children;
    for (const ExpressionPtr& child : ChildrenOf(expression)) children.push_back(Deposit(child, node, wanted));
    return children == ChildrenOf(expression) ? expression : WithChildren(expression, std::move(children));
  }

  // Operands of one AND or OR that one owner can judge become one operand: one bit to share instead of several.
  ExpressionPtr BundledByHome(const ExpressionPtr& expression, const LogicalNode& node) const {
    const auto* call = std::get_if<CallExpression>(&expression->node);
    if (call == nullptr || (call->function != Function::kAnd && call->function != Function::kOr)) return expression;
    struct Bundle {
      ColumnSet columns;
      std::vector<ExpressionPtr> operands;
    };
    std::vector<Bundle> bundles;
    for (const ExpressionPtr& operand : call->arguments) {
      const ColumnSet columns = ColumnsOf(operand);
      const auto fits = [&](const Bundle& bundle) {
        ColumnSet both = bundle.columns;
        both.insert(columns.begin(), columns.end());
        if (columns.empty() || bundle.columns.empty()) return false;
        const std::vector<LogicalPtr> children = ChildrenOf(node);
        return std::any_of(children.begin(), children.end(),
                           [&](const LogicalPtr& child) { return HomeOf(*child, both) == Home::kPlain; });
      };
      const auto found = std::find_if(bundles.begin(), bundles.end(), fits);
      if (found == bundles.end()) {
        bundles.push_back({columns, {operand}});
      } else {
        found->columns.insert(columns.begin(), columns.end());
        found->operands.push_back(operand);
      }
    }
    if (bundles.size() == call->arguments.size() || bundles.size() == 1) return expression;
    std::vector<ExpressionPtr> operands;
    for (Bundle& bundle : bundles) {
      operands.push_back(bundle.operands.size() == 1
                             ? bundle.operands[0]
                             : MakeCall(call->function, std::move(bundle.operands), kBooleanType, expression->position));
    }
    return MakeCall(call->function, std::move(operands), kBooleanType, expression->position);
  }

  // Logic and choices over what an owner deposits stay joint in all-secret mode: only the parts are deposited.
  static bool HasPartToDeposit(const ExpressionPtr& expression) {
    const auto* call = std::get_if<CallExpression>(&expression->node);
    return std::holds_alternative<CaseExpression>(expression->node) ||
           (call != nullptr && (call->function == Function::kAnd || call->function == Function::kOr ||
                                call->function == Function::kNot));
  }

  ColumnId ColumnFor(const ExpressionPtr& expression, bool null_supplied, std::vector<NamedExpression>& wanted) {
    for (const NamedExpression& known : deposited_) {
      if (!SameExpression(known.expression, expression)) continue;
      if (std::none_of(wanted.begin(), wanted.end(), [&](const NamedExpression& item) { return item.column == known.column; }))
        wanted.push_back(known);
      return known.column;
    }
    ColumnInfo info;
    info.name = std::string(kUnnamedPart);
    info.type = expression->type;
    SetFacts(FactsOf(expression, plan_.columns), info);
    info.nullable = info.nullable || null_supplied;
    const ColumnId column = plan_.AddColumn(std::move(info));
    deposited_.push_back({column, expression});
    wanted.push_back({column, expression});
    return column;
  }

  // The node, yielding the wanted columns too: computed directly above the owner's part that has theirs.
  LogicalPtr Push(const LogicalPtr& node, const std::vector<NamedExpression>& wanted) {
    std::vector<NamedExpression> missing;
    const ColumnSet outputs = OutputSet(*node);
    for (const NamedExpression& item : wanted) {
      if (outputs.count(item.column) == 0) missing.push_back(item);
    }
    if (missing.empty()) return node;
    if (const auto* there = std::get_if<ProjectNode>(&node->node); there != nullptr && IsOwnersPart(*node)) {
      // One projection beside what was deposited before.
      ProjectNode wider = *there;
      std::vector<std::pair<ColumnId, ExpressionPtr>> definitions;
      for (const NamedExpression& item : there->columns) definitions.emplace_back(item.column, item.expression);
      for (const NamedExpression& item : missing)
        wider.columns.push_back({item.column, SubstituteColumns(item.expression, definitions)});
      return MakeNode(std::move(wider));
    }
    if (IsOwnersPart(*node)) {
      ProjectNode project{node, {}};
      for (ColumnId column : OutputColumns(*node)) project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
      project.columns.insert(project.columns.end(), missing.begin(), missing.end());
      return MakeNode(std::move(project));
    }
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) {
      std::vector<NamedExpression> of_child;
      const ColumnSet available = OutputSet(*child);
      for (const NamedExpression& item : missing) {
        if (IsSubset(ColumnsOf(item.expression), available)) of_child.push_back(item);
      }
      children.push_back(Push(child, of_child));
    }
    LogicalPtr pushed = WithChildren(node, std::move(children));
    const auto* project = std::get_if<ProjectNode>(&pushed->node);
    if (project == nullptr) return pushed;
    ProjectNode wider = *project;
    for (const NamedExpression& item : missing)
      wider.columns.push_back({item.column, MakeColumn(item.column, plan_.columns[item.column].type)});
    return MakeNode(std::move(wider));
  }

  LogicalPlan& plan_;
  const Catalog& catalog_;
  const TableRuleOptions& options_;
  std::vector<NamedExpression> deposited_;
};

}  // namespace

bool IsOwnersPart(const LogicalNode& node, const Catalog& catalog, bool all_secret) {
  if (ScannedParties(node, catalog).size() > 1) return false;
  if (!all_secret || ChildrenOf(node).empty()) return true;
  const auto* project = std::get_if<ProjectNode>(&node.node);
  return project != nullptr && ChildrenOf(*project->child).empty();
}

LogicalPtr ComputeAtOwner(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options) {
  return Depositor(plan, catalog, options).Rewrite(node);
}

}  // namespace care::planner
