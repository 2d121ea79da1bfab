// Scalar functions of the dialect, and by name those that are not part of it.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "grammar/query_error.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

template <std::size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

constexpr std::string_view kVolatile[] = {"random",
                                          "clock_timestamp",
                                          "timeofday",
                                          "nextval",
                                          "gen_random_uuid",
                                          "setseed",
                                          "current_time",
                                          "localtime",
                                          "txid_current",
                                          "pg_sleep"};

// When the statement began, as its parties agreed.
constexpr std::string_view kMoments[] = {"now", "current_timestamp", "localtimestamp", "transaction_timestamp", "statement_timestamp"};

constexpr std::string_view kKnownAggregates[] = {"regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy", "mode", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "bit_and", "bit_or", "bit_xor", "nth_value", "km_survival", "logrank", "ols", "logit", "ttest", "chi2"};

constexpr std::string_view kWindowsOnly[] = {"row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "ntile", "percent_rank", "cume_dist"};

constexpr std::string_view kNotYetScalar[] = {"to_number", "make_date", "make_timestamp", "date_bin", "md5", "translate", "overlay", "format", "ascii", "chr", "octet_length", "bit_length", "width_bucket", "cbrt", "degrees", "radians", "pi", "sin", "cos", "tan", "gcd", "lcm", "factorial", "generate_series", "unnest", "regexp_replace", "regexp_match", "regexp_matches", "regexp_count", "json_build_object", "jsonb_build_object"};

constexpr std::string_view kSupported[] = {
    "coalesce",  "nullif",  "greatest", "least",   "abs",        "round",        "floor",
    "ceil",      "ceiling", "lower",    "upper",   "length",     "char_length",  "character_length",
    "substring", "substr",  "btrim",    "replace", "date_trunc", "current_date", "now", "to_char", "to_date", "to_timestamp", "count",
    "sum",       "avg",     "min",      "max",     "bool_and",   "bool_or",      "ltrim",
    "rtrim",     "left",    "right",    "strpos",  "concat",     "concat_ws",    "lpad",
    "rpad",      "initcap", "reverse",  "repeat",  "split_part", "starts_with",  "mod",
    "sign",      "trunc",   "div",      "date_part", "sqrt",      "power",        "pow",
    "exp",       "ln",      "log",      "log10"};

constexpr std::string_view kMathematics[] = {"sqrt", "power", "pow", "exp", "ln", "log", "log10"};

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  absl::AsciiStrToUpper(&upper);
  return upper;
}

// What to write instead of a function that is not there yet; empty where there is nothing.
std::string_view RewriteOf(std::string_view name) {
  if (name == "mode") return "count by value, ORDER BY COUNT(*) DESC and LIMIT 1";
  return {};
}

std::optional<std::int64_t> IntegerOf(const ExpressionPtr& expression) {
  const std::optional<Value> value = ConstantOf(expression);
  const auto* integer = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return integer == nullptr ? std::nullopt : std::optional(*integer);
}

}  // namespace

absl::Status QueryBinder::NoSuchFunction(const sql::FunctionCall& call, const Arguments& arguments,
                                         sql::SourcePosition position) const {
  std::vector<std::string> types;
  for (const ExpressionPtr& argument : arguments) types.push_back(argument->type.ToString());
  const std::string message =
      absl::StrCat("function ", call.name, "(", absl::StrJoin(types, ", "), ") does not exist");
  if (Contains(kSupported, call.name))
    return Error(position, message, "no function of this name takes these arguments");
  const std::string nearest = sql::NearestName(call.name, {std::begin(kSupported), std::end(kSupported)});
  return Error(position, message, nearest.empty() ? "" : absl::StrCat("did you mean \"", nearest, "\"?"));
}

bool MayAskForNow(std::string_view sql, const Catalog& catalog) {
  const auto names_moment = [](std::string_view text) {
    std::string lower(text);
    absl::AsciiStrToLower(&lower);
    return std::ranges::any_of(kMoments, [&](std::string_view name) {
      for (std::size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
        const bool begins = at == 0 || (!absl::ascii_isalnum(static_cast<unsigned char>(lower[at - 1])) && lower[at - 1] != '_');
        if (begins) return true;
      }
      return false;
    });
  };
  return names_moment(sql) || std::ranges::any_of(catalog.views, [&](const CatalogView& view) { return names_moment(view.sql); });
}

