// TO_CHAR of dates and timestamps, TO_DATE and TO_TIMESTAMP of constants, for formats of fixed width: YYYY, MM, DD, HH24, MI, SS,
// also US and MS where a constant is read, with what stands between them. TO_CHAR is made of parts of the text that PostgreSQL writes
// of the value itself.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

struct Pattern {
  std::string_view name;
  std::size_t begin;  // in a timestamp's text, from 0
  std::size_t digits;
};
constexpr std::string_view kWritten = "YYYY-MM-DD HH:MI:SS";
constexpr std::size_t kDateLength = 10;
constexpr Pattern kPatterns[] = {{"YYYY", 0, 4}, {"HH24", 11, 2}, {"MM", 5, 2}, {"DD", 8, 2}, {"MI", 14, 2}, {"SS", 17, 2}, {"US", 20, 6}, {"MS", 20, 3}};

struct FormatPart {
  const Pattern* pattern = nullptr;  // null: what stands between, `text`
  std::string text;
};

bool IsBetween(char c) { return absl::ascii_ispunct(static_cast<unsigned char>(c)) || c == ' '; }

// Nothing of formats with other patterns.
std::optional<std::vector<FormatPart>> PartsOf(std::string_view format) {
  std::vector<FormatPart> parts;
  const auto add_text = [&](std::string_view text) {
    if (parts.empty() || parts.back().pattern != nullptr) parts.push_back({});
    parts.back().text.append(text);
  };
  while (!format.empty()) {
    const Pattern* found = nullptr;
    for (const Pattern& pattern : kPatterns) {
      if (found == nullptr && absl::AsciiStrToUpper(std::string(format.substr(0, pattern.name.size()))) == pattern.name) found = &pattern;
    }
    if (found != nullptr) {
      parts.push_back({found, {}});
      format.remove_prefix(found->name.size());
      // DDD and SSSS are other patterns.
      if (!format.empty() && absl::ascii_toupper(static_cast<unsigned char>(format[0])) == found->name.back()) return std::nullopt;
    } else if (format[0] == '"' && format.find('"', 1) != std::string_view::npos && format.find('\\') == std::string_view::npos) {
      const std::size_t end = format.find('"', 1);
      add_text(format.substr(1, end - 1));
      format.remove_prefix(end + 1);
    } else if (IsBetween(format[0]) && format[0] != '"' && format[0] != '\\') {
      add_text(format.substr(0, 1));
      format.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  return parts;
}

// The numbers of a text that is written exactly so, by position in kPatterns; nothing of another.
std::optional<std::vector<std::int64_t>> NumbersIn(std::string_view text, const std::vector<FormatPart>& parts) {
  std::vector<std::int64_t> numbers = {1, 0, 1, 1, 0, 0, 0, 0};
  for (const FormatPart& part : parts) {
    if (part.pattern == nullptr) {
      if (!text.starts_with(part.text)) return std::nullopt;
      text.remove_prefix(part.text.size());
      continue;
    }
    if (text.size() < part.pattern->digits) return std::nullopt;
    std::int64_t number = 0;
    for (const char c : text.substr(0, part.pattern->digits)) {
      if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
      number = number * 10 + (c - '0');
    }
    numbers[static_cast<std::size_t>(part.pattern - kPatterns)] = number;
    text.remove_prefix(part.pattern->digits);
  }
  return text.empty() ? std::optional(numbers) : std::nullopt;
}

ExpressionPtr PartOfText(const ExpressionPtr& text, std::size_t begin, std::size_t length, sql::SourcePosition position) {
  return MakeCall(Function::kSubstring,
                  {text, MakeLiteral(static_cast<std::int64_t>(begin + 1), kIntegerType, position),
                   MakeLiteral(static_cast<std::int64_t>(length), kIntegerType, position)},
                  kTextType, position);
}

const std::string* TextIn(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
}

constexpr std::string_view kHint = "formats are of YYYY, MM, DD, HH24, MI, SS and what stands between them; EXTRACT and DATE_TRUNC give the rest";

}  // namespace

QueryBinder::Result QueryBinder::BindToChar(Arguments arguments, sql::SourcePosition position) {
  const std::string* format = TextIn(arguments[1]);
  ExpressionPtr moment = arguments[0];
  if (!moment->type.IsTimestamp() && moment->type.kind != TypeKind::kDate) return NotYet(position, "TO_CHAR of other than a date or timestamp");
  const std::optional<std::vector<FormatPart>> parts = format == nullptr ? std::nullopt : PartsOf(*format);
  const bool writes = parts && std::ranges::any_of(*parts, [](const FormatPart& part) { return part.pattern != nullptr; });
  if (!writes) return NotYet(arguments[1]->position, "TO_CHAR with this format", kHint);
  bool of_day = true;
  for (const FormatPart& part : *parts) {
    if (part.pattern != nullptr && part.pattern->begin >= kWritten.size()) return NotYet(arguments[1]->position, "TO_CHAR with this format", kHint);
    of_day = of_day && (part.pattern == nullptr || part.pattern->begin < kDateLength);
  }
  CARE_ASSIGN_OR_RETURN(moment, CastTo(moment, of_day ? kDateType : moment->type.IsTimestamp() ? moment->type : kTimestampType, position));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr text, CastTo(moment, kTextType, position));
  // Neighbours that stand side by side in the value's own text are one part of it.
  std::vector<ExpressionPtr> pieces;
  for (std::size_t i = 0; i < parts->size();) {
    if ((*parts)[i].pattern == nullptr) {
      pieces.push_back(MakeLiteral((*parts)[i++].text, kTextType, position));
      continue;
    }
    const std::size_t begin = (*parts)[i].pattern->begin;
    std::size_t end = begin + (*parts)[i++].pattern->digits;
    while (i + 1 < parts->size() && (*parts)[i].pattern == nullptr && (*parts)[i + 1].pattern->begin == end + 1 &&
           (*parts)[i].text == kWritten.substr(end, 1)) {
      end = (*parts)[i + 1].pattern->begin + (*parts)[i + 1].pattern->digits;
      i += 2;
    }
    pieces.push_back(PartOfText(text, begin, end - begin, position));
  }
  ExpressionPtr joined = pieces[0];
  for (std::size_t i = 1; i < pieces.size(); ++i) joined = MakeCall(Function::kConcat, {joined, pieces[i]}, kTextType, position);
  return joined;
}

