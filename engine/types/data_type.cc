#include "engine/types/data_type.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace care {

bool DataType::IsInteger() const {
  return kind == TypeKind::kSmallInt || kind == TypeKind::kInteger || kind == TypeKind::kBigInt;
}

bool DataType::IsExactNumber() const { return IsInteger() || kind == TypeKind::kNumeric; }

bool DataType::IsFloat() const { return kind == TypeKind::kDouble || kind == TypeKind::kReal; }
bool DataType::IsTimestamp() const { return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz; }

std::string DataType::ToString() const {
  switch (kind) {
    case TypeKind::kUnknown:
      return "unknown";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kSmallInt:
      return "smallint";
    case TypeKind::kInteger:
      return "integer";
    case TypeKind::kBigInt:
      return "bigint";
    case TypeKind::kNumeric:
      if (precision == 0) return "numeric";
      return absl::StrCat("numeric(", static_cast<int>(precision), ",", static_cast<int>(scale), ")");
    case TypeKind::kDate:
      return "date";
    case TypeKind::kText:
      if (max_length == 0) return "text";
      return absl::StrCat("character varying(", static_cast<int>(max_length), ")");
    case TypeKind::kInterval:
      return "interval";
    case TypeKind::kDouble:
      return "double precision";
    case TypeKind::kReal:
      return "real";
    case TypeKind::kTimestamp:
      return "timestamp without time zone";
    case TypeKind::kTimestampTz:
      return "timestamp with time zone";
  }
  return "unknown";
}

bool IsBlankPadded(std::string_view text) {
  std::string name;
  for (const char c : text.substr(0, text.find('('))) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return name == "char" || name == "character" || name == "bpchar" || name == "nchar";
}

absl::StatusOr<DataType> ParseDataType(std::string_view text) {
  std::string name;
  std::vector<int> arguments;
  const std::size_t open = text.find('(');
  for (char c : text.substr(0, open)) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (space && (name.empty() || name.back() == ' ')) continue;
    name.push_back(space ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const auto malformed = [&] {
    return absl::InvalidArgumentError(absl::StrCat("unknown type '", std::string(text), "'"));
  };
  if (open != std::string_view::npos) {
    std::string_view rest = text.substr(open + 1);
    const std::size_t close = rest.find(')');
    if (close == std::string_view::npos) return malformed();
    for (std::size_t at = 0; at < close;) {
      while (at < close && (rest[at] == ' ' || rest[at] == ',')) ++at;
      if (at == close) break;
      int number = 0;
      const auto [end, error] = std::from_chars(rest.data() + at, rest.data() + close, number);
      if (error != std::errc() || number < 0) return malformed();
      arguments.push_back(number);
      at = static_cast<std::size_t>(end - rest.data());
    }
  }
  DataType type;
  if (name == "boolean" || name == "bool") {
    type.kind = TypeKind::kBoolean;
  } else if (name == "smallint" || name == "int2") {
    type.kind = TypeKind::kSmallInt;
  } else if (name == "integer" || name == "int" || name == "int4") {
    type.kind = TypeKind::kInteger;
  } else if (name == "bigint" || name == "int8") {
    type.kind = TypeKind::kBigInt;
  } else if (name == "numeric" || name == "decimal") {
    type.kind = TypeKind::kNumeric;
    if (arguments.size() > 2) return malformed();
    const int precision = arguments.empty() ? 0 : arguments[0];
    const int scale = arguments.size() == 2 ? arguments[1] : 0;
    if (!arguments.empty() && (precision < 1 || precision > 38 || scale > precision)) return malformed();
    type.precision = static_cast<std::uint8_t>(precision);
    type.scale = static_cast<std::uint8_t>(scale);
  } else if (name == "double precision" || name == "float8" || name == "real" || name == "float4") {
    type.kind = name == "real" || name == "float4" ? TypeKind::kReal : TypeKind::kDouble;
  } else if (name == "float") {
    // float(n) counts binary digits.
    if (arguments.size() > 1 || (!arguments.empty() && (arguments[0] < 1 || arguments[0] > 53))) return malformed();
    type.kind = !arguments.empty() && arguments[0] <= 24 ? TypeKind::kReal : TypeKind::kDouble;
    arguments.clear();
  } else if (name == "date") {
    type.kind = TypeKind::kDate;
  } else if (name == "timestamp" || name == "timestamp without time zone") {
    type.kind = TypeKind::kTimestamp;
  } else if (name == "timestamptz" || name == "timestamp with time zone") {
    type.kind = TypeKind::kTimestampTz;
  } else if (name == "text" || name == "varchar" || name == "character varying") {
    type.kind = TypeKind::kText;
    if (arguments.size() > 1 || (!arguments.empty() && (arguments[0] < 1 || arguments[0] > 10'000))) {
      return malformed();
    }
    if (arguments.size() == 1) type.max_length = static_cast<std::uint16_t>(arguments[0]);
  } else {
    return malformed();
  }
  if (!arguments.empty() && type.kind != TypeKind::kNumeric && type.kind != TypeKind::kText) return malformed();
  return type;
}

}  // namespace care
