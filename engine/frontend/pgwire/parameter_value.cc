#include "engine/frontend/pgwire/parameter_value.h"

#include <bit>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "grammar/parameters.h"

namespace care::engine::pgwire {
namespace {

enum Oid : std::uint32_t {
  kBool = 16,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOid = 26,
  kFloat4 = 700,
  kFloat8 = 701,
  kUnknown = 705,
  kBpchar = 1042,
  kVarchar = 1043,
  kDate = 1082,
  kTimestamp = 1114,
  kTimestampTz = 1184,
  kNumeric = 1700,
};

// The protocol counts days and microseconds from this day on.
constexpr std::int32_t kEpoch = 10'957;  // 2000-01-01

bool IsTimestamp(std::uint32_t oid) { return oid == kTimestamp || oid == kTimestampTz; }

bool IsText(std::uint32_t oid) {
  return oid == 0 || oid == kText || oid == kVarchar || oid == kBpchar || oid == kUnknown || oid == kName;
}

std::size_t IntegerBytes(std::uint32_t oid) {
  return oid == kInt2 ? 2 : oid == kInt4 || oid == kOid ? 4 : oid == kInt8 ? 8 : 0;
}

std::int64_t SignedOf(std::string_view bytes) {
  std::uint64_t value = static_cast<unsigned char>(bytes[0]) >= 0x80 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::string BigEndian(std::int64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t at = 0; at < bytes; ++at) {
    text[at] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * (bytes - 1 - at)));
  }
  return text;
}

absl::Status Invalid(std::string_view type) {
  return SqlStatus(sqlstate::kInvalidText,
                   absl::StrCat("invalid input syntax for a parameter of type ", std::string(type)));
}

absl::StatusOr<std::string> MomentOf(std::uint32_t oid, std::string_view bytes) {
  if (bytes.size() != (oid == kDate ? 4u : 8u)) {
    return SqlStatus(sqlstate::kInvalidBinary, "a binary parameter has a wrong length");
  }
  const std::int64_t since = SignedOf(bytes);
  // Far from overflow, and infinity is none of them.
  const std::int64_t unit = oid == kDate ? 1 : kMicrosecondsOfDay;
  if (since > 4'000'000 * unit || since < -4'000'000 * unit) return SqlStatus("22008", "a parameter is out of its type's range");
  const std::int64_t moment = since + kEpoch * unit;
  if (moment < kFirstTimestamp / kMicrosecondsOfDay * unit || moment > kLastTimestamp / kMicrosecondsOfDay * unit + unit - 1) {
    return SqlStatus("22008", "a parameter is out of its type's range");
  }
  return oid == kDate ? FormatDate(static_cast<std::int32_t>(moment)) : FormatTimestamp({moment, oid == kTimestampTz});
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// [+-] digits [. digits] [e [+-] digits]
bool IsDecimal(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  std::size_t digits = 0, at = 0;
  const auto take_digits = [&] {
    std::size_t count = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at, ++count;
    return count;
  };
  digits += take_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits += take_digits();
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (take_digits() == 0) return false;
  }
  return at == text.size();
}

// A sign must not meet another: 1 -$1 with -5 would be a comment.
std::string NumberLiteral(std::string_view text) {
  const bool has_sign = text[0] == '-' || text[0] == '+';
  return has_sign ? absl::StrCat("(", std::string(text), ")") : std::string(text);
}

absl::StatusOr<bool> ReadBoolean(std::string_view text) {
  std::string lower;
  for (const char c : Trimmed(text)) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  if (lower == "t" || lower == "true" || lower == "1" || lower == "on" || lower == "yes" || lower == "y")
    return true;
  if (lower == "f" || lower == "false" || lower == "0" || lower == "off" || lower == "no" || lower == "n")
    return false;
  return Invalid("boolean");
}

}  // namespace

