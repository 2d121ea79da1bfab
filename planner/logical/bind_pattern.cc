// LIKE, SIMILAR TO and regular expressions, of a constant pattern.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/text_pattern.h"

namespace care::planner {
namespace {

Function FunctionOf(sql::LikeKind kind) {
  switch (kind) {
    case sql::LikeKind::kLike:
      return Function::kLike;
    case sql::LikeKind::kILike:
      return Function::kILike;
    case sql::LikeKind::kSimilar:
      return Function::kSimilar;
    case sql::LikeKind::kRegex:
      return Function::kRegex;
    case sql::LikeKind::kRegexIgnoringCase:
      return Function::kRegexIgnoringCase;
  }
  return Function::kLike;
}

std::string_view NameOf(Function function) {
  switch (function) {
    case Function::kILike:
      return "ILIKE";
    case Function::kSimilar:
      return "SIMILAR TO";
    case Function::kRegex:
      return "~";
    case Function::kRegexIgnoringCase:
      return "~*";
    default:
      return "LIKE";
  }
}

std::size_t Characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

bool EndsWithEscape(std::string_view pattern) {
  std::size_t escapes = 0;
  for (std::size_t at = pattern.size(); at > 0 && pattern[at - 1] == '\\'; --at) ++escapes;
  return escapes % 2 == 1;
}

}  // namespace

QueryBinder::Result QueryBinder::BindNode(const sql::Like& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  const Function function = FunctionOf(node.kind);
  const bool like = function == Function::kLike || function == Function::kILike;
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr pattern, BindExpression(*node.pattern, context));
  if (operand->type.kind != TypeKind::kText && operand->type.kind != TypeKind::kUnknown) {
    return Error(position, absl::StrCat("operator does not exist: ", operand->type.ToString(), " ", std::string(NameOf(function)), " text"));
  }
  const sql::SourcePosition place = node.pattern->position;
  std::optional<Value> constant = ConstantOf(pattern);
  if (!constant) return NotYet(place, absl::StrCat(std::string(NameOf(function)), " with a pattern that is not a constant"));
  CARE_ASSIGN_OR_RETURN(operand, CoerceTo(operand, kTextType));
  CARE_ASSIGN_OR_RETURN(pattern, CoerceTo(MakeLiteral(*std::move(constant), pattern->type, pattern->position), kTextType));
  const auto* written = std::get_if<std::string>(&std::get<LiteralExpression>(pattern->node).value);
  std::string escape = "\\";
  if (node.escape != nullptr) {
    CARE_ASSIGN_OR_RETURN(const ExpressionPtr bound, BindExpression(*node.escape, context));
    const std::optional<Value> value = ConstantOf(bound);
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (text == nullptr) return NotYet(node.escape->position, "ESCAPE of other than a constant text");
    if (Characters(*text) > 1) {
      return Error(node.escape->position, "invalid escape string", "Escape string must be empty or one character.");
    }
    escape = *text;
  }
  if (written != nullptr) {
    std::string text = *written;
    std::optional<std::string> rewritten = escape == "\\" ? text : WithBackslashEscapes(text, escape);
    if (!rewritten || ((like || function == Function::kSimilar) && EndsWithEscape(*rewritten))) {
      return Error(place, like ? "LIKE pattern must not end with escape character"
                               : "SIMILAR TO pattern must not end with escape character");
    }
    if (!like) {
      if (const std::optional<PatternFault> fault = ReadTextPattern(function, *rewritten).fault) {
        const std::string at = absl::StrCat(" (character ", fault->character, " of the pattern)");
        if (fault->malformed) return Error(place, absl::StrCat("invalid regular expression: ", fault->what, at));
        return NotYet(place, absl::StrCat("a pattern with ", fault->what, at));
      }
    }
    pattern = MakeLiteral(*std::move(rewritten), kTextType, pattern->position);
  }
  ExpressionPtr matches = MakeCall(function, {std::move(operand), std::move(pattern)}, kBooleanType, position);
  return node.negated ? MakeCall(Function::kNot, {std::move(matches)}, kBooleanType, position) : matches;
}

}  // namespace care::planner
