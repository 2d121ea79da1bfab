#include "engine/frontend/init/measured_column.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/init/proposal.h"
#include "engine/frontend/init/public_bounds.h"
#include "engine/types/date.h"
#include "engine/types/decimal.h"
#include "engine/types/numeric_text.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr int kSample = 1000;
constexpr std::size_t kMostValues = 30;
constexpr std::size_t kLongestValue = 60;
constexpr int kFewestRows = 10;  // of a value that a domain proposes
constexpr std::size_t kFewestBsn = 20;
constexpr int kMostDigits = 18;
constexpr char kFirstDay[] = "1850-01-01";
constexpr char kLastDay[] = "2100-12-31";

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

class Measurement {
 public:
  Measurement(InspectedDatabase& database, const OwnTable& table, const OwnColumn& column)
      : database_(database), table_(QuotedTable(table)), column_(column), text_(database.AsText(column)) {}

  absl::StatusOr<MeasuredColumn> Measure() {
    result_.name = FederationName(column_.name);
    result_.own_name = column_.name;
    result_.nullable = !column_.not_null;
    if (column_.kind == OwnKind::kOther) {
      result_.left_out = column_.unusable;
      return result_;
    }
    if (column_.kind == OwnKind::kText || column_.kind == OwnKind::kInteger) {
      CARE_ASSIGN_OR_RETURN(result_.is_bsn, MostlyBsn());
    }
    if (result_.is_bsn) {
      result_.type = "text";
      return result_;
    }
    switch (column_.kind) {
      case OwnKind::kBoolean:
        result_.type = "boolean";
        break;
      case OwnKind::kInteger:
        CARE_RETURN_IF_ERROR(Integers());
        break;
      case OwnKind::kDecimal:
        CARE_RETURN_IF_ERROR(Decimals());
        break;
      case OwnKind::kFloat:
        CARE_RETURN_IF_ERROR(Floats());
        break;
      case OwnKind::kDate:
      case OwnKind::kInstant:
        CARE_RETURN_IF_ERROR(Dates());
        break;
      case OwnKind::kMomentText:
        CARE_RETURN_IF_ERROR(MomentTexts());
        break;
      case OwnKind::kText:
        CARE_RETURN_IF_ERROR(Texts());
        break;
      case OwnKind::kOther:
        break;
    }
    return result_;
  }

 private:
  std::string From() const {
    return absl::StrCat(" FROM ", table_, " WHERE ", QuotedName(column_.name), " IS NOT NULL");
  }