QueryBinder::Result QueryBinder::BindScalarFunction(const sql::FunctionCall& call,
                                                    sql::SourcePosition position,
                                                    ExpressionContext& context) {
  const std::string& name = call.name;
  if (name == "current_date" && call.arguments.empty()) {
    return MakeLiteral(Date{context_.current_date_days}, kDateType, position);
  }
  if (Contains(kMoments, name) && call.arguments.empty()) {
    const std::int64_t moment = context_.current_date_days * kMicrosecondsOfDay + context_.time_of_day;
    const bool local = name == "localtimestamp";
    return MakeLiteral(Timestamp{moment, !local}, local ? kTimestampType : kTimestampTzType, position);
  }
  if (Contains(kVolatile, name)) {
    return Error(position,
                 absl::StrCat(UpperCase(name), " is volatile: each party would compute another value"),
                 "write a constant; CURRENT_DATE and NOW() are agreed between the parties");
  }
  if (Contains(kWindowsOnly, name)) return Error(position, absl::StrCat("window function ", name, " requires an OVER clause"));
  if (name == "age") return NotYet(position, "AGE", "EXTRACT(YEAR FROM AGE(a, b)), of month and of day too, is; a - b is a number of days");
  if (Contains(kKnownAggregates, name) || Contains(kNotYetScalar, name)) {
    return NotYet(position, UpperCase(name), RewriteOf(name));
  }
  if (call.star && !Contains(kSupported, name)) return NoSuchFunction(call, {}, position);
  if (call.distinct || call.filter != nullptr || call.star || !call.order_by.empty()) {
    return Error(position, absl::StrCat(name, " is not an aggregate function"),
                 "DISTINCT, FILTER, ORDER BY and * are for aggregate functions");
  }
  if (name == "date_part" && call.arguments.size() == 2) {
    const auto* literal = std::get_if<sql::Literal>(&call.arguments[0]->node);
    const auto* field = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
    if (field == nullptr) return NotYet(call.arguments[0]->position, "DATE_PART of a field that is not a constant");
    // EXTRACT's number in double precision.
    CARE_ASSIGN_OR_RETURN(const ExpressionPtr number, BindExtract(absl::AsciiStrToLower(*field), *call.arguments[1], position, context));
    return CoerceTo(number, kDoubleType);
  }
  Arguments arguments;
  for (const sql::ExpressionPtr& argument : call.arguments) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr bound, BindExpression(*argument, context));
    if (name != "date_trunc") bound = AsTimestamp(bound);
    arguments.push_back(std::move(bound));
  }
  if (name == "to_char" && arguments.size() == 2) return BindToChar(std::move(arguments), position);
  if ((name == "to_date" || name == "to_timestamp") && arguments.size() == 2)
    return BindReadByFormat(name == "to_date", arguments, position);
  if (name == "coalesce" || name == "greatest" || name == "least") {
    if (arguments.empty()) return NoSuchFunction(call, arguments, position);
    CARE_ASSIGN_OR_RETURN(const DataType type, Unify(arguments, UpperCase(name), position));
    const Function function = name == "coalesce"   ? Function::kCoalesce
                              : name == "greatest" ? Function::kGreatest
                                                   : Function::kLeast;
    return MakeCall(function, std::move(arguments), type, position);
  }
  if (name == "nullif") {
    if (arguments.size() != 2) return NoSuchFunction(call, arguments, position);
    CARE_ASSIGN_OR_RETURN(ExpressionPtr equality,
                          Compare(Function::kEqual, arguments[0], arguments[1], position));
    if (arguments[0]->type.IsFloat() || arguments[1]->type.IsFloat()) {
      // Compared as exact numbers or not, it yields floating point.
      const std::optional<DataType> common = CommonType(arguments[0]->type, arguments[1]->type);
      const DataType type = common == kRealType && arguments[0]->type != arguments[1]->type ? kDoubleType : *common;
      for (ExpressionPtr& argument : arguments) {
        CARE_ASSIGN_OR_RETURN(argument, CoerceTo(argument, type));
      }
      return MakeCall(Function::kNullIf, std::move(arguments), type, position);
    }
    // NULLIF yields its first argument, in its own type, unless both are equal.
    Arguments operands = std::get<CallExpression>(equality->node).arguments;
    // Integers of all widths compare as they are.
    if (arguments[0]->type.IsInteger() && arguments[1]->type.IsInteger()) operands[0] = arguments[0];
    const DataType type = operands[0]->type.kind == TypeKind::kText ? kTextType : operands[0]->type;
    return MakeCall(Function::kNullIf, std::move(operands), type, position);
  }
  if (name == "date_trunc") {
    if (arguments.size() != 2) return NoSuchFunction(call, arguments, position);
    static constexpr std::string_view kUnits[] = {"year", "quarter", "month", "week", "day"};
    const auto* literal = std::get_if<LiteralExpression>(&arguments[0]->node);
    const auto* written = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
    const std::optional<std::string> unit = written == nullptr ? std::nullopt : std::optional(absl::AsciiStrToLower(*written));
    if (unit) arguments[0] = MakeLiteral(*unit, arguments[0]->type, arguments[0]->position);
    static constexpr std::string_view kTimes[] = {"hour", "minute", "second"};
    const bool of_time = unit && Contains(kTimes, *unit);
    const bool of_days = unit && Contains(kUnits, *unit);
    if (of_time) arguments[1] = AsTimestamp(arguments[1]);
    if (of_time && arguments[1]->type.kind == TypeKind::kDate) {
      CARE_ASSIGN_OR_RETURN(arguments[1], CoerceTo(arguments[1], kTimestampTzType));
    }
    const DataType type = arguments[1]->type;
    if (type.IsTimestamp() && (of_days || of_time)) {
      CARE_ASSIGN_OR_RETURN(arguments[0], CoerceTo(arguments[0], kTextType));
      if (of_time) return MakeCall(Function::kTimestampTrunc, std::move(arguments), type, position);
      // The start of a period of days is that of the day's.
      CARE_ASSIGN_OR_RETURN(arguments[1], CastTo(arguments[1], kDateType, position));
      return CastTo(MakeCall(Function::kDateTrunc, std::move(arguments), kDateType, position), type, position);
    }
    if (!of_days) {
      return NotYet(arguments[0]->position, "DATE_TRUNC with this unit",
                    "'year', 'quarter', 'month', 'week' and 'day' are, of a timestamp also 'hour', 'minute' and 'second'");
    }
    if (arguments[1]->type.kind != TypeKind::kDate) return NoSuchFunction(call, arguments, position);
    CARE_ASSIGN_OR_RETURN(arguments[0], CoerceTo(arguments[0], kTextType));
    // Of a date it is an instant, of what date +- interval yields what that is.
    const DataType marked = AsTimestamp(arguments[1])->type;
    return MarkTimestamp(MakeCall(Function::kDateTrunc, std::move(arguments), kDateType, position),
                         marked.IsTimestamp() ? marked : kTimestampTzType);
  }
  if (name == "abs" || name == "round" || name == "floor" || name == "ceil" || name == "ceiling") {
    return NumberFunction(call, std::move(arguments), position);
  }
  if (name == "mod" || name == "div" || name == "sign" || name == "trunc") {
    return RewrittenNumberFunction(call, std::move(arguments), position);
  }
  if (name == "concat" || name == "concat_ws") return ConcatFunction(call, std::move(arguments), position);
  if (Contains(kMathematics, name)) return FloatFunction(call, std::move(arguments), position);
  return TextFunction(call, std::move(arguments), position);
}

