// Texts and arrays in catalogue queries. An array is its text in PostgreSQL's form, {a,b}, or for an
// int2vector 1 2.

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

namespace care::engine::pgwire {
namespace {

using Context = sqlite3_context;
using Value = sqlite3_value;

constexpr std::size_t kLongestPattern = 500;
constexpr std::size_t kLongestMatched = 10'000;
constexpr std::int64_t kLongestSeries = 10'000;

std::string_view TextOf(Value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}
bool IsNull(Value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }
void ReturnText(Context* context, std::string_view text) {
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}
void ReturnElement(Context* context, std::string_view text) {
  std::int64_t integer = 0;
  if (absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &integer))
    return sqlite3_result_int64(context, integer);
  ReturnText(context, text);
}

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

// ---- Arrays ---------------------------------------------------------------------------------------------

struct Array {
  std::vector<std::string> elements;
  bool from_zero = false;  // an int2vector's first element has number 0
};

Array ReadArray(std::string_view text) {
  Array array;
  if (!text.starts_with("{")) {
    array.from_zero = true;
    while (!text.empty()) {
      const std::size_t end = text.find(' ');
      if (end != 0) array.elements.emplace_back(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return array;
  }
  std::string element;
  bool quoted = false, any = false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\' && at + 1 < text.size()) {
      element.push_back(text[++at]);
    } else if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && (c == ',' || c == '}')) {
      if (any || !element.empty()) array.elements.push_back(element);
      element.clear();
      any = false;
    } else if (quoted || c != '{') {
      element.push_back(c);
    }
  }
  return array;
}

void AppendElement(std::string& array, std::string_view element) {
  if (array.size() > 1) array.push_back(',');
  if (!element.empty() && element.find_first_of("{},\"\\ \n\t") == std::string_view::npos &&
      element != "NULL") {
    array.append(element);
    return;
  }
  array.push_back('"');
  for (const char c : element) {
    if (c == '"' || c == '\\') array.push_back('\\');
    array.push_back(c);
  }
  array.push_back('"');
}

void MakeArray(Context* context, int count, Value** values) {
  std::string array = "{";
  for (int at = 0; at < count; ++at) AppendElement(array, TextOf(values[at]));
  ReturnText(context, array + "}");
}

void ArrayToString(Context* context, int, Value** values) {
  if (IsNull(values[0])) return sqlite3_result_null(context);
  std::string text;
  bool first = true;
  for (const std::string& element : ReadArray(TextOf(values[0])).elements) {
    if (!first) text.append(TextOf(values[1]));
    first = false;
    text.append(element);
  }
  ReturnText(context, text);
}

void ArrayElement(Context* context, int, Value** values) {
  if (IsNull(values[0]) || IsNull(values[1])) return sqlite3_result_null(context);
  const Array array = ReadArray(TextOf(values[0]));
  const std::int64_t index = sqlite3_value_int64(values[1]) - (array.from_zero ? 0 : 1);
  if (index < 0 || index >= static_cast<std::int64_t>(array.elements.size()))
    return sqlite3_result_null(context);
  ReturnElement(context, array.elements[static_cast<std::size_t>(index)]);
}

void InArray(Context* context, int, Value** values) {
  if (IsNull(values[0]) || IsNull(values[1])) return sqlite3_result_null(context);
  const Array array = ReadArray(TextOf(values[1]));
  const bool found =
      std::find(array.elements.begin(), array.elements.end(), TextOf(values[0])) != array.elements.end();
  sqlite3_result_int(context, found ? 1 : 0);
}

void ArrayUpper(Context* context, int, Value** values) {
  const Array array = ReadArray(TextOf(values[0]));
  if (array.elements.empty()) return sqlite3_result_null(context);
  sqlite3_result_int64(context, static_cast<std::int64_t>(array.elements.size()) - (array.from_zero ? 1 : 0));
}

void ArrayLower(Context* context, int, Value** values) {
  const Array array = ReadArray(TextOf(values[0]));
  if (array.elements.empty()) return sqlite3_result_null(context);
  sqlite3_result_int(context, array.from_zero ? 0 : 1);
}

void ArrayLength(Context* context, int, Value** values) {
  const Array array = ReadArray(TextOf(values[0]));
  if (array.elements.empty()) return sqlite3_result_null(context);
  sqlite3_result_int64(context, static_cast<std::int64_t>(array.elements.size()));
}

