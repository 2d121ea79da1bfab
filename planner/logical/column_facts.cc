#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"
#include "planner/logical/parts_of_days.h"
#include "planner/logical/whole_bound.h"

namespace care::planner {
namespace {

constexpr Int128 kLimit = static_cast<Int128>(INT64_MAX);

std::optional<IntegerRange> Kept(IntegerRange range) {
  if (range.low < -kLimit || range.high > kLimit) return std::nullopt;
  return range;
}

int ScaleOf(const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; }

}  // namespace

std::optional<IntegerRange> AtScale(const std::optional<IntegerRange>& range, int from, int to) {
  // A literal may have 38 digits: more of them would leave 128 bits, too.
  if (!range.has_value() || !Kept(*range) || to < from || to - from > 18) return std::nullopt;
  Int128 factor = 1;
  for (int i = from; i < to; ++i) factor *= 10;
  return Kept({range->low * factor, range->high * factor});
}

namespace {

std::optional<IntegerRange> Union(const std::optional<IntegerRange>& a,
                                  const std::optional<IntegerRange>& b) {
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  return IntegerRange{std::min(a->low, b->low), std::max(a->high, b->high)};
}

std::optional<IntegerRange> RangeOfLiteral(const Value& value, const DataType& type) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return AtScale(IntegerRange{*integer, *integer}, 0, ScaleOf(type));
  }
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    return AtScale(IntegerRange{decimal->unscaled, decimal->unscaled}, decimal->scale,
                   std::max(decimal->scale, ScaleOf(type)));
  }
  if (const auto* date = std::get_if<Date>(&value)) return IntegerRange{date->days, date->days};
  if (const auto* timestamp = std::get_if<Timestamp>(&value))
    return IntegerRange{timestamp->microseconds, timestamp->microseconds};
  if (const auto* boolean = std::get_if<bool>(&value)) return IntegerRange{*boolean, *boolean};
  return std::nullopt;
}

// Of a text; 0 where nothing is known.
std::uint32_t MostBytes(const ColumnFacts& facts) {
  std::uint32_t most = facts.max_bytes;
  for (const std::string& value : facts.domain)
    most = std::max(most, std::max<std::uint32_t>(1, static_cast<std::uint32_t>(value.size())));
  return most;
}

// The union over expressions that stand for one value (COALESCE, CASE ...), at the result's type.
ColumnFacts Alternatives(const std::vector<ExpressionPtr>& values, const DataType& type,
                         const std::vector<ColumnInfo>& columns) {
  ColumnFacts facts;
  facts.nullable = false;
  bool first = true;
  bool has_domain = type.kind == TypeKind::kText;
  bool measured = true;
  std::set<std::string> in_domain;
  for (const ExpressionPtr& value : values) {
    if (IsNullLiteral(value)) {
      facts.nullable = true;
      continue;
    }
    const ColumnFacts other = FactsOf(value, columns);
    facts.nullable = facts.nullable || other.nullable;
    const auto range = AtScale(other.range, ScaleOf(value->type), ScaleOf(type));
    facts.range = first ? range : Union(facts.range, range);
    first = false;
    if (other.domain.empty()) has_domain = false;
    const std::uint32_t bytes = MostBytes(other);
    measured = measured && bytes != 0;
    facts.max_bytes = std::max(facts.max_bytes, bytes);
    for (const std::string& entry : other.domain) {
      if (in_domain.insert(entry).second) facts.domain.push_back(entry);
    }
  }
  if (!has_domain) facts.domain.clear();
  if (!measured) facts.max_bytes = 0;
  return facts;
}

// Nothing where a day may leave years 1 to 9999: computing it would fail.
std::optional<IntegerRange> InCalendar(IntegerRange days) {
  if (days.low < DayOf(kFirstTimestamp) || days.high > DayOf(kLastTimestamp)) return std::nullopt;
  return days;
}

