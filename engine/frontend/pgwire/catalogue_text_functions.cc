// Texts in catalogue queries.

#include <regex.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_functions.h"
#include "engine/frontend/pgwire/catalogue_values.h"

namespace care::engine::pgwire {
namespace {

constexpr std::size_t kLongestPattern = 500;
constexpr std::size_t kLongestMatched = 10'000;

// ---- Patterns -------------------------------------------------------------------------------------------

// Nothing interrupts a function while it runs, so what it may do is bounded by what it is given.
bool AreShort(Context* context, Value** values) {
  if (TextOf(values[0]).size() <= kLongestPattern && TextOf(values[1]).size() <= kLongestMatched) return true;
  sqlite3_result_error(context, "care: patterns and texts of this length are not supported", -1);
  return false;
}

// LIKE without recursion: at a mismatch, back to the last % and one character further.
bool Like(std::string_view pattern, std::string_view text, char escape) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && escape != '\0' && pattern[p] == escape;
    if (p < pattern.size() && !escaped && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() &&
               (escaped ? pattern[p + 1] == text[t] : pattern[p] == '_' || pattern[p] == text[t])) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

void LikeFunction(Context* context, int count, Value** values) {
  if (IsNull(values[0]) || IsNull(values[1])) return sqlite3_result_null(context);
  if (!AreShort(context, values)) return;
  const std::string_view escape = count > 2 ? TextOf(values[2]) : "\\";
  sqlite3_result_int(context,
                     Like(TextOf(values[0]), TextOf(values[1]), escape.empty() ? '\0' : escape[0]) ? 1 : 0);
}

void LikeIgnoringCase(Context* context, int, Value** values) {
  if (IsNull(values[0]) || IsNull(values[1])) return sqlite3_result_null(context);
  if (!AreShort(context, values)) return;
  const auto lower = [](std::string_view text) {
    return absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
  };
  sqlite3_result_int(context, Like(lower(TextOf(values[0])), lower(TextOf(values[1])), '\\') ? 1 : 0);
}

// POSIX's extended expressions, which have what clients send. Repetition counts and back references are
// refused: the library would spend memory and time on them without bound.
void Matches(Context* context, Value** values, int flags) {
  if (IsNull(values[0]) || IsNull(values[1])) return sqlite3_result_null(context);
  if (!AreShort(context, values)) return;
  const std::string pattern(TextOf(values[0]));
  bool back_reference = false;
  for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
    if (pattern[at] != '\\') continue;
    back_reference |= absl::ascii_isdigit(static_cast<unsigned char>(pattern[at + 1])) != 0;
    ++at;
  }
  if (pattern.find('{') != std::string::npos || back_reference) {
    return sqlite3_result_error(context, "care: this regular expression is not supported", -1);
  }
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB | flags) != 0) {
    return sqlite3_result_error(context, "care: invalid regular expression", -1);
  }
  const std::string text(TextOf(values[1]));
  sqlite3_result_int(context, regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0 ? 1 : 0);
  regfree(&compiled);
}
void RegexFunction(Context* context, int, Value** values) { Matches(context, values, 0); }
void RegexIgnoringCase(Context* context, int, Value** values) { Matches(context, values, REG_ICASE); }

void StringStep(Context* context, int, Value** values) {
  if (IsNull(values[0])) return;
  const bool first = Aggregated(context, false) == nullptr;
  sqlite3_str* text = Aggregated(context, true);
  if (text == nullptr) return;
  if (!first) Append(context, text, TextOf(values[1]));
  Append(context, text, TextOf(values[0]));
}
void StringFinal(Context* context) {
  sqlite3_str* text = Aggregated(context, false);
  if (text == nullptr) return sqlite3_result_null(context);
  ReturnAggregated(context, text);
}

// ---- Texts ----------------------------------------------------------------------------------------------

void QuoteIdentifier(Context* context, int, Value** values) {
  const std::string_view name = TextOf(values[0]);
  const bool plain =
      !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
  if (plain) return ReturnText(context, name);
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  ReturnText(context, quoted + "\"");
}

void Concatenate(Context* context, int count, Value** values) {
  std::string text;
  for (int at = 0; at < count; ++at) text.append(TextOf(values[at]));
  ReturnText(context, text);
}

// The bytes of the first characters of UTF-8.
std::size_t BytesOf(std::string_view text, std::int64_t characters) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && characters-- <= 0) break;
  }
  return at;
}

// substr(text, from) and substr(text, from, length): a part before the text is empty, where SQLite counts from the end.
void Substring(Context* context, int count, Value** values) {
  for (int at = 0; at < count; ++at) {
    if (sqlite3_value_type(values[at]) == SQLITE_NULL) return sqlite3_result_null(context);
  }
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto number = [&](int at) { return std::clamp<std::int64_t>(sqlite3_value_int64(values[at]), -kMost, kMost); };
  const std::string_view text = TextOf(values[0]);
  const std::int64_t from = number(1), length = count > 2 ? number(2) : 2 * kMost;
  if (length < 0) return sqlite3_result_error(context, "care: negative substring length not allowed", -1);
  const std::int64_t first = std::max<std::int64_t>(from - 1, 0);
  const std::int64_t end = std::max(from - 1 + length, first);
  const std::size_t begin = BytesOf(text, first);
  ReturnText(context, text.substr(begin, BytesOf(text.substr(begin), end - first)));
}

}  // namespace

absl::Status RegisterTextFunctions(sqlite3* database) {
  struct TextFunction {
    const char* name;
    int arguments;
    void (*function)(Context*, int, Value**);
  };
  constexpr TextFunction kFunctions[] = {
      {"like", 2, &LikeFunction},
      {"like", 3, &LikeFunction},
      {"glob", 2, &LikeIgnoringCase},
      {"regexp", 2, &RegexFunction},
      {"match", 2, &RegexIgnoringCase},
      {"quote_ident", 1, &QuoteIdentifier},
      {"concat", -1, &Concatenate},
      {"substr", 2, &Substring},
      {"substr", 3, &Substring},
  };
  int result = SQLITE_OK;
  for (const TextFunction& one : kFunctions) {
    result |= sqlite3_create_function_v2(database, one.name, one.arguments, SQLITE_UTF8, nullptr,
                                         one.function, nullptr, nullptr, nullptr);
  }
  result |= sqlite3_create_function_v2(database, "string_agg", 2, SQLITE_UTF8, nullptr, nullptr, &StringStep,
                                       &StringFinal, nullptr);
  return result == SQLITE_OK ? absl::OkStatus()
                             : absl::InternalError("the catalogue's functions cannot be registered");
}

}  // namespace care::engine::pgwire
