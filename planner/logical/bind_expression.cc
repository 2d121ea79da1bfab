// Expressions, one method for each node of the syntax tree.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

constexpr std::size_t kMostColumnsListed = 12;  // in a hint

// Nested ANDs and ORs become one call.
void Flatten(Function function, const ExpressionPtr& expression, std::vector<ExpressionPtr>& operands) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || call->function != function) {
    operands.push_back(expression);
    return;
  }
  operands.insert(operands.end(), call->arguments.begin(), call->arguments.end());
}

ExpressionPtr Not(ExpressionPtr operand, sql::SourcePosition position) {
  return MakeCall(Function::kNot, {std::move(operand)}, kBooleanType, position);
}

Function FunctionOf(sql::BinaryOperator op) {
  switch (op) {
    case sql::BinaryOperator::kAdd:
      return Function::kAdd;
    case sql::BinaryOperator::kSubtract:
      return Function::kSubtract;
    case sql::BinaryOperator::kMultiply:
      return Function::kMultiply;
    case sql::BinaryOperator::kDivide:
      return Function::kDivide;
    case sql::BinaryOperator::kModulo:
      return Function::kModulo;
    case sql::BinaryOperator::kConcatenate:
      return Function::kConcat;
    case sql::BinaryOperator::kEqual:
      return Function::kEqual;
    case sql::BinaryOperator::kNotEqual:
      return Function::kNotEqual;
    case sql::BinaryOperator::kLess:
      return Function::kLess;
    case sql::BinaryOperator::kLessOrEqual:
      return Function::kLessOrEqual;
    case sql::BinaryOperator::kGreater:
      return Function::kGreater;
    case sql::BinaryOperator::kGreaterOrEqual:
      return Function::kGreaterOrEqual;
    case sql::BinaryOperator::kAnd:
      return Function::kAnd;
    case sql::BinaryOperator::kOr:
      return Function::kOr;
  }
  return Function::kAnd;
}

}  // namespace

QueryBinder::Result QueryBinder::BindExpression(const sql::Expression& expression,
                                                ExpressionContext& context) {
  return std::visit([&](const auto& node) { return BindNode(node, expression.position, context); },
                    expression.node);
}

QueryBinder::Result QueryBinder::BindBoolean(const sql::Expression& expression, ExpressionContext& context) {
  const std::string clause(context.clause);
  CARE_ASSIGN_OR_RETURN(ExpressionPtr bound, BindExpression(expression, context));
  if (bound->type.kind == TypeKind::kUnknown) return CoerceTo(bound, kBooleanType);
  if (bound->type.kind != TypeKind::kBoolean) {
    return Error(expression.position, absl::StrCat("argument of ", clause, " must be type boolean, not type ",
                                                   bound->type.ToString()));
  }
  return bound;
}

QueryBinder::Result QueryBinder::BindNode(const sql::Literal& node, sql::SourcePosition position,
                                          ExpressionContext&) {
  return MakeLiteral(node.value, TypeOfLiteral(node.value), position);
}