std::optional<IntegerRange> DateRangeAfter(const IntegerRange& days, const Interval& interval) {
  if (days.low < INT32_MIN || days.high > INT32_MAX) return std::nullopt;
  const auto low = AddMonths(static_cast<std::int32_t>(days.low), interval.months);
  const auto high = AddMonths(static_cast<std::int32_t>(days.high), interval.months);
  if (!low.ok() || !high.ok()) return std::nullopt;
  return InCalendar({Int128{*low} + interval.days, Int128{*high} + interval.days});
}

IntegerRange Product(const IntegerRange& a, const IntegerRange& b) {
  const Int128 corners[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)};
}

// "month" of DATE_TRUNC('Month', x).
std::string PeriodOf(const CallExpression& call) {
  const auto* literal = std::get_if<LiteralExpression>(&call.arguments[0]->node);
  const auto* unit = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
  return unit == nullptr ? std::string() : absl::AsciiStrToLower(*unit);
}

std::optional<IntegerRange> RangeOfCall(const CallExpression& call, const DataType& type,
                                        const std::vector<ColumnFacts>& arguments,
                                        const std::vector<ColumnInfo>& columns) {
  const auto at = [&](std::size_t i, bool aligned) {
    return aligned ? AtScale(arguments[i].range, ScaleOf(call.arguments[i]->type), ScaleOf(type))
                   : arguments[i].range;
  };
  switch (call.function) {
    case Function::kAdd:
    case Function::kSubtract: {
      const auto a = at(0, true), b = at(1, true);
      if (!a || !b) return std::nullopt;
      return call.function == Function::kAdd ? Kept({a->low + b->low, a->high + b->high})
                                             : Kept({a->low - b->high, a->high - b->low});
    }
    case Function::kMultiply: {
      const auto a = at(0, false), b = at(1, false);
      if (!a || !b) return std::nullopt;
      return Kept(Product(*a, *b));
    }
    case Function::kDivide: {
      if (!type.IsInteger() || !arguments[0].range) return std::nullopt;
      // By at least `low` the quotient shrinks, to zero where the dividend is closer to it than the divisor.
      const std::optional<IntegerRange>& by = arguments[1].range;
      if (by && by->low > 0) {
        const IntegerRange& of = *arguments[0].range;
        return Kept({of.low / (of.low < 0 ? by->low : by->high), of.high / (of.high > 0 ? by->low : by->high)});
      }
      const Int128 most = std::max(arguments[0].range->high, -arguments[0].range->low);
      return Kept({-most, most});
    }
    case Function::kModulo: {
      const auto b = at(1, true);
      if (!b) return std::nullopt;
      const Int128 most = std::max(b->high, -b->low);
      return Kept({-most, most});
    }
    case Function::kNegate: {
      const auto a = at(0, false);
      if (!a) return std::nullopt;
      return Kept({-a->high, -a->low});
    }
    case Function::kAbs: {
      const auto a = at(0, false);
      if (!a) return std::nullopt;
      const Int128 low = a->low > 0 ? a->low : (a->high < 0 ? -a->high : Int128{0});
      return Kept({low, std::max(a->high, -a->low)});
    }
    case Function::kDateAddDays: {
      const auto a = at(0, false), b = at(1, false);
      if (!a || !b) return std::nullopt;
      return InCalendar({a->low + b->low, a->high + b->high});
    }
    case Function::kDateAddInterval: {
      const auto* literal = std::get_if<LiteralExpression>(&call.arguments[1]->node);
      if (!arguments[0].range || literal == nullptr || IsNull(literal->value)) return std::nullopt;
      return DateRangeAfter(*arguments[0].range, std::get<Interval>(literal->value));
    }
    case Function::kDateDifference: {
      const auto a = at(0, false), b = at(1, false);
      if (!a || !b) return RangeOfType(type);
      return Kept({a->low - b->high, a->high - b->low});
    }
    case Function::kExtractYear: {
      const auto a = at(0, false);
      if (!a || a->low < INT32_MIN || a->high > INT32_MAX) return std::nullopt;
      return IntegerRange{CivilFromDays(static_cast<std::int32_t>(a->low)).year,
                          CivilFromDays(static_cast<std::int32_t>(a->high)).year};
    }
    case Function::kExtractMonth:
      return IntegerRange{1, 12};
    case Function::kExtractDay:
      return IntegerRange{1, 31};
    case Function::kExtractQuarter:
      return IntegerRange{1, 4};
    case Function::kExtractDow:
      return IntegerRange{0, 6};
    case Function::kExtractHour:
      return IntegerRange{0, 23};
    case Function::kExtractMinute:
      return IntegerRange{0, 59};
    case Function::kExtractSecond:
      return IntegerRange{0, 59'999'999};
    case Function::kExtractEpoch:
      return at(0, false).value_or(IntegerRange{kFirstTimestamp, kLastTimestamp});  // six decimals: microseconds
    case Function::kTimestampTrunc: {
      const auto a = at(1, false);
      if (!a) return std::nullopt;
      return Kept({a->low - 3600 * kMicrosecondsOfSecond, a->high});
    }
    case Function::kTimestampAddInterval: {
      const auto* literal = std::get_if<LiteralExpression>(&call.arguments[1]->node);
      const IntegerRange range = arguments[0].range.value_or(IntegerRange{kFirstTimestamp, kLastTimestamp});
      if (literal == nullptr || IsNull(literal->value)) return std::nullopt;
      const auto& interval = std::get<Interval>(literal->value);
      const absl::StatusOr<std::int64_t> low = AddInterval(static_cast<std::int64_t>(range.low), interval);
      const absl::StatusOr<std::int64_t> high = AddInterval(static_cast<std::int64_t>(range.high), interval);
      if (!low.ok() || !high.ok()) return std::nullopt;
      // The last days of a month become one: the time of day may be later there than at the range's end.
      const Int128 slack = interval.months == 0 ? 0 : kMicrosecondsOfDay;
      return Kept({Int128{*low} - slack, Int128{*high} + slack});
    }
    case Function::kDateTrunc: {
      const auto a = at(1, false);
      if (!a) return std::nullopt;
      const auto start_of = [&](Int128 day) { return StartOfPeriod(PeriodOf(call), static_cast<std::int32_t>(day)); };
      const auto low = start_of(a->low), high = start_of(a->high);
      return low && high ? InCalendar({*low, *high}) : std::nullopt;
    }
    case Function::kNullIf:
      return at(0, false);
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil: {
      const std::optional<Int128> most = WholeBound(call.arguments[0], columns);
      if (!most) return std::nullopt;
      // ROUND(x, -2) may be 50 farther from zero than x.
      const auto* digits = call.arguments.size() < 2 ? nullptr : std::get_if<LiteralExpression>(&call.arguments[1]->node);
      const auto* places = digits == nullptr ? nullptr : std::get_if<std::int64_t>(&digits->value);
      Int128 step = 1;
      for (std::int64_t i = 0; places != nullptr && i < -*places && i < 18; ++i) step *= 10;
      return AtScale(IntegerRange{-*most - step, *most + step}, 0, ScaleOf(type));
    }
    case Function::kLength:
    case Function::kPosition:
      return IntegerRange{0, std::int64_t{1} << 30};  // PostgreSQL's texts end below a gigabyte
    default:
      return std::nullopt;
  }
}