  absl::StatusOr<bool> MostlyBsn() {
    CARE_ASSIGN_OR_RETURN(const auto rows,
                          database_.Query(absl::StrCat("SELECT ", text_, From(), " LIMIT ", kSample)));
    const auto good = static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [](const auto& row) { return IsBsn(row[0].value_or("")); }));
    return rows.size() >= kFewestBsn && good * 10 >= rows.size() * 9;
  }

  // Nothing if there are no values.
  absl::StatusOr<std::optional<std::pair<std::string, std::string>>> Extremes(const std::string& condition) {
    // Of the column and not of its text, which would sort 10 before 9; the text of the two is what is read.
    const std::string name = QuotedName(column_.name);
    std::string least = text_;
    std::string greatest = text_;
    const auto wrap = [&](std::string& text, const char* function) {
      const std::size_t at = text.find(name);
      text.replace(at, name.size(), absl::StrCat(function, "(", name, ")"));
    };
    wrap(least, "MIN");
    wrap(greatest, "MAX");
    CARE_ASSIGN_OR_RETURN(const auto rows,
                          database_.Query(absl::StrCat("SELECT ", least, ", ", greatest, From(), condition)));
    if (rows.empty() || !rows[0][0].has_value() || !rows[0][1].has_value()) {
      return std::optional<std::pair<std::string, std::string>>();
    }
    return std::optional(std::pair(*rows[0][0], *rows[0][1]));
  }

  absl::Status Integers() {
    result_.type = column_.integer_bits == 16   ? "smallint"
                   : column_.integer_bits == 32 ? "integer"
                                                : "bigint";
    CARE_ASSIGN_OR_RETURN(const auto extremes, Extremes(""));
    if (!extremes.has_value()) return absl::OkStatus();
    std::int64_t least = 0;
    std::int64_t greatest = 0;
    if (!absl::SimpleAtoi(extremes->first, &least) || !absl::SimpleAtoi(extremes->second, &greatest)) {
      result_.left_out = "it holds values that are not whole numbers";
      return absl::OkStatus();
    }
    const auto range = PublicRange(least, greatest);
    if (!range.has_value()) return absl::OkStatus();
    const std::int64_t most =
        column_.integer_bits == 64 ? INT64_MAX : (std::int64_t{1} << (column_.integer_bits - 1)) - 1;
    result_.min = absl::StrCat(std::max(range->first, -most));
    result_.max = absl::StrCat(std::min(range->second, most));
    return absl::OkStatus();
  }

  absl::Status Decimals() {
    int precision = column_.precision;
    int scale = column_.scale;
    if (precision == 0) {
      CARE_ASSIGN_OR_RETURN(const auto sample,
                            database_.Query(absl::StrCat("SELECT ", text_, From(), " LIMIT ", kSample)));
      for (const auto& row : sample) {
        const absl::StatusOr<Decimal> value = ParseDecimal(row[0].value_or(""));
        if (value.ok()) scale = std::max(scale, value->scale);
      }
      precision = kMostDigits;
      result_.remarks.push_back(
          "check this: the database declares no precision; the digits after the point are those of a sample");
    }
    if (precision > kMostDigits || scale > kMostDigits || scale > precision) {
      result_.left_out = "more than 18 digits";
      return absl::OkStatus();
    }
    result_.type = absl::StrCat("numeric(", precision, ",", scale, ")");
    CARE_ASSIGN_OR_RETURN(const auto extremes, Extremes(""));
    if (!extremes.has_value()) return absl::OkStatus();
    const auto unscaled = [scale](const std::string& text) -> absl::StatusOr<std::int64_t> {
      CARE_ASSIGN_OR_RETURN(const Decimal value, ParseDecimal(text));
      CARE_ASSIGN_OR_RETURN(const Decimal scaled, RescaleDecimal(value, scale));
      if (scaled.unscaled > INT64_MAX || scaled.unscaled < -INT64_MAX) return absl::OutOfRangeError("");
      return static_cast<std::int64_t>(scaled.unscaled);
    };
    const auto least = unscaled(extremes->first);
    const auto greatest = unscaled(extremes->second);
    if (!least.ok() || !greatest.ok()) {
      result_.left_out = "it holds values that are not decimals";
      return absl::OkStatus();
    }
    const auto range = PublicRange(*least, *greatest);
    if (!range.has_value()) return absl::OkStatus();
    std::int64_t most = 1;
    for (int i = 0; i < precision; ++i) most *= 10;
    result_.min = absl::StrCat("\"", Decimal{std::max(range->first, 1 - most), scale}.ToString(), "\"");
    result_.max = absl::StrCat("\"", Decimal{std::min(range->second, most - 1), scale}.ToString(), "\"");
    return absl::OkStatus();
  }

  absl::Status Floats() {
    constexpr int kMostDecimals = 6;
    const bool single = column_.declared == "real";
    result_.type = single ? "real" : "double precision";
    const std::size_t most = single ? 6 : 15;  // digits
    CARE_ASSIGN_OR_RETURN(const auto sample, database_.Query(absl::StrCat("SELECT ", text_, From(), " LIMIT ", kSample)));
    int decimals = 0;
    for (const auto& row : sample) {
      const absl::StatusOr<Decimal> value = ReadNumericText(row[0].value_or(""));
      if (value.ok()) decimals = std::max(decimals, std::min(value->scale, kMostDecimals));
    }
    CARE_ASSIGN_OR_RETURN(const auto extremes, Extremes(""));
    std::optional<std::pair<std::int64_t, std::int64_t>> range;
    // Fewer decimals where the type has not as many digits.
    for (; extremes.has_value(); --decimals) {
      const auto unscaled = [&](const std::string& text) -> absl::StatusOr<std::int64_t> {
        CARE_ASSIGN_OR_RETURN(const Decimal value, ReadNumericText(text));
        CARE_ASSIGN_OR_RETURN(const Decimal scaled, RescaleDecimal(value, decimals));
        if (scaled.unscaled > INT64_MAX || scaled.unscaled < -INT64_MAX) return absl::OutOfRangeError("");
        return static_cast<std::int64_t>(scaled.unscaled);
      };
      const auto least = unscaled(extremes->first);
      const auto greatest = unscaled(extremes->second);
      if (least.ok() && greatest.ok()) range = PublicRange(*least, *greatest);
      const auto fits = [most](std::int64_t end) { return absl::StrCat(end < 0 ? -end : end).size() <= most; };
      if (range.has_value() && fits(range->first) && fits(range->second)) break;
      range.reset();
      if (decimals == 0) {
        result_.left_out = "it holds values, perhaps NaN or Infinity, that do not fit its digits";
        return absl::OkStatus();
      }
    }
    result_.decimals = decimals;
    result_.remarks.push_back("check this: it is computed with so many digits after the point, those of a sample; owners' values are rounded to them");
    if (!range.has_value()) return absl::OkStatus();
    result_.min = absl::StrCat("\"", Decimal{range->first, decimals}.ToString(), "\"");
    result_.max = absl::StrCat("\"", Decimal{range->second, decimals}.ToString(), "\"");
    return absl::OkStatus();
  }

  absl::Status Dates() {
    result_.type = "date";
    if (column_.kind == OwnKind::kInstant) {
      result_.remarks.push_back("its day on the calendar of the federation's time zone; type \"timestamp\" or \"timestamptz\" keeps the time of day");
    }
    const std::string name = QuotedName(column_.name);
    const std::string inside = absl::StrCat(" AND ", name, " BETWEEN '", kFirstDay, "' AND '", kLastDay, "'");
    CARE_ASSIGN_OR_RETURN(const auto outside, database_.Query(absl::StrCat("SELECT 1", From(), " AND NOT (",
                                                                           inside.substr(5), ") LIMIT 1")));
    if (!outside.empty()) {
      result_.remarks.push_back(
          "check this: some dates lie before 1850 or after 2100, perhaps for \"unknown\" or \"for ever\"; "
          "they "
          "break the range below");
    }
    CARE_ASSIGN_OR_RETURN(const auto extremes, Extremes(inside));
    if (!extremes.has_value()) return absl::OkStatus();
    const auto least = ParseDate(extremes->first.substr(0, 10));
    const auto greatest = ParseDate(extremes->second.substr(0, 10));
    if (!least.ok() || !greatest.ok()) {
      result_.left_out = "it holds values that are not dates (YYYY-MM-DD)";
      return absl::OkStatus();
    }
    const auto [first, last] = PublicDates(*least, *greatest);
    result_.min = absl::StrCat("\"", FormatDate(first), "\"");
    result_.max = absl::StrCat("\"", FormatDate(last), "\"");
    return absl::OkStatus();
  }

  // The connector reads '2024-01-31 10:00:00', with a fraction or without, and a T between; not numbers, nor offsets for a "timestamp".
  absl::Status MomentTexts() {
    const std::string name = QuotedName(column_.name), second = absl::StrCat("replace(substr(", name, ", 1, 19), 'T', ' ')");
    const std::string rest = absl::StrCat("substr(", name, ", 20)");
    CARE_ASSIGN_OR_RETURN(const auto others,
                          database_.Query(absl::StrCat("SELECT 1", From(), " AND NOT (typeof(", name, ") = 'text' AND datetime(", second, ") IS ", second, " AND (", rest,
                                                       " = '' OR (", rest, " GLOB '.[0-9]*' AND NOT ", rest, " GLOB '.*[^0-9]*'))) LIMIT 1")));
    if (!others.empty()) {
      result_.left_out = "it holds moments that are not written YYYY-MM-DD HH:MM:SS; map the table with sql = \"SELECT datetime(...)\"";
      return absl::OkStatus();
    }
    CARE_RETURN_IF_ERROR(Dates());
    result_.type = "timestamp";
    const auto with_time = [](std::string& end, std::string_view time) {
      if (!end.empty()) end.insert(end.size() - 1, time);
    };
    with_time(result_.min, " 00:00:00");
    with_time(result_.max, " 23:59:59.999999");
    return absl::OkStatus();
  }

  absl::Status Texts() {
    result_.type = "text";
    CARE_ASSIGN_OR_RETURN(const auto values,
                          database_.Query(absl::StrCat("SELECT ", text_, ", COUNT(*)", From(),
                                                       " GROUP BY 1 "
                                                       "ORDER BY 1 LIMIT ",
                                                       kMostValues + 1)));
    if (values.size() > kMostValues) {
      result_.many_texts = true;
      return absl::OkStatus();
    }
    bool some_are_rare = false;
    for (const auto& row : values) {
      const std::string value = row[0].value_or("");
      const bool is_plain =
          value.size() <= kLongestValue && IsUtf8(value) &&
          std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
      if (!is_plain) {
        result_.left_out = "free text";
        return absl::OkStatus();
      }
      int rows = 0;
      if (!absl::SimpleAtoi(row[1].value_or("0"), &rows) || rows < kFewestRows) {
        some_are_rare = true;
        continue;
      }
      result_.domain.push_back(value);
    }
    if (result_.domain.empty()) {
      result_.left_out = "no value of it occurs often enough to propose a domain";
      return absl::OkStatus();
    }
    result_.remarks.push_back(
        "A DOMAIN IS PUBLIC. This is what the table holds; write what the code book lists instead");
    if (some_are_rare)
      result_.remarks.push_back("check this: there are rare values, which are not in this list");
    return absl::OkStatus();
  }

  InspectedDatabase& database_;
  const std::string table_;
  const OwnColumn& column_;
  const std::string text_;
  MeasuredColumn result_;
};

}  // namespace

std::string FederationName(const std::string& own) {
  std::string name;
  for (const char c : own) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 && byte < 0x80) {
      name.push_back(static_cast<char>(std::tolower(byte)));
    } else if (!name.empty() && name.back() != '_') {
      name.push_back('_');
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) name = "c_" + name;
  return name;
}

absl::StatusOr<MeasuredColumn> MeasureColumn(InspectedDatabase& database, const OwnTable& table,
                                             const OwnColumn& column) {
  return Measurement(database, table, column).Measure();
}

}  // namespace care::engine
