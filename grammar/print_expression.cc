// Expressions as SQL, with parentheses only where precedence asks for them.
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "engine/types/date.h"
#include "grammar/ast_print.h"
#include "grammar/ast_printer.h"
#include "grammar/interval_text.h"

namespace care::sql {
namespace {

// How tightly a node binds: the layers of CareSql.g4.
enum Level : int {
  kOrLevel = 1,
  kAndLevel,
  kNotLevel,
  kIsLevel,
  kComparisonLevel,
  kPredicateLevel,
  kOperationLevel,
  kSumLevel,
  kProductLevel,
  kSignedLevel,
  kPrimaryLevel,
};

int LevelOf(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kOr:
      return kOrLevel;
    case BinaryOperator::kAnd:
      return kAndLevel;
    case BinaryOperator::kConcatenate:
      return kOperationLevel;
    case BinaryOperator::kAdd:
    case BinaryOperator::kSubtract:
      return kSumLevel;
    case BinaryOperator::kMultiply:
    case BinaryOperator::kDivide:
    case BinaryOperator::kModulo:
      return kProductLevel;
    default:
      return kComparisonLevel;
  }
}

bool IsRegex(LikeKind kind) { return kind == LikeKind::kRegex || kind == LikeKind::kRegexIgnoringCase; }

bool IsNegative(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer < 0;
  if (const auto* decimal = std::get_if<Decimal>(&value)) return decimal->unscaled < 0;
  return false;
}

struct LevelOfNode {
  int operator()(const Literal& literal) const {
    return IsNegative(literal.value) ? kSignedLevel : kPrimaryLevel;
  }
  int operator()(const Unary& unary) const {
    return unary.op == UnaryOperator::kNot ? kNotLevel : kSignedLevel;
  }
  int operator()(const Binary& binary) const { return LevelOf(binary.op); }
  int operator()(const Between&) const { return kPredicateLevel; }
  int operator()(const InList&) const { return kPredicateLevel; }
  int operator()(const InSubquery&) const { return kPredicateLevel; }
  int operator()(const QuantifiedSubquery&) const { return kComparisonLevel; }
  int operator()(const RowValue&) const { return kPrimaryLevel; }
  int operator()(const Like& like) const { return IsRegex(like.kind) ? kOperationLevel : kPredicateLevel; }
  int operator()(const IsNull&) const { return kIsLevel; }
  int operator()(const IsDistinct&) const { return kIsLevel; }
  int operator()(const IsBoolean&) const { return kIsLevel; }
  template <typename Other>
  int operator()(const Other&) const {
    return kPrimaryLevel;
  }
};

std::string_view Not(bool negated) { return negated ? "NOT " : ""; }

}  // namespace

std::string ToString(BinaryOperator op) {
  static constexpr const char* kNames[] = {"+",  "-", "*",  "/", "%",  "||",  "=",
                                           "<>", "<", "<=", ">", ">=", "AND", "OR"};
  return kNames[static_cast<std::size_t>(op)];
}

void AstPrinter::Add(const Expression& expression, int level) {
  const bool parentheses = std::visit(LevelOfNode{}, expression.node) < level;
  if (parentheses) Text("(");
  std::visit([&](const auto& node) { AddNode(node); }, expression.node);
  if (parentheses) Text(")");
}

void AstPrinter::AddList(const std::vector<ExpressionPtr>& list) {
  for (std::size_t index = 0; index < list.size(); ++index) {
    if (index > 0) Text(", ");
    Add(*list[index]);
  }
}

void AstPrinter::AddSubquery(const SelectStatement& statement) {
  Text("(");
  Add(statement);
  Text(")");
}

void AstPrinter::AddNode(const Literal& literal) {
  const Value& value = literal.value;
  if (std::holds_alternative<Null>(value)) {
    Text("NULL");
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    Text(*boolean ? "TRUE" : "FALSE");
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    Text(PrintString(*text));
  } else if (const auto* date = std::get_if<Date>(&value)) {
    Text(absl::StrCat("DATE '", FormatDate(date->days), "'"));
  } else if (const auto* timestamp = std::get_if<Timestamp>(&value)) {
    Text(absl::StrCat(timestamp->with_time_zone ? "TIMESTAMPTZ '" : "TIMESTAMP '", FormatValue(value), "'"));
  } else if (const auto* interval = std::get_if<Interval>(&value)) {
    Text(absl::StrCat("INTERVAL '", FormatInterval(*interval), "'"));
  } else {
    Text(FormatValue(value));
  }
}

void AstPrinter::AddNode(const ColumnName& column) {
  for (std::size_t index = 0; index < column.parts.size(); ++index) {
    if (index > 0) Text(".");
    Text(PrintName(column.parts[index]));
  }
}

