// Functions of one owner's texts.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

constexpr std::int64_t kFarthest = 1'000'000'000;  // positions and counts are of four bytes in PostgreSQL
constexpr std::int64_t kLongest = 1'000;           // characters of a text that is filled up, copies of one that is repeated
constexpr std::int64_t kMostGrowth = 20'000;

struct Signature {
  std::string_view name;
  Function function;
  std::size_t texts;  // leading text arguments
  std::size_t least;  // arguments in all
  std::size_t most;
  DataType type;
};
constexpr Signature kSignatures[] = {
    {"lower", Function::kLower, 1, 1, 1, kTextType},
    {"upper", Function::kUpper, 1, 1, 1, kTextType},
    {"length", Function::kLength, 1, 1, 1, kIntegerType},
    {"char_length", Function::kLength, 1, 1, 1, kIntegerType},
    {"character_length", Function::kLength, 1, 1, 1, kIntegerType},
    {"btrim", Function::kTrim, 2, 1, 2, kTextType},
    {"ltrim", Function::kTrim, 2, 1, 2, kTextType},
    {"rtrim", Function::kTrim, 2, 1, 2, kTextType},
    {"replace", Function::kReplace, 3, 3, 3, kTextType},
    {"substring", Function::kSubstring, 1, 2, 3, kTextType},
    {"substr", Function::kSubstring, 1, 2, 3, kTextType},
    {"left", Function::kLeft, 1, 2, 2, kTextType},
    {"right", Function::kRight, 1, 2, 2, kTextType},
    {"strpos", Function::kPosition, 2, 2, 2, kIntegerType},
    {"starts_with", Function::kEqual, 2, 2, 2, kBooleanType},
    {"lpad", Function::kPadLeft, 1, 2, 3, kTextType},
    {"rpad", Function::kPadRight, 1, 2, 3, kTextType},
    {"initcap", Function::kInitCap, 1, 1, 1, kTextType},
    {"reverse", Function::kReverse, 1, 1, 1, kTextType},
    {"repeat", Function::kRepeat, 1, 2, 2, kTextType},
    {"split_part", Function::kSplitPart, 2, 3, 3, kTextType},
};

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  absl::AsciiStrToUpper(&upper);
  return upper;
}

bool IsPad(Function function) { return function == Function::kPadLeft || function == Function::kPadRight; }

bool IsTextual(const ExpressionPtr& expression) {
  return expression->type.kind == TypeKind::kText || expression->type.kind == TypeKind::kUnknown;
}

const std::string* TextOf(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
}

std::int64_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

// How many times longer than the longest text that it is made of a text may become; no column's length is known here.
std::int64_t GrowthOf(const ExpressionPtr& expression) {
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  std::int64_t growth = 1;
  for (const ExpressionPtr& child : children) growth = std::max(growth, GrowthOf(child));
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return growth;
  std::int64_t times = 1;
  if (call->function == Function::kRepeat) {
    if (const auto* literal = std::get_if<LiteralExpression>(&call->arguments[1]->node)) {
      if (const auto* count = std::get_if<std::int64_t>(&literal->value)) times = std::max<std::int64_t>(*count, 1);
    }
  } else if (IsPad(call->function)) {
    times = kLongest;
  } else if (call->function == Function::kReplace) {
    const std::string* with = TextOf(call->arguments[2]);
    times = with == nullptr ? kLongest : std::max<std::int64_t>(static_cast<std::int64_t>(with->size()), 1);
  }
  return std::min(growth * times, kMostGrowth + 1);
}

ExpressionPtr TextLiteral(std::string text, sql::SourcePosition position) { return MakeLiteral(std::move(text), kTextType, position); }

}  // namespace