QueryBinder::Result QueryBinder::NumberFunction(const sql::FunctionCall& call, Arguments arguments,
                                                sql::SourcePosition position) {
  const std::string& name = call.name;
  if (name == "round" && arguments.size() == 2 && arguments[0]->type.IsFloat()) {
    return Error(position, absl::StrCat("function round(", arguments[0]->type.ToString(), ", ", arguments[1]->type.ToString(), ") does not exist"),
                 "cast to numeric first, as in ROUND(x::numeric, 2)");
  }
  // FLOOR, CEIL and ROUND of a whole number are of double precision.
  const auto doubles = [&](const DataType& type) { return type.IsFloat() || (type.IsInteger() && name != "abs"); };
  if (arguments.size() == 1 && doubles(arguments[0]->type)) return FloatFunction(call, std::move(arguments), position);
  // ROUND(x::numeric, 2) of a fixed point: its digits are known once it is rounded.
  if (!arguments.empty() && name != "abs") {
    const auto* cast = std::get_if<CastExpression>(&arguments[0]->node);
    if (cast != nullptr && arguments[0]->type == kNumericType && cast->operand->type.IsFloat()) {
      if (const ExpressionPtr exact = FixedPointOf(cast->operand)) arguments[0] = exact;
    }
  }
  if (arguments.empty() || arguments.size() > (name == "round" ? 2u : 1u) ||
      !arguments[0]->type.IsExactNumber()) {
    return NoSuchFunction(call, arguments, position);
  }
  const DataType operand = arguments[0]->type;
  if (name == "abs") {
    DataType type = operand;
    if (type.kind == TypeKind::kNumeric) type.precision = 0;
    return MakeCall(Function::kAbs, std::move(arguments), type, position);
  }
  DataType type = kNumericType;
  if (arguments.size() == 2) {
    const std::optional<std::int64_t> digits = IntegerOf(arguments[1]);
    if (!digits || *digits < -18 || *digits > 18) {
      return NotYet(arguments[1]->position, "ROUND to other than a constant number of digits from -18 to 18");
    }
    arguments[1] = MakeLiteral(*digits, arguments[1]->type, arguments[1]->position);
    type.scale = static_cast<std::uint8_t>(std::max<std::int64_t>(0, *digits));
    CARE_ASSIGN_OR_RETURN(arguments[0], CoerceTo(arguments[0], operand.IsInteger() ? kNumericType : operand));
  }
  const Function function = name == "round"   ? Function::kRound
                            : name == "floor" ? Function::kFloor
                                              : Function::kCeil;
  return MakeCall(function, std::move(arguments), type, position);
}