void AstPrinter::AddNode(const Star& star) {
  for (const std::string& part : star.qualifier) Text(PrintName(part) + ".");
  Text("*");
}

void AstPrinter::AddNode(const Parameter& parameter) { Text(absl::StrCat("$", parameter.index)); }

void AstPrinter::AddNode(const Unary& unary) {
  if (unary.op == UnaryOperator::kNot) {
    Text("NOT ");
    Add(*unary.operand, kNotLevel);
    return;
  }
  // A second sign is parenthesized: two minus signs would start a comment.
  Text(unary.op == UnaryOperator::kNegate ? "-" : "+");
  Add(*unary.operand, kPrimaryLevel);
}

void AstPrinter::AddNode(const Binary& binary) {
  const int level = LevelOf(binary.op);
  // Comparisons do not associate; everything else does, to the left.
  Add(*binary.left, level == kComparisonLevel ? level + 1 : level);
  Text(" " + ToString(binary.op) + " ");
  Add(*binary.right, level + 1);
}

void AstPrinter::AddNode(const Between& between) {
  Add(*between.operand, kOperationLevel);
  Text(" ");
  Text(Not(between.negated));
  Text(between.symmetric ? "BETWEEN SYMMETRIC " : "BETWEEN ");
  Add(*between.low, kOperationLevel);
  Text(" AND ");
  Add(*between.high, kOperationLevel);
}

void AstPrinter::AddNode(const InList& in) {
  Add(*in.operand, kOperationLevel);
  Text(" ");
  Text(Not(in.negated));
  Text("IN (");
  AddList(in.items);
  Text(")");
}

void AstPrinter::AddNode(const InSubquery& in) {
  Add(*in.operand, kOperationLevel);
  Text(" ");
  Text(Not(in.negated));
  Text("IN ");
  AddSubquery(*in.subquery);
}

void AstPrinter::AddNode(const QuantifiedSubquery& quantified) {
  Add(*quantified.operand, kComparisonLevel + 1);
  Text(absl::StrCat(" ", ToString(quantified.op), quantified.all ? " ALL " : " ANY "));
  AddSubquery(*quantified.subquery);
}

void AstPrinter::AddNode(const RowValue& row) {
  Text("(");
  AddList(row.items);
  Text(")");
}

void AstPrinter::AddNode(const Exists& exists) {
  Text("EXISTS ");
  AddSubquery(*exists.subquery);
}

void AstPrinter::AddNode(const Like& like) {
  Add(*like.operand, kOperationLevel);
  if (IsRegex(like.kind)) {
    Text(like.negated ? " !~" : " ~");
    Text(like.kind == LikeKind::kRegexIgnoringCase ? "* " : " ");
    Add(*like.pattern, kSumLevel);
    return;
  }
  Text(" ");
  Text(Not(like.negated));
  Text(like.kind == LikeKind::kLike ? "LIKE " : like.kind == LikeKind::kILike ? "ILIKE " : "SIMILAR TO ");
  Add(*like.pattern, kOperationLevel);
  if (like.escape != nullptr) {
    Text(" ESCAPE ");
    Add(*like.escape, kOperationLevel);
  }
}

void AstPrinter::AddNode(const IsNull& is) {
  Add(*is.operand, kIsLevel);
  Text(is.negated ? " IS NOT NULL" : " IS NULL");
}

void AstPrinter::AddNode(const IsDistinct& is) {
  Add(*is.left, kIsLevel);
  Text(is.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
  Add(*is.right, kComparisonLevel);
}

void AstPrinter::AddNode(const IsBoolean& is) {
  Add(*is.operand, kIsLevel);
  Text(is.negated ? " IS NOT " : " IS ");
  Text(is.truth == TruthValue::kTrue ? "TRUE" : is.truth == TruthValue::kFalse ? "FALSE" : "UNKNOWN");
}

void AstPrinter::AddNode(const Case& choice) {
  Text("CASE");
  if (choice.operand != nullptr) {
    Text(" ");
    Add(*choice.operand);
  }
  for (const CaseBranch& branch : choice.branches) {
    Text(" WHEN ");
    Add(*branch.condition);
    Text(" THEN ");
    Add(*branch.result);
  }
  if (choice.otherwise != nullptr) {
    Text(" ELSE ");
    Add(*choice.otherwise);
  }
  Text(" END");
}

void AstPrinter::AddNode(const Cast& cast) {
  Text("CAST(");
  Add(*cast.operand);
  Text(" AS " + cast.type.ToString() + ")");
}

void AstPrinter::AddNode(const Extract& extract) {
  Text("EXTRACT(" + PrintString(extract.field) + " FROM ");
  Add(*extract.source);
  Text(")");
}

void AstPrinter::AddNode(const ScalarSubquery& scalar) { AddSubquery(*scalar.subquery); }

}  // namespace care::sql
