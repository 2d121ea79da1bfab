#include "connectors/postgresql/stored_column.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/declared/cell_rule.h"
#include "connectors/select/sql_select.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

bool IsIntegerOid(Oid type) { return type == kInt2Oid || type == kInt4Oid || type == kInt8Oid; }

WireForm IntegerWire(Oid type) {
  return type == kInt2Oid ? WireForm::kInt2 : type == kInt4Oid ? WireForm::kInt4 : WireForm::kInt8;
}

StoredRange RangeOfOid(Oid type) {
  if (type == kInt2Oid) return RangeOfType({TypeKind::kSmallInt});
  if (type == kInt4Oid) return RangeOfType(kIntegerType);
  return RangeOfType(kBigIntType);
}

// The CASE under construction that yields the number of the rule that a value breaks.
class Rules {
 public:
  void Add(const std::string& condition, CellRule rule) {
    absl::StrAppend(&branches_, " WHEN ", condition, " THEN ", static_cast<int>(rule));
  }
  std::string ToSql() const {
    return branches_.empty() ? std::string() : absl::StrCat("CASE", branches_, " ELSE 0 END");
  }

 private:
  std::string branches_;
};

std::string Unscaled(std::int64_t value, int scale) {
  return absl::StrCat("'", Decimal{value, scale}.ToString(), "'::numeric");
}

struct Context {
  const planner::CatalogColumn& declared;
  const OwnColumn& own;
  const PostgresqlConnection::ResultColumn& type;
  const bool scaled;
  const std::string& time_zone;
  const std::string quoted;
};

bool ReadBoolean(const Context& c, StoredColumn& column, Rules& rules) {
  if (c.type.type == kBoolOid) {
    column.wire = WireForm::kBoolean;
    column.sql = c.quoted;
    return true;
  }
  if (!IsIntegerOid(c.type.type)) return false;
  column.wire = IntegerWire(c.type.type);
  column.sql = absl::StrCat("(", c.quoted, " <> 0)");
  rules.Add(absl::StrCat(c.quoted, " NOT IN (0, 1)"), CellRule::kBoolean);
  return true;
}