absl::StatusOr<ParameterValue> ReadParameter(std::uint32_t type_oid, std::int16_t format,
                                             std::string_view bytes) {
  ParameterValue value{type_oid, std::string(bytes)};
  if (format == 0 || IsText(type_oid)) {
    if (bytes.find('\0') != std::string_view::npos) {
      return SqlStatus("22021", "a parameter holds a NUL character");
    }
    return value;
  }
  if (format != 1)
    return SqlStatus(sqlstate::kProtocolViolation, "a parameter's format is neither text nor binary");
  if (type_oid == kBool && bytes.size() == 1) {
    value.text = bytes[0] == 0 ? "f" : "t";
    return value;
  }
  if (type_oid == kDate || IsTimestamp(type_oid)) {
    CARE_ASSIGN_OR_RETURN(value.text, MomentOf(type_oid, bytes));
    return value;
  }
  const std::size_t size = IntegerBytes(type_oid);
  if (size == 0 && type_oid != kBool) {
    return SqlStatus(sqlstate::kFeatureNotSupported,
                     absl::StrCat("binary parameters of type ", type_oid, " are not supported"),
                     "send this parameter as text");
  }
  if (size == 0 || bytes.size() != size) {
    return SqlStatus(sqlstate::kInvalidBinary, "a binary parameter has a wrong length");
  }
  value.text = absl::StrCat(type_oid == kOid ? SignedOf(bytes) & 0xffffffff : SignedOf(bytes));
  return value;
}

absl::StatusOr<std::string> ParameterLiteral(const ParameterValue& value) {
  if (!value.text.has_value()) return std::string("NULL");
  const std::string& text = *value.text;
  if (IsText(value.type_oid)) return sql::QuoteLiteral(text);
  const std::string number(Trimmed(text));
  if (const std::size_t bytes = IntegerBytes(value.type_oid); bytes > 0) {
    std::int64_t integer = 0;
    if (!absl::SimpleAtoi(number, &integer)) return Invalid("integer");
    const std::int64_t most = bytes == 8   ? std::numeric_limits<std::int64_t>::max()
                              : bytes == 4 ? (value.type_oid == kOid ? 0xffffffffLL : 0x7fffffffLL)
                                           : 0x7fffLL;
    if (integer > most || integer < -most - 1)
      return SqlStatus("22003", "a parameter is out of its type's range");
    if (integer == std::numeric_limits<std::int64_t>::min()) return std::string("(-9223372036854775807 - 1)");
    return NumberLiteral(absl::StrCat(integer));
  }
  switch (value.type_oid) {
    case kBool: {
      CARE_ASSIGN_OR_RETURN(const bool truth, ReadBoolean(text));
      return std::string(truth ? "TRUE" : "FALSE");
    }
    case kFloat4:
    case kFloat8:
    case kNumeric:
      if (!IsDecimal(number)) return Invalid("numeric");
      return NumberLiteral(number);
    case kDate:
      return absl::StrCat("DATE ", sql::QuoteLiteral(text));
    case kTimestamp:
      return absl::StrCat("TIMESTAMP ", sql::QuoteLiteral(text));
    case kTimestampTz:
      return absl::StrCat("TIMESTAMPTZ ", sql::QuoteLiteral(text));
    default:
      return SqlStatus(sqlstate::kFeatureNotSupported,
                       absl::StrCat("parameters of type ", value.type_oid, " are not supported"),
                       "send numbers, dates, booleans or text");
  }
}

absl::StatusOr<std::string> BinaryCell(std::uint32_t type_oid, const std::string& text) {
  if (IsText(type_oid)) return text;
  if (type_oid == kBool) return std::string(1, text == "t" ? '\1' : '\0');
  if (const std::size_t bytes = IntegerBytes(type_oid); bytes > 0) {
    std::int64_t integer = 0;
    if (!absl::SimpleAtoi(text, &integer))
      return absl::InternalError("a cell of an integer column is not a number");
    return BigEndian(integer, bytes);
  }
  if (type_oid == kFloat8) {
    double number = 0;
    if (!absl::SimpleAtod(text, &number)) return absl::InternalError("a cell of a double column is not a number");
    return BigEndian(std::bit_cast<std::int64_t>(number), sizeof number);
  }
  if (type_oid == kFloat4) {
    float number = 0;
    if (!absl::SimpleAtof(text, &number)) return absl::InternalError("a cell of a real column is not a number");
    return BigEndian(std::bit_cast<std::int32_t>(number), sizeof number);
  }
  if (type_oid == kDate) {
    CARE_ASSIGN_OR_RETURN(const std::int32_t days, ParseDate(text));
    return BigEndian(days - kEpoch, sizeof days);
  }
  if (IsTimestamp(type_oid)) {
    CARE_ASSIGN_OR_RETURN(const std::int64_t moment, ReadTimestampText(text, type_oid == kTimestampTz));
    return BigEndian(moment - kEpoch * kMicrosecondsOfDay, sizeof moment);
  }
  return SqlStatus(sqlstate::kFeatureNotSupported,
                   absl::StrCat("results of type ", type_oid, " are not sent in binary"),
                   "ask for text results");
}

}  // namespace care::engine::pgwire