QueryBinder::Result QueryBinder::BindNode(const sql::ColumnName& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  const std::string& name = node.parts.back();
  const std::string qualifier = node.parts.size() >= 2 ? node.parts[node.parts.size() - 2] : "";
  const std::string schema = node.parts.size() >= 3 ? node.parts[node.parts.size() - 3] : "";
  const auto named = [&](const ScopeTable& table) {
    return (qualifier.empty() || table.name == qualifier) && (schema.empty() || table.schema == schema);
  };
  bool table_found = false;
  std::vector<std::string> candidates;
  const ScopeTable* unreadable = nullptr;
  // The nearest block that knows the name decides.
  for (const Scope* scope = context.scope; scope != nullptr && !table_found; scope = scope->enclosing) {
    std::optional<NamedColumn> found;
    const ScopeTable* found_in = nullptr;
    for (const ScopeTable& table : scope->tables) {
      if (scope->readable) {
        for (const NamedColumn& column : table.columns) {
          candidates.push_back(qualifier.empty() ? column.name : absl::StrCat(table.name, ".", column.name));
        }
      }
      if (!named(table)) continue;
      if (scope->readable && !qualifier.empty()) table_found = true;
      for (const NamedColumn& column : table.columns) {
        if (column.name != name || (qualifier.empty() && table.merged.count(name) != 0)) continue;
        if (!scope->readable) {
          if (unreadable == nullptr) unreadable = &table;
          continue;
        }
        if (found.has_value()) {
          return Error(position, absl::StrCat("column reference \"", name, "\" is ambiguous"),
                       found_in == &table
                           ? absl::StrCat("give the columns of ", table.name, " names of their own")
                           : absl::StrCat("write the table's name in front, as ", found_in->name, ".", name, " or ",
                                          table.name, ".", name));
        }
        found = column;
        found_in = &table;
      }
    }
    if (found.has_value()) return Reference(*found, position);
  }
  if (unreadable != nullptr && !table_found) {
    return Error(position, absl::StrCat("invalid reference to FROM-clause entry for table \"", unreadable->name, "\""),
                 "only a subquery after LATERAL can read the tables beside it; join them instead");
  }
  if (!table_found && !qualifier.empty()) {
    std::vector<std::string> tables;
    for (const ScopeTable& table : context.scope->tables) {
      if (!table.name.empty()) tables.push_back(table.name);
    }
    const std::string nearest = sql::NearestName(qualifier, tables);
    return Error(position, absl::StrCat("missing FROM-clause entry for table \"", qualifier, "\""),
                 nearest.empty() ? absl::StrCat("FROM names ", absl::StrJoin(tables, ", "))
                                 : absl::StrCat("did you mean \"", nearest, ".", name, "\"?"));
  }
  const std::string written = qualifier.empty() ? name : absl::StrCat(qualifier, ".", name);
  const std::string nearest = sql::NearestName(written, candidates);
  std::string hint;
  if (!nearest.empty()) {
    hint = absl::StrCat("did you mean \"", nearest, "\"?");
  } else if (qualifier.empty() && sql_.substr(position.offset, 1) == "\"") {
    hint = absl::StrCat("a text is written in single quotes: '", name, "'");
  } else if (!candidates.empty() && candidates.size() <= kMostColumnsListed) {
    hint = absl::StrCat("there are ", absl::StrJoin(candidates, ", "));
  }
  return Error(position, absl::StrCat("column \"", written, "\" does not exist"), hint);
}

QueryBinder::Result QueryBinder::BindNode(const sql::Star&, sql::SourcePosition position,
                                          ExpressionContext&) {
  return Error(position, "* stands alone in a select list or in COUNT(*)");
}

QueryBinder::Result QueryBinder::BindNode(const sql::Parameter& node, sql::SourcePosition position,
                                          ExpressionContext&) {
  return Error(position, absl::StrCat("there is no parameter $", node.index),
               "a prepared statement's values stand for its parameters; elsewhere write the value itself");
}

QueryBinder::Result QueryBinder::BindNode(const sql::Unary& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  if (node.op == sql::UnaryOperator::kNot) {
    ExpressionContext inner = context;
    inner.clause = context.aggregates == nullptr ? context.clause : "NOT";
    CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindBoolean(*node.operand, inner));
    return Not(std::move(operand), position);
  }
  if (const auto* literal = std::get_if<sql::Literal>(&node.operand->node); node.op == sql::UnaryOperator::kNegate && literal) {
    // The sign is part of the constant, so that the least value of a type is of that type.
    if (const auto* integer = std::get_if<std::int64_t>(&literal->value)) return BindNode(sql::Literal{Value(-*integer)}, position, context);
    const auto* decimal = std::get_if<Decimal>(&literal->value);
    if (decimal != nullptr && decimal->scale == 0 && -decimal->unscaled == INT64_MIN)
      return BindNode(sql::Literal{Value(std::int64_t{INT64_MIN})}, position, context);
  }
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  if (node.op == sql::UnaryOperator::kNegate) return Negate(std::move(operand), position);
  if (operand->type.IsExactNumber() || operand->type.IsFloat()) return operand;
  return Error(position, absl::StrCat("operator does not exist: + ", operand->type.ToString()));
}