bool AlwaysKnown(Function function) {
  switch (function) {
    case Function::kIsNull:
    case Function::kIsNotNull:
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
    case Function::kIsTrue:
    case Function::kIsFalse:
    case Function::kIsUnknown:
      return true;
    default:
      return false;
  }
}

// Most bytes of a value as a text; 0 where its digits are not bounded.
std::uint32_t BytesOfText(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return 5;
    case TypeKind::kSmallInt:
      return 6;
    case TypeKind::kInteger:
      return 11;
    case TypeKind::kBigInt:
      return 20;
    case TypeKind::kNumeric:
      // A sign, a zero before the point, and the point.
      return type.precision == 0 ? 0u : type.precision + 3u;
    case TypeKind::kDate:
      return 10;
    case TypeKind::kTimestamp:
      return 26;  // six digits of a second
    case TypeKind::kTimestampTz:
      return 29;
    default:
      return 0;
  }
}

// Of SUBSTRING(date::text, from, length).
std::vector<std::string> DomainOfPart(const CallExpression& call, const std::vector<ColumnInfo>& columns) {
  const auto* text = std::get_if<CastExpression>(&call.arguments[0]->node);
  if (text == nullptr || call.arguments.size() != 3) return {};
  const DataType& type = text->operand->type;
  if (type.kind != TypeKind::kDate && !type.IsTimestamp()) return {};
  const auto number = [&](std::size_t at) {
    const auto* literal = std::get_if<LiteralExpression>(&call.arguments[at]->node);
    const auto* value = literal == nullptr ? nullptr : std::get_if<std::int64_t>(&literal->value);
    return value == nullptr || *value < 0 || *value > 100 ? std::int64_t{0} : *value;
  };
  const std::optional<IntegerRange> range = FactsOf(text->operand, columns).range;
  if (!range || number(1) < 1) return {};
  const auto day_of = [&](Int128 value) {
    return type.kind == TypeKind::kDate ? static_cast<std::int32_t>(value) : DayOf(static_cast<std::int64_t>(value));
  };
  return PartsOfDays(day_of(range->low), day_of(range->high), static_cast<std::size_t>(number(1) - 1), static_cast<std::size_t>(number(2)));
}