void JsonOfArray(Context* context, int, Value** values) {
  if (IsNull(values[0])) return ReturnText(context, "[]");
  std::string json = "[";
  for (const std::string& element : ReadArray(TextOf(values[0])).elements) {
    if (json.size() > 1) json.push_back(',');
    std::int64_t integer = 0;
    if (absl::SimpleAtoi(element, &integer)) {
      absl::StrAppend(&json, integer);
      continue;
    }
    json.push_back('"');
    for (const char c : element) {
      if (c == '"' || c == '\\') json.push_back('\\');
      json.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
    json.push_back('"');
  }
  ReturnText(context, json + "]");
}

void JsonOfSeries(Context* context, int, Value** values) {
  std::string json = "[";
  if (!IsNull(values[0]) && !IsNull(values[1])) {
    const std::int64_t from = sqlite3_value_int64(values[0]), to = sqlite3_value_int64(values[1]);
    if (to >= from && static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) > kLongestSeries) {
      return sqlite3_result_error(context, "care: a series is too long", -1);
    }
    for (std::int64_t value = from; value <= to; ++value)
      absl::StrAppend(&json, json.size() > 1 ? "," : "", value);
  }
  ReturnText(context, json + "]");
}

// Aggregates keep a string of SQLite's: {elements so far, or texts with separators. It ends at the database's limit of a
// text, and its memory counts as the statement's.
sqlite3_str* Aggregated(Context* context, bool create) {
  auto** slot =
      static_cast<sqlite3_str**>(sqlite3_aggregate_context(context, create ? sizeof(sqlite3_str*) : 0));
  if (slot == nullptr) return nullptr;
  if (*slot == nullptr && create) *slot = sqlite3_str_new(sqlite3_context_db_handle(context));
  return *slot;
}
void Append(Context* context, sqlite3_str* string, std::string_view text) {
  sqlite3_str_append(string, text.data(), static_cast<int>(text.size()));
  const int error = sqlite3_str_errcode(string);
  if (error != SQLITE_OK) sqlite3_result_error_code(context, error);
}
void ReturnAggregated(Context* context, sqlite3_str* string) {
  const int error = sqlite3_str_errcode(string), size = sqlite3_str_length(string);
  char* text = sqlite3_str_finish(string);
  if (error != SQLITE_OK) {
    sqlite3_free(text);
    return sqlite3_result_error_code(context, error);
  }
  if (text == nullptr) return sqlite3_result_text(context, "", 0, SQLITE_STATIC);
  sqlite3_result_text(context, text, size, &sqlite3_free);
}

void ArrayStep(Context* context, int, Value** values) {
  sqlite3_str* array = Aggregated(context, true);
  if (array == nullptr) return;
  std::string element = "{";
  const bool first = sqlite3_str_length(array) == 0;
  if (!first) element = "{x";  // AppendElement writes a comma unless the array is new
  const std::size_t known = first ? 0 : element.size();
  AppendElement(element, TextOf(values[0]));
  Append(context, array, std::string_view(element).substr(known));
}
void ArrayFinal(Context* context) {
  sqlite3_str* array = Aggregated(context, false);
  if (array == nullptr) return ReturnText(context, "{}");
  Append(context, array, "}");
  ReturnAggregated(context, array);
}

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
      {"care_array", -1, &MakeArray},
      {"care_element", 2, &ArrayElement},
      {"care_in_array", 2, &InArray},
      {"care_json_of_array", 1, &JsonOfArray},
      {"care_json_of_series", 2, &JsonOfSeries},
      {"array_to_string", 2, &ArrayToString},
      {"array_upper", 2, &ArrayUpper},
      {"array_lower", 2, &ArrayLower},
      {"array_length", 2, &ArrayLength},
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
  result |= sqlite3_create_function_v2(database, "care_array_agg", 1, SQLITE_UTF8, nullptr, nullptr,
                                       &ArrayStep, &ArrayFinal, nullptr);
  result |= sqlite3_create_function_v2(database, "array_agg", 1, SQLITE_UTF8, nullptr, nullptr, &ArrayStep,
                                       &ArrayFinal, nullptr);
  result |= sqlite3_create_function_v2(database, "string_agg", 2, SQLITE_UTF8, nullptr, nullptr, &StringStep,
                                       &StringFinal, nullptr);
  return result == SQLITE_OK ? absl::OkStatus()
                             : absl::InternalError("the catalogue's functions cannot be registered");
}

}  // namespace care::engine::pgwire
