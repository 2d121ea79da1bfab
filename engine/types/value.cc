#include "engine/types/value.h"

#include "absl/strings/str_cat.h"
#include "engine/types/date.h"
#include "engine/types/double_text.h"
#include "engine/types/timestamp.h"

namespace care {
namespace {

struct Formatter {
  std::string operator()(Null) const { return ""; }
  std::string operator()(bool value) const { return value ? "t" : "f"; }
  std::string operator()(std::int64_t value) const { return absl::StrCat(value); }
  std::string operator()(const Decimal& value) const { return value.ToString(); }
  std::string operator()(Date value) const { return FormatDate(value.days); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(double value) const { return FormatDouble(value); }
  std::string operator()(float value) const { return FormatReal(value); }
  std::string operator()(Interval value) const {
    return absl::StrCat(value.months, " mons ", value.days, " days ", value.microseconds, " microseconds");
  }
  std::string operator()(Timestamp value) const { return FormatTimestamp(value); }
};

}  // namespace

std::string FormatValue(const Value& value) { return std::visit(Formatter{}, value); }

}  // namespace care
