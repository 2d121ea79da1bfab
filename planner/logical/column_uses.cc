// Column rules: what the federation file lets a query make of each column, and the rules for keys. A computed
// column carries the base columns whose values it shows; a comparison or a CASE condition uses its operands
// as filters and shows nothing of them but the answer.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

bool IsTest(Function function) {
  switch (function) {
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessOrEqual:
    case Function::kGreater:
    case Function::kGreaterOrEqual:
    case Function::kIsNull:
    case Function::kIsNotNull:
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
    case Function::kLike:
    case Function::kILike:
    case Function::kSimilar:
    case Function::kRegex:
    case Function::kRegexIgnoringCase:
      return true;
    default:
      return false;
  }
}

bool Allowed(const ColumnRules& rules, ColumnUse use) {
  if (rules.is_public) return true;
  switch (use) {
    case ColumnUse::kInner:
      return rules.aggregate || rules.group_key || rules.filter || rules.join_key || rules.extreme ||
             rules.row;
    case ColumnUse::kFilter:
      return rules.filter;
    case ColumnUse::kCount:
    case ColumnUse::kAggregate:
      return rules.aggregate;
    case ColumnUse::kGroupKey:
      return rules.group_key;
    case ColumnUse::kExtreme:
      return rules.extreme;
  }
  return false;
}

std::string UsesOf(const ColumnRules& rules) {
  std::vector<std::string> uses;
  if (rules.aggregate) uses.push_back("aggregate");
  if (rules.group_key) uses.push_back("group_key");
  if (rules.filter) uses.push_back("filter");
  if (rules.join_key) uses.push_back("join_key");
  if (rules.extreme) uses.push_back("extreme");
  return uses.empty() ? "never" : absl::StrJoin(uses, ", ");
}

std::string_view Purpose(ColumnUse use) {
  switch (use) {
    case ColumnUse::kInner:
      return "be used at all";
    case ColumnUse::kFilter:
      return "be compared or filtered on";
    case ColumnUse::kCount:
    case ColumnUse::kAggregate:
      return "be aggregated";
    case ColumnUse::kGroupKey:
      return "be a group of a released table";
    case ColumnUse::kExtreme:
      return "be released as MIN, MAX or a percentile, which is one person's value";
  }
  return "";
}

std::string_view RuleName(ColumnUse use) {
  switch (use) {
    case ColumnUse::kInner:
      return "";
    case ColumnUse::kFilter:
      return "filter";
    case ColumnUse::kCount:
    case ColumnUse::kAggregate:
      return "aggregate";
    case ColumnUse::kGroupKey:
      return "group_key";
    case ColumnUse::kExtreme:
      return "extreme";
  }
  return "";
}

bool IsLiteral(const ExpressionPtr& expression) {
  return std::holds_alternative<LiteralExpression>(expression->node);
}

}  // namespace

const CatalogColumn* QueryBinder::KeyOf(const ExpressionPtr& expression) const {
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  if (column == nullptr) return nullptr;
  const ColumnInfo& info = plan_.columns[column->column];
  if (info.table < 0) return nullptr;
  const CatalogTable& table = catalog_.tables[info.table];
  const CatalogColumn& entry = table.columns[info.table_column];
  // Of a table that describes nobody, a key names nobody: it is a number like any other.
  return entry.key_domain.empty() || !table.about_persons ? nullptr : &entry;
}

absl::Status QueryBinder::KeyError(const ExpressionPtr& expression, bool constant) const {
  const std::string& name = KeyOf(expression)->name;
  if (constant) {
    return Error(
        expression->position,
        absl::StrCat("key column \"", name,
                     "\" is compared with a constant, which would send one person's number to every party"),
        absl::StrCat("join on ", name, ", or count it with COUNT(DISTINCT ", name, ")"));
  }
  return Error(expression->position,
               absl::StrCat("key column \"", name,
                            "\" may only be joined with =, counted, or grouped inside a subquery"),
               absl::StrCat("write COUNT(DISTINCT ", name, "), or GROUP BY ", name,
                            " in a subquery and aggregate over it"));
}

