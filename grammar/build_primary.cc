// The operands of expressions: names, parameters, CASE, CAST, EXTRACT and subqueries.
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"

namespace care::sql {

absl::StatusOr<ExpressionPtr> AstBuilder::Build(P::PrimaryContext* context) {
  const SourcePosition position = At(context);
  if (auto* column = dynamic_cast<P::ColumnReferenceContext*>(context)) return BuildColumn(column);
  if (auto* integer = dynamic_cast<P::IntegerLiteralContext*>(context)) return BuildInteger(integer);
  if (auto* call = dynamic_cast<P::FunctionCallContext*>(context)) return BuildFunction(call);
  if (auto* inner = dynamic_cast<P::ParenthesizedContext*>(context)) return Build(inner->expression());
  if (auto* decimal = dynamic_cast<P::DecimalLiteralContext*>(context)) return BuildDecimal(decimal);
  if (auto* text = dynamic_cast<P::StringLiteralContext*>(context)) {
    return MakeExpression(position, Literal{Value(StringOf(text->STRING()))});
  }
  if (auto* boolean = dynamic_cast<P::BooleanLiteralContext*>(context)) {
    return MakeExpression(position, Literal{Value(boolean->TRUE_() != nullptr)});
  }
  if (dynamic_cast<P::NullLiteralContext*>(context) != nullptr) {
    return MakeExpression(position, Literal{Value(Null{})});
  }
  if (auto* interval = dynamic_cast<P::IntervalLiteralContext*>(context)) return BuildInterval(interval);
  if (auto* typed = dynamic_cast<P::TypedLiteralContext*>(context)) return BuildTyped(typed);
  if (auto* parameter = dynamic_cast<P::ParameterMarkerContext*>(context)) return BuildParameter(parameter);
  if (dynamic_cast<P::CurrentMomentContext*>(context) != nullptr) {
    FunctionCall call;
    call.name = absl::AsciiStrToLower(context->getText());
    return MakeExpression(position, std::move(call));
  }
  if (auto* choice = dynamic_cast<P::CaseExpressionContext*>(context)) return BuildCase(choice);
  if (auto* cast = dynamic_cast<P::CastCallContext*>(context)) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, Build(cast->expression()));
    CARE_ASSIGN_OR_RETURN(const DataType type, Type(At(cast->typeName())));
    return MakeExpression(position, Cast{std::move(operand), type});
  }
  if (auto* extract = dynamic_cast<P::ExtractCallContext*>(context)) return BuildExtract(extract);
  if (auto* substring = dynamic_cast<P::SubstringCallContext*>(context)) return BuildSubstring(substring);
  if (auto* place = dynamic_cast<P::PositionCallContext*>(context)) return BuildPosition(place);
  if (auto* trim = dynamic_cast<P::TrimCallContext*>(context)) return BuildTrim(trim);
  if (auto* exists = dynamic_cast<P::ExistsCallContext*>(context)) {
    CARE_ASSIGN_OR_RETURN(SelectStatementPtr subquery, SelectPtr(exists->selectStatement()));
    return MakeExpression(position, Exists{std::move(subquery)});
  }
  if (auto* scalar = dynamic_cast<P::ScalarSubqueryContext*>(context)) {
    CARE_ASSIGN_OR_RETURN(SelectStatementPtr subquery, SelectPtr(scalar->selectStatement()));
    return MakeExpression(position, ScalarSubquery{std::move(subquery)});
  }
  RowValue row;
  for (P::ExpressionContext* item : dynamic_cast<P::RowValueContext*>(context)->expression()) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr built, Build(item));
    row.items.push_back(std::move(built));
  }
  return MakeExpression(position, std::move(row));
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildColumn(P::ColumnReferenceContext* context) {
  ColumnName column;
  CARE_ASSIGN_OR_RETURN(std::string first, Name(context->identifier()));
  column.parts.push_back(std::move(first));
  for (P::ColumnLabelContext* label : context->columnLabel()) {
    CARE_ASSIGN_OR_RETURN(std::string part, Name(label));
    column.parts.push_back(std::move(part));
  }
  if (column.parts.size() > 3) {
    return Refuse(At(context), "improper qualified name: too many dotted names",
                  "a column is column, table.column or schema.table.column");
  }
  return MakeExpression(At(context), std::move(column));
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildParameter(P::ParameterMarkerContext* context) {
  constexpr std::uint32_t kMaximumParameters = 65535;  // what the wire protocol can carry
  std::uint32_t index = 0;
  if (!absl::SimpleAtoi(TextOf(context).substr(1), &index) || index == 0 || index > kMaximumParameters) {
    return Refuse(At(context), absl::StrCat("parameters are numbered $1 to $", kMaximumParameters));
  }
  return MakeExpression(At(context), Parameter{index});
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildCase(P::CaseExpressionContext* context) {
  Case choice;
  std::vector<P::ExpressionContext*> expressions =
      context->expression();  // operand and ELSE, each if present
  const bool has_else = context->ELSE() != nullptr;
  if (expressions.size() > (has_else ? 1u : 0u)) {
    CARE_ASSIGN_OR_RETURN(choice.operand, Build(expressions.front()));
  }
  for (P::CaseBranchContext* branch : context->caseBranch()) {
    CaseBranch built;
    CARE_ASSIGN_OR_RETURN(built.condition, Build(branch->expression(0)));
    CARE_ASSIGN_OR_RETURN(built.result, Build(branch->expression(1)));
    choice.branches.push_back(std::move(built));
  }
  if (has_else) {
    CARE_ASSIGN_OR_RETURN(choice.otherwise, Build(expressions.back()));
  }
  return MakeExpression(At(context), std::move(choice));
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildExtract(P::ExtractCallContext* context) {
  Extract extract;
  P::ExtractFieldContext* field = context->extractField();
  if (field->STRING() != nullptr) {
    extract.field = StringOf(field->STRING());
    absl::AsciiStrToLower(&extract.field);
  } else {
    CARE_ASSIGN_OR_RETURN(extract.field, Name(field->identifier()));
  }
  CARE_ASSIGN_OR_RETURN(extract.source, Build(context->expression()));
  return MakeExpression(At(context), std::move(extract));
}

}  // namespace care::sql
