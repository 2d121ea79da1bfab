// Arrays in catalogue queries, and functions that yield rows. An array is its text in PostgreSQL's form, {a,b}, or for an
// int2vector 1 2.

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_functions.h"
#include "engine/frontend/pgwire/catalogue_values.h"

namespace care::engine::pgwire {
namespace {

constexpr std::int64_t kLongestSeries = 10'000;

void ReturnElement(Context* context, std::string_view text) {
  std::int64_t integer = 0;
  if (absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &integer))
    return sqlite3_result_int64(context, integer);
  ReturnText(context, text);
}

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

void ArrayRemove(Context* context, int, Value** values) {
  if (IsNull(values[0])) return sqlite3_result_null(context);
  std::string kept = "{";
  for (const std::string& element : ReadArray(TextOf(values[0])).elements) {
    if (element != TextOf(values[1])) AppendElement(kept, element);
  }
  ReturnText(context, kept + "}");
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
    const std::uint64_t rows = to < from ? 0 : static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) + 1;
    for (std::uint64_t row = 0; row < rows; ++row)
      absl::StrAppend(&json, row > 0 ? "," : "", from + static_cast<std::int64_t>(row));
  }
  ReturnText(context, json + "]");
}

// How many rows a function that yields rows has: care_rows_of(function, its arguments).
void RowsOf(Context* context, int count, Value** values) {
  const std::string_view function = TextOf(values[0]);
  for (int at = 1; at < count; ++at) {
    if (IsNull(values[at])) return sqlite3_result_int(context, 0);
  }
  if (function != "generate_series" || count != 3)
    return sqlite3_result_int64(context, count < 2 ? 0 : static_cast<std::int64_t>(ReadArray(TextOf(values[1])).elements.size()));
  const std::int64_t from = sqlite3_value_int64(values[1]), to = sqlite3_value_int64(values[2]);
  const std::uint64_t rows = to < from ? 0 : static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) + 1;
  if (rows > kLongestSeries) return sqlite3_result_error(context, "care: a series is too long", -1);
  sqlite3_result_int64(context, static_cast<std::int64_t>(rows));
}

// Its row, from 1, or NULL behind its last one: care_row_of(step, function, its arguments).
void RowOf(Context* context, int count, Value** values) {
  const std::int64_t step = sqlite3_value_int64(values[0]);
  const std::string_view function = TextOf(values[1]);
  for (int at = 2; at < count; ++at) {
    if (IsNull(values[at])) return sqlite3_result_null(context);
  }
  if (function == "generate_series") {
    if (count != 4) return sqlite3_result_error(context, "care: generate_series of other than two numbers is not supported in catalogue queries", -1);
    const std::int64_t from = sqlite3_value_int64(values[2]), to = sqlite3_value_int64(values[3]);
    if (to < from || static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) < static_cast<std::uint64_t>(step - 1))
      return sqlite3_result_null(context);
    return sqlite3_result_int64(context, from + step - 1);
  }
  if (count < 3) return sqlite3_result_error(context, "care: a function that yields rows has no argument", -1);
  const Array array = ReadArray(TextOf(values[2]));
  if (step < 1 || step > static_cast<std::int64_t>(array.elements.size())) return sqlite3_result_null(context);
  const std::string& element = array.elements[static_cast<std::size_t>(step - 1)];
  if (function == "generate_subscripts") return sqlite3_result_int64(context, step - (array.from_zero ? 1 : 0));
  if (element == "NULL" && function == "unnest") return sqlite3_result_null(context);
  if (function == "_pg_expandarray") return ReturnText(context, absl::StrCat("(", element, ",", step, ")"));
  ReturnElement(context, element);
}

// A field of a row that _pg_expandarray yields, (x,n).
void FieldOf(Context* context, int, Value** values) {
  const std::string_view row = TextOf(values[0]);
  const std::size_t comma = row.rfind(',');
  if (IsNull(values[0]) || comma == std::string_view::npos) return sqlite3_result_null(context);
  const std::string_view field = TextOf(values[1]) == "x" ? row.substr(1, comma - 1) : row.substr(comma + 1, row.size() - comma - 2);
  ReturnElement(context, std::string(field));
}

// Sequences have options, and there are none.
void NoObject(Context* context, int, Value**) {
  sqlite3_result_error(context, "care: json_build_object is not supported in catalogue queries", -1);
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

}  // namespace

absl::Status RegisterArrayFunctions(sqlite3* database) {
  struct ArrayFunction {
    const char* name;
    int arguments;
    void (*function)(Context*, int, Value**);
  };
  constexpr ArrayFunction kFunctions[] = {
      {"care_array", -1, &MakeArray},
      {"care_element", 2, &ArrayElement},
      {"care_in_array", 2, &InArray},
      {"care_json_of_array", 1, &JsonOfArray},
      {"care_json_of_series", 2, &JsonOfSeries},
      {"care_rows_of", -1, &RowsOf},
      {"care_row_of", -1, &RowOf},
      {"care_field", 2, &FieldOf},
      {"json_build_object", -1, &NoObject},
      {"array_remove", 2, &ArrayRemove},
      {"array_to_string", 2, &ArrayToString},
      {"array_upper", 2, &ArrayUpper},
      {"array_lower", 2, &ArrayLower},
      {"array_length", 2, &ArrayLength},
  };
  int result = SQLITE_OK;
  for (const ArrayFunction& one : kFunctions) {
    result |= sqlite3_create_function_v2(database, one.name, one.arguments, SQLITE_UTF8, nullptr,
                                         one.function, nullptr, nullptr, nullptr);
  }
  result |= sqlite3_create_function_v2(database, "care_array_agg", 1, SQLITE_UTF8, nullptr, nullptr,
                                       &ArrayStep, &ArrayFinal, nullptr);
  result |= sqlite3_create_function_v2(database, "array_agg", 1, SQLITE_UTF8, nullptr, nullptr, &ArrayStep,
                                       &ArrayFinal, nullptr);
  return result == SQLITE_OK ? absl::OkStatus()
                             : absl::InternalError("the catalogue's functions cannot be registered");
}

}  // namespace care::engine::pgwire