QueryBinder::Result QueryBinder::TextFunction(const sql::FunctionCall& call, Arguments arguments,
                                              sql::SourcePosition position) {
  const auto* signature = std::find_if(std::begin(kSignatures), std::end(kSignatures),
                                       [&](const Signature& entry) { return entry.name == call.name; });
  if (signature == std::end(kSignatures) || arguments.size() < signature->least || arguments.size() > signature->most) {
    return NoSuchFunction(call, arguments, position);
  }
  const Function function = signature->function;
  const std::string name = UpperCase(call.name);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i < signature->texts || (IsPad(function) && i == 2)) {
      if (!IsTextual(arguments[i])) return NoSuchFunction(call, arguments, position);
      CARE_ASSIGN_OR_RETURN(arguments[i], CoerceTo(arguments[i], kTextType));
      continue;
    }
    const std::optional<Value> value = ConstantOf(arguments[i]);
    if (value && IsNull(*value)) return MakeLiteral(Null{}, signature->type, position);
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (number == nullptr) {
      if (!arguments[i]->type.IsInteger()) return NoSuchFunction(call, arguments, position);
      return NotYet(arguments[i]->position, function == Function::kSubstring ? "SUBSTRING with bounds that are not constants"
                                                                              : absl::StrCat(name, " by a number that is not a constant"));
    }
    if (function == Function::kSubstring && i == 2 && *number < 0) {
      return Error(arguments[i]->position, "negative substring length not allowed");
    }
    if (function == Function::kSplitPart && *number == 0) return Error(arguments[i]->position, "field position must not be zero");
    const std::int64_t most = IsPad(function) || function == Function::kRepeat ? kLongest : kFarthest;
    if (function != Function::kSubstring && (*number > most || *number < -kFarthest)) {
      return NotYet(arguments[i]->position, absl::StrCat(name, " by more than ", most));
    }
    arguments[i] = MakeLiteral(*number, arguments[i]->type, arguments[i]->position);
  }
  switch (function) {
    case Function::kTrim:
      if (call.name == "btrim") break;
      if (arguments.size() == 1) arguments.push_back(TextLiteral(" ", position));
      arguments.push_back(TextLiteral(call.name == "ltrim" ? "leading" : "trailing", position));
      break;
    case Function::kLeft: {
      const std::int64_t count = std::get<std::int64_t>(std::get<LiteralExpression>(arguments[1]->node).value);
      if (count < 0) break;
      const ExpressionPtr first = MakeLiteral(std::int64_t{1}, kIntegerType, arguments[1]->position);
      return MakeCall(Function::kSubstring, {arguments[0], first, arguments[1]}, kTextType, position);
    }
    case Function::kEqual: {  // STARTS_WITH
      if (IsNullLiteral(arguments[1])) break;
      const std::string* prefix = TextOf(arguments[1]);
      if (prefix == nullptr) return NotYet(arguments[1]->position, "STARTS_WITH of a text that is not a constant");
      ExpressionPtr start = MakeCall(Function::kSubstring,
                                     {arguments[0], MakeLiteral(std::int64_t{1}, kIntegerType, position),
                                      MakeLiteral(Characters(*prefix), kIntegerType, position)},
                                     kTextType, position);
      return MakeCall(Function::kEqual, {std::move(start), arguments[1]}, kBooleanType, position);
    }
    case Function::kPadLeft:
    case Function::kPadRight:
      if (arguments.size() == 2) arguments.push_back(TextLiteral(" ", position));
      if (TextOf(arguments[2]) == nullptr && !IsNullLiteral(arguments[2])) {
        return NotYet(arguments[2]->position, absl::StrCat(name, " with a text that is not a constant"));
      }
      break;
    default:
      break;
  }
  ExpressionPtr made = MakeCall(function, std::move(arguments), signature->type, position);
  if (GrowthOf(made) > kMostGrowth) {
    return NotYet(position, absl::StrCat("a text that may grow by more than ", kMostGrowth, " times"), "repeat or fill it up once");
  }
  return made;
}

// CONCAT(a, b) leaves NULLs out: COALESCE(a, '') || COALESCE(b, ''). CONCAT_WS writes its separator before each that is
// there, and drops the first.
QueryBinder::Result QueryBinder::ConcatFunction(const sql::FunctionCall& call, Arguments arguments, sql::SourcePosition position) {
  const bool separated = call.name == "concat_ws";
  if (arguments.size() < (separated ? 2 : 1)) return NoSuchFunction(call, arguments, position);
  std::string separator;
  if (separated) {
    if (IsNullLiteral(arguments[0])) return MakeLiteral(Null{}, kTextType, position);
    if (!IsTextual(arguments[0])) return NoSuchFunction(call, arguments, position);
    const std::optional<Value> value = ConstantOf(arguments[0]);
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (text == nullptr) return NotYet(arguments[0]->position, "CONCAT_WS with a separator that is not a constant");
    separator = *text;
    arguments.erase(arguments.begin());
  }
  ExpressionPtr joined;
  for (const ExpressionPtr& argument : arguments) {
    if (IsNullLiteral(argument)) continue;
    ExpressionPtr text;
    if (argument->type.kind == TypeKind::kBoolean) {
      // As the type is written out, not as it is cast.
      text = When(argument, TextLiteral("t", position),
                  When(MakeCall(Function::kNot, {argument}, kBooleanType, position), TextLiteral("f", position), nullptr));
    } else {
      CARE_ASSIGN_OR_RETURN(text, IsTextual(argument) ? CoerceTo(argument, kTextType) : CastTo(argument, kTextType, argument->position));
    }
    if (!separator.empty()) {
      text = MakeCall(Function::kConcat, {TextLiteral(separator, position), std::move(text)}, kTextType, position);
    }
    if (!std::holds_alternative<LiteralExpression>(text->node)) {
      text = MakeCall(Function::kCoalesce, {std::move(text), TextLiteral("", position)}, kTextType, position);
    }
    joined = joined == nullptr ? std::move(text) : MakeCall(Function::kConcat, {std::move(joined), std::move(text)}, kTextType, position);
  }
  if (joined == nullptr) return TextLiteral("", position);
  if (separator.empty()) return joined;
  return MakeCall(Function::kSubstring,
                  {std::move(joined), MakeLiteral(Characters(separator) + 1, kIntegerType, position)}, kTextType, position);
}

}  // namespace care::planner