QueryBinder::Result QueryBinder::BindNode(const sql::Binary& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  const Function function = FunctionOf(node.op);
  if (function == Function::kAnd || function == Function::kOr) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr left, BindBoolean(*node.left, context));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr right, BindBoolean(*node.right, context));
    std::vector<ExpressionPtr> operands;
    Flatten(function, left, operands);
    Flatten(function, right, operands);
    return MakeCall(function, std::move(operands), kBooleanType, position);
  }
  if (IsRow(*node.left) && IsRow(*node.right)) return BindRowComparison(function, *node.left, *node.right, position, context);
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, BindExpression(*node.left, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr right, BindExpression(*node.right, context));
  switch (node.op) {
    case sql::BinaryOperator::kEqual:
    case sql::BinaryOperator::kNotEqual:
    case sql::BinaryOperator::kLess:
    case sql::BinaryOperator::kLessOrEqual:
    case sql::BinaryOperator::kGreater:
    case sql::BinaryOperator::kGreaterOrEqual:
      return Compare(function, std::move(left), std::move(right), position);
    case sql::BinaryOperator::kConcatenate: {
      const auto textual = [](const ExpressionPtr& side) {
        return side->type.kind == TypeKind::kText || side->type.kind == TypeKind::kUnknown;
      };
      if (!textual(left) && !textual(right)) {
        return Error(position, absl::StrCat("operator does not exist: ", left->type.ToString(), " || ",
                                            right->type.ToString()));
      }
      // Beside a text anything is taken as its text.
      for (ExpressionPtr* side : {&left, &right}) {
        *side = AsTimestamp(*side);
        const sql::SourcePosition place = (*side)->position;
        CARE_ASSIGN_OR_RETURN(*side, textual(*side) ? CoerceTo(*side, kTextType) : CastTo(*side, kTextType, place));
      }
      return MakeCall(Function::kConcat, {std::move(left), std::move(right)}, kTextType, position);
    }
    default:
      return Arithmetic(function, std::move(left), std::move(right), position);
  }
}

QueryBinder::Result QueryBinder::BindNode(const sql::Between& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr low, BindExpression(*node.low, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr high, BindExpression(*node.high, context));
  const auto within = [&](const ExpressionPtr& least, const ExpressionPtr& most) -> Result {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr above, Compare(Function::kGreaterOrEqual, operand, least, position));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr below, Compare(Function::kLessOrEqual, operand, most, position));
    return MakeCall(Function::kAnd, {std::move(above), std::move(below)}, kBooleanType, position);
  };
  CARE_ASSIGN_OR_RETURN(ExpressionPtr between, within(low, high));
  if (node.symmetric) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr reversed, within(high, low));
    between = MakeCall(Function::kOr, {std::move(between), std::move(reversed)}, kBooleanType, position);
  }
  return node.negated ? Not(std::move(between), position) : between;
}

QueryBinder::Result QueryBinder::BindNode(const sql::InList& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  if (IsRow(*node.operand)) return BindRowInList(node, position, context);
  Arguments values;
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  values.push_back(operand);
  bool all_literals = true;
  for (const sql::ExpressionPtr& item : node.items) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr value, BindExpression(*item, context));
    all_literals = all_literals && std::holds_alternative<LiteralExpression>(value->node);
    values.push_back(std::move(value));
  }
  const bool untyped = std::any_of(values.begin(), values.end(),
                                   [](const ExpressionPtr& value) { return value->type.kind == TypeKind::kUnknown; });
  if (untyped) {
    // Constants are read as what the operand and the other constants have in common.
    DataType common = AsTimestamp(operand)->type;
    for (const ExpressionPtr& value : values) {
      if (value != operand && ConstantOf(value)) common = CommonType(common, AsTimestamp(value)->type).value_or(common);
    }
    for (ExpressionPtr& value : values) {
      if (!common.IsTimestamp() || (value != operand && value->type.kind != TypeKind::kUnknown)) continue;
      CARE_ASSIGN_OR_RETURN(value, CoerceTo(AsTimestamp(value), common));
    }
    operand = values[0];
  }
  ExpressionPtr in;
  if (all_literals) {
    Arguments unified = values;
    CARE_ASSIGN_OR_RETURN(const DataType type, Unify(unified, "IN", position));
    // Constants of double precision are casts: they are compared one by one.
    all_literals = !type.IsFloat();
    if (all_literals) values = std::move(unified);
  }
  if (all_literals) {
    InListExpression list{values[0], {}};
    for (std::size_t i = 1; i < values.size(); ++i) {
      list.values.push_back(std::get<LiteralExpression>(values[i]->node).value);
    }
    in = std::make_shared<const Expression>(Expression{std::move(list), kBooleanType, position});
  } else {
    Arguments equalities;
    for (std::size_t i = 1; i < values.size(); ++i) {
      CARE_ASSIGN_OR_RETURN(ExpressionPtr equality, Compare(Function::kEqual, operand, values[i], position));
      equalities.push_back(std::move(equality));
    }
    in = equalities.size() == 1 ? equalities[0]
                                : MakeCall(Function::kOr, std::move(equalities), kBooleanType, position);
  }
  return node.negated ? Not(std::move(in), position) : in;
}

