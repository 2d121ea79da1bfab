// Constants and type names.
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "grammar/ast_builder.h"
#include "grammar/interval_text.h"

namespace care::sql {
namespace {

std::string LowerCase(std::string text) {
  absl::AsciiStrToLower(&text);
  return text;
}

// 1.5e3 as digits and a point: "1500"; nothing where that takes more digits than a Decimal has.
absl::StatusOr<std::string> ExpandExponent(const std::string& text) {
  constexpr int kMaximumExponent = 38;
  const std::size_t mark = text.find_first_of("eE");
  if (mark == std::string::npos) return text;
  int exponent = 0;
  if (!absl::SimpleAtoi(text.substr(mark + 1), &exponent) || exponent > kMaximumExponent ||
      exponent < -kMaximumExponent) {
    return absl::OutOfRangeError("the exponent is too large");
  }
  const std::size_t point = text.find('.');
  std::string digits = text.substr(0, std::min(point, mark));
  int after_point = 0;
  if (point < mark) {
    digits += text.substr(point + 1, mark - point - 1);
    after_point = static_cast<int>(mark - point - 1);
  }
  const int scale = after_point - exponent;
  if (scale <= 0) return digits + std::string(static_cast<std::size_t>(-scale), '0');
  const auto wanted = static_cast<std::size_t>(scale);
  if (digits.size() <= wanted) digits.insert(0, wanted + 1 - digits.size(), '0');
  return digits.substr(0, digits.size() - wanted) + "." + digits.substr(digits.size() - wanted);
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
  absl::StatusOr<std::string> text = ExpandExponent(TextOf(context));
  if (!text.ok()) return Refuse(At(context), "a number has at most 38 digits");
  if (text->front() == '.') text->insert(0, "0");
  if (text->back() == '.') text->pop_back();
  const absl::StatusOr<Decimal> decimal = ParseDecimal(*text);
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
  const SourcePosition type_position = At(context->getStart(), context->getStart());
  const std::string name = LowerCase(std::string(source_.Slice(type_position)));
  const std::string text = StringOf(context->STRING());
  if (name == "date") {
    const absl::StatusOr<std::int32_t> days = ParseDate(text);
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
  return Refuse(position, absl::StrCat("type \"", LowerCase(text), "\" is not supported"),
                "types are boolean, smallint, integer, bigint, numeric(p,s), date and text");
}

}  // namespace care::sql