absl::Status QueryBinder::CheckColumn(ColumnId column, ColumnUse use, sql::SourcePosition position) const {
  std::set<ColumnId> origins = origins_[column];
  // A condition on a rank is one on what it is a rank by.
  if (const auto orders = ordered_by_.find(column); use == ColumnUse::kFilter && orders != ordered_by_.end())
    origins.insert(orders->second.begin(), orders->second.end());
  for (ColumnId origin : origins) {
    const ColumnInfo& info = plan_.columns[origin];
    const CatalogTable& table = catalog_.tables[info.table];
    const CatalogColumn& entry = table.columns[info.table_column];
    if ((!entry.key_domain.empty() && table.about_persons) || Allowed(entry.rules, use)) continue;
    std::string hint =
        use == ColumnUse::kInner
            ? absl::StrCat("its use is never: leave it out")
            : absl::StrCat("its use is ", UsesOf(entry.rules), "; only ", table.schema, " can allow ",
                           std::string(RuleName(use)), ", in the federation file");
    if (use == ColumnUse::kGroupKey) {
      absl::StrAppend(&hint, "; or group by a CASE that sorts its values into bands");
    }
    return Error(position,
                 absl::StrCat("column \"", entry.name, "\" of ", table.FullName(), " may not ",
                              std::string(Purpose(use))),
                 hint);
  }
  return absl::OkStatus();
}

absl::Status QueryBinder::CheckKeyPair(const ExpressionPtr& left, const ExpressionPtr& right,
                                       sql::SourcePosition position) const {
  const CatalogColumn* a = KeyOf(left);
  const CatalogColumn* b = KeyOf(right);
  if (a == nullptr && IsLiteral(left)) return KeyError(right, true);
  if (b == nullptr && IsLiteral(right)) return KeyError(left, true);
  if (a == nullptr || b == nullptr) {
    const CatalogColumn& key = a != nullptr ? *a : *b;
    return Error((a != nullptr ? left : right)->position,
                 absl::StrCat("key column \"", key.name, "\" is compared with what is no key of persons"),
                 absl::StrCat("a key of the kind ", key.key_domain, " is only joined with another table's, as a.", key.name,
                              " = b.", key.name));
  }
  if (a->key_domain != b->key_domain) {
    return Error(position,
                 absl::StrCat("keys \"", a->name, "\" and \"", b->name, "\" are of different kinds (",
                              a->key_domain, " and ", b->key_domain, ") and are never equal"));
  }
  for (const auto& [key, side] : {std::pair(a, left), std::pair(b, right)}) {
    if (!key->rules.join_key && !key->rules.is_public) {
      return Error(side->position, absl::StrCat("column \"", key->name, "\" may not be joined on"),
                   "its owner can allow join_key in the federation file");
    }
  }
  return absl::OkStatus();
}

absl::Status QueryBinder::CheckUses(const ExpressionPtr& expression, ColumnUse use) const {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    // A key as a whole value: what a subquery passes on, or what is counted.
    if (KeyOf(expression) != nullptr) {
      return use == ColumnUse::kInner || use == ColumnUse::kCount ? absl::OkStatus()
                                                                  : KeyError(expression, false);
    }
    return CheckColumn(column->column, use, expression->position);
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    const Arguments& arguments = call->arguments;
    if (call->function == Function::kEqual &&
        (KeyOf(arguments[0]) != nullptr || KeyOf(arguments[1]) != nullptr)) {
      return CheckKeyPair(arguments[0], arguments[1], expression->position);
    }
    if ((call->function == Function::kIsNull || call->function == Function::kIsNotNull) &&
        KeyOf(arguments[0]) != nullptr) {
      return absl::OkStatus();
    }
    const bool constant = std::any_of(arguments.begin(), arguments.end(), IsLiteral);
    const ColumnUse inner = IsTest(call->function) ? ColumnUse::kFilter : use;
    for (const ExpressionPtr& argument : arguments) {
      if (KeyOf(argument) != nullptr) return KeyError(argument, IsTest(call->function) && constant);
      CARE_RETURN_IF_ERROR(CheckUses(argument, inner));
    }
    return absl::OkStatus();
  }
  if (const auto* node = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : node->branches) {
      CARE_RETURN_IF_ERROR(CheckUses(branch.condition, ColumnUse::kFilter));
      if (KeyOf(branch.result) != nullptr) return KeyError(branch.result, false);
      CARE_RETURN_IF_ERROR(CheckUses(branch.result, use));
    }
    if (node->otherwise == nullptr) return absl::OkStatus();
    if (KeyOf(node->otherwise) != nullptr) return KeyError(node->otherwise, false);
    return CheckUses(node->otherwise, use);
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (KeyOf(cast->operand) != nullptr) return KeyError(cast->operand, false);
    return CheckUses(cast->operand, use);
  }
  if (const auto* in = std::get_if<InListExpression>(&expression->node)) {
    if (KeyOf(in->operand) != nullptr) return KeyError(in->operand, true);
    return CheckUses(in->operand, ColumnUse::kFilter);
  }
  if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) {
    if (subquery->kind == SubqueryKind::kExists) return absl::OkStatus();
    const ExpressionPtr yielded = MakeColumn(subquery->column, plan_.columns[subquery->column].type, expression->position);
    if (subquery->kind == SubqueryKind::kScalar) {
      return KeyOf(yielded) != nullptr ? KeyError(yielded, false) : CheckUses(yielded, use);
    }
    return CheckUses(MakeCall(Function::kEqual, {subquery->operand, yielded}, kBooleanType, expression->position),
                     ColumnUse::kFilter);
  }
  return absl::OkStatus();
}