QueryBinder::Result QueryBinder::BindNode(const sql::IsNull& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  const Function function = node.negated ? Function::kIsNotNull : Function::kIsNull;
  if (const ExpressionPtr exact = WithoutCast(operand)) operand = exact;
  return MakeCall(function, {std::move(operand)}, kBooleanType, position);
}

QueryBinder::Result QueryBinder::BindNode(const sql::IsDistinct& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  if (IsRow(*node.left) && IsRow(*node.right)) {
    return BindRowComparison(node.negated ? Function::kIsNotDistinct : Function::kIsDistinct, *node.left, *node.right, position, context);
  }
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, BindExpression(*node.left, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr right, BindExpression(*node.right, context));
  return Compare(node.negated ? Function::kIsNotDistinct : Function::kIsDistinct, std::move(left),
                 std::move(right), position);
}

QueryBinder::Result QueryBinder::BindNode(const sql::IsBoolean& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  ExpressionContext inner = context;
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindBoolean(*node.operand, inner));
  const Function function = node.truth == sql::TruthValue::kTrue    ? Function::kIsTrue
                            : node.truth == sql::TruthValue::kFalse ? Function::kIsFalse
                                                                    : Function::kIsUnknown;
  ExpressionPtr is = MakeCall(function, {std::move(operand)}, kBooleanType, position);
  return node.negated ? Not(std::move(is), position) : is;
}

QueryBinder::Result QueryBinder::BindNode(const sql::Case& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  ExpressionPtr operand;
  if (node.operand != nullptr) {
    CARE_ASSIGN_OR_RETURN(operand, BindExpression(*node.operand, context));
  }
  CaseExpression bound;
  Arguments results;
  for (const sql::CaseBranch& branch : node.branches) {
    ExpressionPtr condition;
    if (operand == nullptr) {
      ExpressionContext inner = context;
      inner.clause =
          context.clause == "aggregate" || context.aggregates != nullptr ? "CASE/WHEN" : context.clause;
      CARE_ASSIGN_OR_RETURN(condition, BindBoolean(*branch.condition, inner));
    } else {
      CARE_ASSIGN_OR_RETURN(ExpressionPtr value, BindExpression(*branch.condition, context));
      CARE_ASSIGN_OR_RETURN(condition,
                            Compare(Function::kEqual, operand, std::move(value), branch.condition->position));
    }
    CARE_ASSIGN_OR_RETURN(ExpressionPtr result, BindExpression(*branch.result, context));
    bound.branches.push_back({std::move(condition), nullptr});
    results.push_back(std::move(result));
  }
  if (node.otherwise != nullptr) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr otherwise, BindExpression(*node.otherwise, context));
    results.push_back(std::move(otherwise));
  } else {
    results.push_back(MakeLiteral(Null{}, {TypeKind::kUnknown}, position));
  }
  for (ExpressionPtr& result : results) result = AsTimestamp(result);
  CARE_ASSIGN_OR_RETURN(DataType type, Unify(results, "CASE", position));
  // NULL has no precision, so that the whole has none either.
  const auto is_null = [](const ExpressionPtr& result) { return IsNullLiteral(result); };
  if (type.kind == TypeKind::kNumeric && std::any_of(results.begin(), results.end(), is_null)) type.precision = 0;
  for (std::size_t i = 0; i < bound.branches.size(); ++i) bound.branches[i].result = results[i];
  bound.otherwise =
      IsNullLiteral(results.back()) ? MakeLiteral(Null{}, type, results.back()->position) : results.back();
  return std::make_shared<const Expression>(Expression{std::move(bound), type, position});
}

QueryBinder::Result QueryBinder::BindNode(const sql::Cast& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  return CastTo(std::move(operand), node.type, position);
}

QueryBinder::Result QueryBinder::BindNode(const sql::Extract& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  return BindExtract(node.field, *node.source, position, context);
}

QueryBinder::Result QueryBinder::BindNode(const sql::FunctionCall& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  if (node.over != nullptr) return BindWindowCall(node, position, context);
  if (IsAggregateName(node.name)) return BindAggregate(node, position, context);
  if (node.name == "grouping") return BindGrouping(node, position, context);
  return BindScalarFunction(node, position, context);
}

}  // namespace care::planner