// Integers and numerics: `scale` is that of the declared type, `unit` that of what is stored.
bool ReadNumber(const Context& c, StoredColumn& column, Rules& rules) {
  const DataType& declared = c.declared.type;
  const int scale = declared.kind == TypeKind::kNumeric ? declared.scale : 0;
  const int unit = c.scaled ? scale : 0;
  const StoredRange range = RangeOfColumn(c.declared);
  const bool integer = IsIntegerOid(c.type.type);
  const bool floating = c.type.type == kFloat4Oid || c.type.type == kFloat8Oid;
  if (c.declared.shown_as != TypeKind::kUnknown && !c.scaled && (floating || c.type.type == kNumericOid)) {
    // Rounded to the declared decimals. NaN and the infinities are above or below every range.
    column.wire = WireForm::kNumeric;
    column.digits = scale;
    column.sql = absl::StrCat("round(", c.quoted, "::numeric, ", scale, ")");
    column.fetched = column.sql;
    column.keeps_uniqueness = false;
    rules.Add(absl::StrCat(column.sql, " NOT BETWEEN ", Unscaled(range.min, scale), " AND ", Unscaled(range.max, scale)), CellRule::kRange);
    return true;
  }
  if (!integer && c.type.type != kNumericOid) return false;
  column.wire = integer ? IntegerWire(c.type.type) : WireForm::kNumeric;
  const int shown = c.scaled ? 0 : scale;  // digits after the point of the stored number
  column.digits = shown;
  column.shift = integer ? scale - unit : 0;
  int own_precision = 0, own_scale = -1;
  if (c.type.type == kNumericOid && c.type.modifier >= 4) {
    own_precision = (c.type.modifier - 4) >> 16 & 0xffff;
    own_scale = (c.type.modifier - 4) & 0x7ff;
    if (own_scale > 1000) own_scale -= 0x800;  // PostgreSQL 15 lets it be negative
  }
  if (!integer && (own_scale < 0 || own_scale > shown)) {
    rules.Add(absl::StrCat(c.quoted, " <> round(", c.quoted, ", ", shown, ")"), CellRule::kDecimal);
  }
  if (integer) {
    const StoredRange own = RangeOfOid(c.type.type);
    const auto bound = [&](std::int64_t value) {
      // Compared in the column's own units; a bigint's least value is no literal of bigint.
      return unit == scale ? absl::StrCat("'", value, "'::bigint") : Unscaled(value, scale);
    };
    if (unit != scale || own.min < range.min || own.max > range.max) {
      rules.Add(absl::StrCat(c.quoted, " NOT BETWEEN ", bound(range.min), " AND ", bound(range.max)), CellRule::kRange);
    }
  } else {
    // Always: a numeric may be NaN, which is above every number.
    rules.Add(absl::StrCat(c.quoted, " NOT BETWEEN ", Unscaled(range.min, shown), " AND ", Unscaled(range.max, shown)),
              CellRule::kRange);
  }
  if (declared.kind != TypeKind::kNumeric) {
    const bool same = integer && SqlTypeName(declared) == (c.type.type == kInt2Oid   ? "smallint"
                                                           : c.type.type == kInt4Oid ? "integer"
                                                                                     : "bigint");
    column.sql = same ? c.quoted : absl::StrCat(c.quoted, "::", SqlTypeName(declared));
  } else if (c.scaled) {
    // A numeric of the declared scale, whatever the integer: 150 cents are 1.50.
    column.sql = absl::StrCat("(", c.quoted, "::numeric(38,0) * ", Decimal{1, scale}.ToString(), ")");
  } else {
    const bool same = !integer && own_scale == scale && own_precision <= declared.precision;
    column.sql = same ? c.quoted : absl::StrCat(c.quoted, "::", SqlTypeName(declared));
  }
  return true;
}

bool ReadDate(const Context& c, StoredColumn& column, Rules& rules) {
  if (c.type.type == kDateOid) {
    column.sql = c.quoted;
  } else if (c.type.type == kTimestampOid) {
    column.sql = absl::StrCat(c.quoted, "::date");
    column.keeps_uniqueness = false;
  } else if (c.type.type == kTimestamptzOid) {
    column.sql = absl::StrCat("(", c.quoted, " AT TIME ZONE ", QuoteText(c.time_zone), ")::date");
    column.keeps_uniqueness = false;
  } else {
    return false;
  }
  column.fetched = column.sql;
  column.wire = WireForm::kDate;
  const StoredRange calendar = {DaysFromCivil({1, 1, 1}), DaysFromCivil({9999, 12, 31})};
  const auto between = [&](StoredRange range) {
    return absl::StrCat(column.sql, " NOT BETWEEN '", FormatDate(static_cast<std::int32_t>(range.min)), "'::date AND '",
                        FormatDate(static_cast<std::int32_t>(range.max)), "'::date");
  };
  rules.Add(between(calendar), CellRule::kDate);
  if (c.declared.min || c.declared.max) {
    rules.Add(between({std::max(calendar.min, c.declared.min.value_or(calendar.min)),
                       std::min(calendar.max, c.declared.max.value_or(calendar.max))}),
              CellRule::kRange);
  }
  return true;
}

// Both kinds as a timestamp in UTC, so that no session's time zone changes what is computed of it.
bool ReadTimestamp(const Context& c, StoredColumn& column, Rules& rules) {
  const bool zoned = c.declared.type.kind == TypeKind::kTimestampTz;
  if (c.type.type != (zoned ? kTimestamptzOid : kTimestampOid)) return false;
  column.sql = zoned ? absl::StrCat("(", c.quoted, " AT TIME ZONE 'UTC')") : c.quoted;
  column.fetched = column.sql;
  column.wire = WireForm::kTimestamp;
  const auto between = [&](StoredRange range) {
    return absl::StrCat(column.sql, " NOT BETWEEN '", FormatTimestamp({range.min, false}), "'::timestamp AND '",
                        FormatTimestamp({range.max, false}), "'::timestamp");
  };
  rules.Add(between({kFirstTimestamp, kLastTimestamp}), CellRule::kTimestamp);
  if (c.declared.min || c.declared.max) {
    rules.Add(between({c.declared.min.value_or(kFirstTimestamp), c.declared.max.value_or(kLastTimestamp)}), CellRule::kRange);
  }
  return true;
}