ColumnFacts FactsOfCall(const CallExpression& call, const DataType& type,
                        const std::vector<ColumnInfo>& columns) {
  std::vector<ColumnFacts> arguments;
  for (const ExpressionPtr& argument : call.arguments) arguments.push_back(FactsOf(argument, columns));
  const auto nullable = [](const ColumnFacts& facts) { return facts.nullable; };
  ColumnFacts facts;
  switch (call.function) {
    case Function::kCoalesce:
    case Function::kGreatest:
    case Function::kLeast:
      // All three skip NULLs: the result is NULL only if every argument is.
      facts = Alternatives(call.arguments, type, columns);
      facts.nullable = std::all_of(arguments.begin(), arguments.end(), nullable);
      // An argument that is never NULL bounds the result from its side.
      for (std::size_t i = 0; facts.range && i < arguments.size() && call.function != Function::kCoalesce;
           ++i) {
        const auto range = AtScale(arguments[i].range, ScaleOf(call.arguments[i]->type), ScaleOf(type));
        if (arguments[i].nullable || !range) continue;
        if (call.function == Function::kLeast) facts.range->high = std::min(facts.range->high, range->high);
        if (call.function == Function::kGreatest) facts.range->low = std::max(facts.range->low, range->low);
      }
      return facts;
    default:
      break;
  }
  if (call.function == Function::kNullIf || call.function == Function::kTrim || call.function == Function::kSubstring ||
      call.function == Function::kLower || call.function == Function::kUpper || call.function == Function::kLeft ||
      call.function == Function::kRight || call.function == Function::kInitCap || call.function == Function::kReverse ||
      call.function == Function::kSplitPart) {
    facts.max_bytes = arguments[0].max_bytes;  // case mapping and slicing here never lengthen: ASCII letters only
    for (const std::string& value : arguments[0].domain)
      facts.max_bytes = std::max(facts.max_bytes, static_cast<std::uint32_t>(value.size()));
  }
  if (call.function == Function::kSubstring) facts.domain = DomainOfPart(call, columns);
  if (call.function == Function::kConcat) {
    for (const ColumnFacts& argument : arguments) {
      const std::uint32_t bytes = MostBytes(argument);
      if (bytes == 0) {
        facts.max_bytes = 0;
        break;
      }
      facts.max_bytes += bytes;
    }
  }
  if (call.function == Function::kPadLeft || call.function == Function::kPadRight || call.function == Function::kRepeat) {
    const auto* literal = std::get_if<LiteralExpression>(&call.arguments[1]->node);
    const auto* count = literal == nullptr ? nullptr : std::get_if<std::int64_t>(&literal->value);
    // Of UTF-8, four bytes a character at most.
    const std::uint32_t bytes = call.function == Function::kRepeat ? MostBytes(arguments[0]) : 4;
    const std::uint64_t most = count == nullptr ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(*count, 1)) * bytes;
    if (most <= std::numeric_limits<std::uint16_t>::max()) facts.max_bytes = static_cast<std::uint32_t>(most);
  }
  facts.nullable = !AlwaysKnown(call.function) && std::any_of(arguments.begin(), arguments.end(), nullable);
  if (call.function == Function::kNullIf) {
    facts.nullable = true;
    facts.domain = arguments[0].domain;
  }
  facts.range = RangeOfCall(call, type, arguments, columns);
  if (call.function == Function::kDateTrunc) facts.period = PeriodOf(call);
  return facts;
}

}  // namespace