std::set<ColumnId> QueryBinder::OriginsOf(const ExpressionPtr& expression) const {
  std::set<ColumnId> origins;
  const auto add = [&](const ExpressionPtr& part) {
    for (ColumnId origin : OriginsOf(part)) origins.insert(origin);
  };
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return origins_[column->column];
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    if (IsTest(call->function)) return origins;
    for (const ExpressionPtr& argument : call->arguments) add(argument);
  } else if (const auto* node = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : node->branches) add(branch.result);
    if (node->otherwise != nullptr) add(node->otherwise);
  } else if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    add(cast->operand);
  } else if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) {
    if (subquery->kind == SubqueryKind::kScalar) return origins_[subquery->column];
  }
  return origins;
}

std::set<ColumnId> QueryBinder::OrdersOf(const ExpressionPtr& expression) const {
  std::set<ColumnId> read, orders;
  CollectColumns(expression, read);
  for (const ColumnId column : read) {
    if (const auto found = ordered_by_.find(column); found != ordered_by_.end()) orders.insert(found->second.begin(), found->second.end());
  }
  return orders;
}

absl::Status QueryBinder::MayChooseRows(const ExpressionPtr& expression) const {
  if (KeyOf(expression) != nullptr) return absl::OkStatus();  // as in equalities, whose rows it tells apart
  const absl::Status filters = CheckUses(expression, ColumnUse::kFilter);
  if (filters.ok()) return filters;
  std::set<ColumnId> origins = OriginsOf(expression);
  origins.merge(OrdersOf(expression));
  const bool listed = std::ranges::all_of(origins, [&](ColumnId origin) {
    const ColumnInfo& info = plan_.columns[origin];
    const ColumnRules& rules = catalog_.tables[static_cast<std::size_t>(info.table)].columns[static_cast<std::size_t>(info.table_column)].rules;
    return rules.row || rules.is_public;
  });
  return listed ? absl::OkStatus() : filters;
}

bool QueryBinder::OpenScale(const ExpressionPtr& expression) const {
  if (expression->type.kind != TypeKind::kNumeric) return false;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return open_scale_.count(column->column) != 0;
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    if (call->function == Function::kDivide) return true;
    if (call->function == Function::kRound || call->function == Function::kFloor || call->function == Function::kCeil) return false;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (expression->type.precision != 0) return false;
    if (cast->operand->type.IsFloat()) return true;
  }
  if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) {
    return open_scale_.count(subquery->column) != 0;
  }
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::any_of(children.begin(), children.end(), [&](const ExpressionPtr& child) { return OpenScale(child); });
}

const Expression* QueryBinder::ProductOfQuotients(const ExpressionPtr& expression) const {
  if (expression == nullptr) return nullptr;
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call != nullptr && call->function == Function::kMultiply && OpenScale(call->arguments[0]) && OpenScale(call->arguments[1]))
    return expression.get();
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (const Expression* found = ProductOfQuotients(child)) return found;
  }
  return nullptr;
}

absl::Status QueryBinder::WhyRaising(const ExpressionPtr& expression) const {
  // Twenty digits behind the point are a quotient's at times, and 38 all that there are.
  if (const Expression* product = ProductOfQuotients(expression)) {
    return NotYet(product->position, "a product of two quotients on every row", "fix the digits of one with ROUND(x / y, 2)");
  }
  const std::optional<RaisingPart> raising = FindRaising(expression, plan_.columns);
  if (!raising.has_value()) return absl::OkStatus();
  return Error(raising->part->position,
               absl::StrCat(raising->why, ": an error that depends on a row would reveal it"), raising->hint);
}

}  // namespace care::planner