QueryBinder::Result QueryBinder::BindReadByFormat(bool as_date, const Arguments& arguments, sql::SourcePosition position) {
  const std::string_view name = as_date ? "TO_DATE" : "TO_TIMESTAMP";
  const std::string *text = TextIn(arguments[0]), *format = TextIn(arguments[1]);
  if (text == nullptr || format == nullptr) return NotYet(position, absl::StrCat(std::string(name), " of other than constants"), "cast the text: x::date");
  const std::optional<std::vector<FormatPart>> parts = PartsOf(*format);
  const std::optional<std::vector<std::int64_t>> numbers = parts ? NumbersIn(*text, *parts) : std::nullopt;
  if (!numbers) return NotYet(position, absl::StrCat(std::string(name), " of a text that its format does not fix"), "write DATE '2024-01-31' or TIMESTAMP '2024-01-31 10:00:00'");
  const std::vector<std::int64_t>& n = *numbers;
  const auto number = [&](std::size_t at) { return static_cast<std::int32_t>(n[at]); };
  if (n[0] < 1 || n[2] < 1 || n[2] > 12 || n[3] < 1 || n[3] > DaysInMonth(number(0), number(2)) || n[1] > 23 || n[4] > 59 || n[5] > 59)
    return Error(position, absl::StrCat("date/time field value out of range: \"", *text, "\""));
  const std::int32_t day = DaysFromCivil({number(0), number(2), number(3)});
  if (as_date) return MakeLiteral(Date{day}, kDateType, position);
  const std::int64_t seconds = (n[1] * 60 + n[4]) * 60 + n[5];
  return MakeLiteral(Timestamp{day * kMicrosecondsOfDay + seconds * kMicrosecondsOfSecond + n[6] + n[7] * 1'000, true}, kTimestampTzType, position);
}

}  // namespace care::planner