QueryBinder::Result QueryBinder::FloatFunction(const sql::FunctionCall& call, Arguments arguments,
                                               sql::SourcePosition position) {
  struct Signature {
    std::string_view name;
    Function function;
    std::size_t arguments;
  };
  static constexpr Signature kSignatures[] = {
      {"round", Function::kRound, 1},      {"floor", Function::kFloor, 1},     {"ceil", Function::kCeil, 1},
      {"ceiling", Function::kCeil, 1},     {"abs", Function::kAbs, 1},         {"sqrt", Function::kSquareRoot, 1},
      {"power", Function::kPower, 2},      {"pow", Function::kPower, 2},       {"exp", Function::kExponential, 1},
      {"ln", Function::kNaturalLogarithm, 1}, {"log", Function::kLogarithm, 1}, {"log10", Function::kLogarithm, 1},
  };
  const auto* signature = std::find_if(std::begin(kSignatures), std::end(kSignatures),
                                       [&](const Signature& entry) { return entry.name == call.name; });
  if (call.name == "log" && arguments.size() == 2) return NotYet(position, "LOG of another base than 10", "write LN(x) / LN(base)");
  if (signature == std::end(kSignatures) || arguments.size() != signature->arguments) return NoSuchFunction(call, arguments, position);
  bool numeric = false, floating = false;
  for (const ExpressionPtr& argument : arguments) {
    const DataType& type = argument->type;
    if (!type.IsExactNumber() && !type.IsFloat() && type.kind != TypeKind::kUnknown) return NoSuchFunction(call, arguments, position);
    numeric = numeric || type.kind == TypeKind::kNumeric;
    floating = floating || type.IsFloat();
  }
  if (numeric && !floating) {
    return NotYet(position, absl::StrCat(UpperCase(call.name), " of a numeric"),
                  absl::StrCat("cast to double precision: ", UpperCase(call.name), "(x::double precision)"));
  }
  const DataType type = call.name == "abs" ? arguments[0]->type : kDoubleType;
  for (ExpressionPtr& argument : arguments) {
    CARE_ASSIGN_OR_RETURN(argument, CoerceTo(argument, type));
  }
  return MakeCall(signature->function, std::move(arguments), type, position);
}

}  // namespace care::planner