std::optional<IntegerRange> RangeOfType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kSmallInt:
      return IntegerRange{INT16_MIN, INT16_MAX};
    case TypeKind::kInteger:
      return IntegerRange{INT32_MIN, INT32_MAX};
    case TypeKind::kNumeric: {
      if (type.precision == 0 || type.precision > 18) return std::nullopt;
      Int128 limit = 1;
      for (int i = 0; i < type.precision; ++i) limit *= 10;
      return IntegerRange{1 - limit, limit - 1};
    }
    default:
      return std::nullopt;
  }
}

ColumnFacts FactsOf(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const ColumnInfo& info = columns[column->column];
    ColumnFacts facts{info.nullable, std::nullopt, info.domain};
    if (info.min && info.max) facts.range = IntegerRange{*info.min, *info.max};
    facts.max_bytes = info.max_bytes;
    facts.period = info.period;
    if (facts.max_bytes == 0 && info.type.kind == TypeKind::kText) facts.max_bytes = 4u * info.type.max_length;
    return facts;
  }
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    ColumnFacts facts{IsNull(literal->value), RangeOfLiteral(literal->value, expression->type), {}};
    // NULL has no value, so that any range bounds it.
    if (facts.nullable && (expression->type.IsExactNumber() || expression->type.kind == TypeKind::kDate || expression->type.IsTimestamp())) facts.range = IntegerRange{0, 0};
    if (const auto* text = std::get_if<std::string>(&literal->value)) {
      facts.domain = {*text};
      facts.max_bytes = static_cast<std::uint32_t>(text->size());
    }
    return facts;
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    return FactsOfCall(*call, expression->type, columns);
  }
  if (const auto* node = std::get_if<CaseExpression>(&expression->node)) {
    std::vector<ExpressionPtr> results;
    for (const CaseExpression::Branch& branch : node->branches) results.push_back(branch.result);
    if (node->otherwise != nullptr) results.push_back(node->otherwise);
    ColumnFacts facts = Alternatives(results, expression->type, columns);
    if (node->otherwise == nullptr) facts.nullable = true;
    return facts;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    ColumnFacts facts = FactsOf(cast->operand, columns);
    const DataType& from = cast->operand->type;
    const DataType& to = expression->type;
    const auto of_days = [](const DataType& type) { return type.kind == TypeKind::kDate || type.IsTimestamp(); };
    if (!of_days(from) || !of_days(to)) facts.period.clear();
    if (from.IsExactNumber() && to.IsExactNumber()) {
      facts.range = AtScale(facts.range, ScaleOf(from), ScaleOf(to));
      if (!facts.range) facts.range = RangeOfType(to);
    } else if (from.kind == TypeKind::kBoolean && to.IsExactNumber()) {
      facts.range = IntegerRange{0, 1};
    } else if (from.kind == TypeKind::kDate && to.IsTimestamp() && facts.range) {
      facts.range = Kept({facts.range->low * kMicrosecondsOfDay, facts.range->high * kMicrosecondsOfDay});
    } else if (from.IsTimestamp() && to.kind == TypeKind::kDate && facts.range) {
      facts.range = IntegerRange{DayOf(static_cast<std::int64_t>(facts.range->low)), DayOf(static_cast<std::int64_t>(facts.range->high))};
    } else if (from.kind != to.kind && !(from.IsTimestamp() && to.IsTimestamp())) {
      facts.range = std::nullopt;
    }
    if (to.kind == TypeKind::kText && from.kind != TypeKind::kText) facts.max_bytes = BytesOfText(from);
    if (to.kind != TypeKind::kText || from.kind != TypeKind::kText || to.max_length != 0)
      facts.domain.clear();
    return facts;
  }
  ColumnFacts facts;
  if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) {
    if (subquery->kind == SubqueryKind::kExists) {
      facts.nullable = false;
    } else if (subquery->kind == SubqueryKind::kScalar) {
      facts = FactsOf(MakeColumn(subquery->column, expression->type), columns);
      facts.nullable = true;  // where the subquery has no row
    }
    return facts;
  }
  const auto& in = std::get<InListExpression>(expression->node);
  facts.nullable =
      FactsOf(in.operand, columns).nullable ||
      std::any_of(in.values.begin(), in.values.end(), [](const Value& value) { return IsNull(value); });
  return facts;
}