bool ReadText(const Context& c, StoredColumn& column, Rules& rules) {
  const bool plain = c.type.type == kTextOid || c.type.type == kVarcharOid;
  if (!plain && c.own.type_category != 'S' && c.own.type_category != 'E' && c.type.type != kUuidOid) return false;
  column.wire = WireForm::kText;
  // char(n)::text loses the padding, which does not count in char(n) either.
  column.sql = plain ? c.quoted : absl::StrCat(c.quoted, "::text");
  column.fetched = column.sql;
  if (!c.own.byte_equality) column.sql = absl::StrCat("(", column.sql, " COLLATE \"C\")");
  if (!c.declared.domain.empty()) {
    std::vector<std::string> members;
    for (const std::string& member : c.declared.domain) members.push_back(QuoteText(member));
    rules.Add(absl::StrCat(column.sql, " NOT IN (", absl::StrJoin(members, ", "), ")"), CellRule::kDomain);
  } else if (c.declared.type.max_length > 0) {
    const int own_length = c.type.type == kVarcharOid || c.type.type == kBpcharOid ? c.type.modifier - 4 : -1;
    if (own_length < 1 || own_length > c.declared.type.max_length) {
      rules.Add(absl::StrCat("char_length(", column.sql, ") > ", c.declared.type.max_length), CellRule::kLength);
    }
  }
  return true;
}

}  // namespace

std::string SqlTypeName(const DataType& type) {
  if (type.kind == TypeKind::kText) return "text";
  if (type.IsTimestamp()) return "timestamp";
  if (type.kind == TypeKind::kNumeric && type.precision == 0) return "numeric";
  return type.ToString();
}

absl::StatusOr<StoredColumn> ReadStoredColumn(const planner::CatalogColumn& declared, const OwnColumn& own,
                                              const PostgresqlConnection::ResultColumn& type, bool scaled,
                                              const std::string& time_zone, const std::string& name,
                                              const std::string& party) {
  const Context context{declared, own, type, scaled, time_zone, QuoteIdentifier(own.name)};
  StoredColumn column;
  column.fetched = context.quoted;
  Rules rules;
  bool readable = false;
  switch (declared.type.kind) {
    case TypeKind::kBoolean:
      readable = ReadBoolean(context, column, rules);
      break;
    case TypeKind::kSmallInt:
    case TypeKind::kInteger:
    case TypeKind::kBigInt:
    case TypeKind::kNumeric:
      readable = ReadNumber(context, column, rules);
      break;
    case TypeKind::kDate:
      readable = ReadDate(context, column, rules);
      break;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      readable = ReadTimestamp(context, column, rules);
      break;
    case TypeKind::kText:
      readable = ReadText(context, column, rules);
      break;
    default:
      break;
  }
  if (!readable && (type.type == kFloat4Oid || type.type == kFloat8Oid)) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, ": it is stored as a floating-point number, which is not exact; ", party,
                     " should store it as numeric, or map sql that rounds it to numeric; or the federation file may declare it "
                     "double precision, with decimals"));
  }
  if (!readable) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, ": a ", declared.type.ToString(), " cannot be read from the type that ", party,
        "'s database stores it as; ", party, " should correct [tables] in its node file, or map sql that casts it"));
  }
  if (!declared.nullable && !own.not_null) rules.Add(absl::StrCat(context.quoted, " IS NULL"), CellRule::kNull);
  column.broken = rules.ToSql();
  return column;
}

}  // namespace care::connectors
