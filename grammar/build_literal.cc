// Constants and type names.
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/types/date_text.h"
#include "engine/types/numeric_text.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"
#include "grammar/interval_text.h"

namespace care::sql {
namespace {

std::string LowerCase(std::string text) {
  absl::AsciiStrToLower(&text);
  return text;
}

}  // namespace

std::string AstBuilder::StringOf(antlr4::tree::TerminalNode* node) const {
  const std::string text = TextOf(node);
  return absl::StrReplaceAll(text.substr(1, text.size() - 2), {{"''", "'"}});
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildInteger(P::IntegerLiteralContext* context) {
  std::int64_t integer = 0;
  if (absl::SimpleAtoi(TextOf(context), &integer))
    return MakeExpression(At(context), Literal{Value(integer)});
  // Beyond 64 bits, an integer constant is NUMERIC.
  const absl::StatusOr<Decimal> decimal = ParseDecimal(TextOf(context));
  if (!decimal.ok()) return Refuse(At(context), "a number has at most 38 digits");
  return MakeExpression(At(context), Literal{Value(*decimal)});
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildDecimal(P::DecimalLiteralContext* context) {
  const absl::StatusOr<Decimal> decimal = ReadNumericText(TextOf(context));
  if (!decimal.ok()) return Refuse(At(context), "a number has at most 38 digits");
  return MakeExpression(At(context), Literal{Value(*decimal)});
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildInterval(P::IntervalLiteralContext* context) {
  const std::string unit =
      context->intervalField() == nullptr ? "" : LowerCase(TextOf(context->intervalField()));
  const absl::StatusOr<Interval> interval = ParseInterval(StringOf(context->STRING()), unit);
  if (!interval.ok()) {
    const absl::string_view reason = interval.status().message();
    return Refuse(At(context->STRING()), std::string_view(reason.data(), reason.size()));
  }
  return MakeExpression(At(context), Literal{Value(*interval)});
}

absl::StatusOr<ExpressionPtr> AstBuilder::BuildTyped(P::TypedLiteralContext* context) {
  auto* last = dynamic_cast<antlr4::tree::TerminalNode*>(context->children[context->children.size() - 2]);
  const SourcePosition type_position = At(context->getStart(), last->getSymbol());
  const std::string name = LowerCase(std::string(source_.Slice(type_position)));
  const std::string text = StringOf(context->STRING());
  if (name == "date") {
    const absl::StatusOr<std::int32_t> days = ReadDateText(text);
    if (!days.ok()) {
      return Refuse(At(context->STRING()), "invalid date",
                    "dates are written DATE 'YYYY-MM-DD', from year 1 to 9999");
    }
    return MakeExpression(At(context), Literal{Value(Date{*days})});
  }
  if (name == "e" || name == "b" || name == "x" || name == "n") {
    return Refuse(type_position, absl::StrCat(absl::AsciiStrToUpper(name), "'...' strings are not supported"),
                  "write the characters themselves; a quote is written twice");
  }
  CARE_ASSIGN_OR_RETURN(const DataType type, Type(type_position));
  ExpressionPtr operand = MakeExpression(At(context->STRING()), Literal{Value(text)});
  return MakeExpression(At(context), Cast{std::move(operand), type});
}

absl::StatusOr<DataType> AstBuilder::Type(SourcePosition position) const {
  std::string text(source_.Slice(position));
  if (text.size() > 2 && text.front() == '"') text = absl::StrReplaceAll(text, {{"\"", ""}});
  if (LowerCase(text) == "interval") return DataType{TypeKind::kInterval};
  const absl::StatusOr<DataType> type = ParseDataType(text);
  if (type.ok()) return *type;
  if (IsBlankPadded(text)) {
    return Refuse(position, absl::StrCat("type \"", LowerCase(text), "\" is not supported"),
                  "its values are padded with blanks, which comparisons pass over; write varchar(n) or text");
  }
  return Refuse(position, absl::StrCat("type \"", LowerCase(text), "\" is not supported"),
                "types are boolean, smallint, integer, bigint, numeric(p,s), double precision, real, date, timestamp, timestamptz and text");
}

}  // namespace care::sql