ColumnFacts FactsOf(const AggregateCall& call, bool grouped, std::uint64_t row_bound,
                    const std::vector<ColumnInfo>& columns) {
  ColumnFacts facts;
  const Int128 rows = row_bound;
  if (call.function == AggregateFunction::kCountStar || call.function == AggregateFunction::kCount ||
      call.function == AggregateFunction::kRegressionCount) {
    facts.nullable = false;
    if (row_bound != 0) facts.range = Kept({0, rows});
    return facts;
  }
  const ColumnFacts argument = FactsOf(call.argument, columns);
  facts.nullable = !grouped || call.filter != nullptr || argument.nullable;
  // Too few rows, or no spread, make the statistics NULL.
  if (call.second != nullptr || call.function == AggregateFunction::kVarianceSample ||
      call.function == AggregateFunction::kDeviationSample) {
    facts.nullable = true;
  }
  switch (call.function) {
    case AggregateFunction::kSum:
      if (argument.range && row_bound != 0 && row_bound < (std::uint64_t{1} << 62)) {
        facts.range = Kept({std::min<Int128>(argument.range->low, argument.range->low * rows),
                            std::max<Int128>(argument.range->high, argument.range->high * rows)});
      }
      break;
    case AggregateFunction::kPercentileContinuous:
      if (call.type.kind == TypeKind::kNumeric) facts.range = AtScale(argument.range, ScaleOf(call.argument->type), ScaleOf(call.type));
      break;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kPercentileDiscrete:
      facts.range = argument.range;
      facts.domain = argument.domain;
      facts.max_bytes = argument.max_bytes;
      break;
    default:
      break;
  }
  return facts;
}

void SetFacts(const ColumnFacts& facts, ColumnInfo& info) {
  info.nullable = facts.nullable;
  info.domain = facts.domain;
  info.period = facts.period;
  info.max_bytes = info.type.kind == TypeKind::kText ? facts.max_bytes : 0;
  info.min.reset();
  info.max.reset();
  if (facts.range && info.type.kind != TypeKind::kBoolean && info.type.kind != TypeKind::kText) {
    info.min = static_cast<std::int64_t>(facts.range->low);
    info.max = static_cast<std::int64_t>(facts.range->high);
  }
}

ColumnInfo InfoOf(const Catalog& catalog, int table, int table_column) {
  const CatalogColumn& column = catalog.tables[table].columns[table_column];
  ColumnInfo info{column.name,  column.type, column.nullable, table,
                  table_column, column.min,  column.max,      column.domain, column.max_bytes};
  if (catalog.FormatOfKey(column.key_domain) == KeyFormat::kBsn) info.max_bytes = 9;
  if (!info.min && column.key_domain.empty()) {
    if (const auto range = RangeOfType(column.type)) {
      info.min = static_cast<std::int64_t>(range->low);
      info.max = static_cast<std::int64_t>(range->high);
    }
  }
  return info;
}

}  // namespace care::planner
