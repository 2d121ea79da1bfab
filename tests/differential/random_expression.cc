#include "tests/differential/random_expression.h"

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

const std::vector<std::string> kTruths = {"TRUE", "FALSE"};

std::vector<std::string> Simplest(ValueKind kind) {
  switch (kind) {
    case ValueKind::kInteger:
      return {"1"};
    case ValueKind::kNumeric:
      return {"1.5"};
    case ValueKind::kDate:
      return {"DATE '2020-06-01'"};
    case ValueKind::kBoolean:
      return kTruths;
    case ValueKind::kText:
      return {"'a'"};
    case ValueKind::kFloat:
      return {"1.5::float8"};
    case ValueKind::kTimestamp:
      return {"TIMESTAMP '2020-06-01 12:00'"};
  }
  return {};
}

}  // namespace

QueryPtr RandomExpressions::Column(ValueKind kind, const Scope& scope) {
  std::vector<const ScopeColumn*> fitting;
  for (const ScopeColumn& column : scope) {
    if (column.kind == kind) fitting.push_back(&column);
  }
  if (fitting.empty()) return nullptr;
  return Text(fitting[random_.Below(fitting.size())]->name);
}

QueryPtr RandomExpressions::Literal(ValueKind kind) {
  switch (kind) {
    case ValueKind::kInteger:
      return Text(absl::StrCat(random_.Between(0, 9)));
    case ValueKind::kNumeric:
      return Text(absl::StrCat(random_.Between(0, 20), ".", random_.Between(10, 99)));
    case ValueKind::kDate:
      return Text(absl::StrCat("DATE '202", random_.Between(0, 2), "-0", random_.Between(1, 9), "-",
                               random_.Between(10, 28), "'"));
    case ValueKind::kBoolean:
      return Text(kTruths[random_.Below(2)]);
    case ValueKind::kText: {
      constexpr const char* kTexts[] = {"'a'", "'b'", "'ab'", "'B'", "''", "'c'"};
      return Text(kTexts[random_.Below(6)]);
    }
    case ValueKind::kTimestamp:
      return Text(absl::StrCat("TIMESTAMP '202", random_.Between(0, 2), "-0", random_.Between(1, 9), "-", random_.Between(10, 28), " 0",
                               random_.Between(0, 9), ":30'"));
    case ValueKind::kFloat: {
      constexpr const char* kFourths[] = {"0", "25", "5", "75"};
      return Text(absl::StrCat(random_.Between(0, 9), ".", kFourths[random_.Below(4)], "::float8"));
    }
  }
  return nullptr;
}

QueryPtr RandomExpressions::Choice(ValueKind kind, const Scope& scope, int depth) {
  switch (random_.Below(4)) {
    case 0:
      return Format("CASE WHEN % THEN % ELSE % END",
                    {Condition(scope, depth - 1), Of(kind, scope, depth - 1), Of(kind, scope, depth - 1)},
                    Simplest(kind), true);
    case 1:
      return Format("CASE WHEN % THEN % END", {Condition(scope, depth - 1), Of(kind, scope, depth - 1)},
                    Simplest(kind), true);
    case 2:
      return Format("COALESCE(%, %)", {Of(kind, scope, depth - 1), Of(kind, scope, depth - 1)},
                    Simplest(kind), true);
    default:
      return Format("NULLIF(%, %)", {Of(kind, scope, depth - 1), Of(kind, scope, depth - 1)}, Simplest(kind),
                    true);
  }
}

QueryPtr RandomExpressions::Of(ValueKind kind, const Scope& scope, int depth) {
  if (depth <= 0 || random_.Below(3) != 0) {
    const QueryPtr column = random_.Below(6) == 0 ? nullptr : Column(kind, scope);
    return column != nullptr ? column : Literal(kind);
  }
  if (random_.Below(3) == 0) return Choice(kind, scope, depth);
  switch (kind) {
    case ValueKind::kInteger:
      return Integer(scope, depth);
    case ValueKind::kNumeric:
      return Numeric(scope, depth);
    case ValueKind::kDate:
      return Day(scope, depth);
    case ValueKind::kBoolean:
      return Format("(%)", {Condition(scope, depth - 1)}, kTruths, true);
    case ValueKind::kText:
      return Letters(scope, depth);
    case ValueKind::kFloat:
      return Quarters(scope, depth);
    case ValueKind::kTimestamp:
      return Moment(scope, depth);
  }
  return nullptr;
}

QueryPtr RandomExpressions::Integer(const Scope& scope, int depth) {
  const auto operand = [&] { return Of(ValueKind::kInteger, scope, depth - 1); };
  switch (random_.Below(13)) {
    case 8:
      return Format("MOD(%, %)", {operand(), Text(absl::StrCat(random_.Between(2, 5)))}, {"1"}, true);
    case 9:
      return Format("POSITION(% IN %)", {Literal(ValueKind::kText), Of(ValueKind::kText, scope, depth - 1)}, {"1"});
    case 10:
      return Format("(% % NULLIF(%, 0))", {operand(), Text("%"), operand()}, {"1"}, true);
    case 11:
      return Format("(% / NULLIF(%, 0))", {operand(), operand()}, {"1"}, true);
    case 12:
      return Format("CAST(% AS integer)", {Of(ValueKind::kNumeric, scope, depth - 1)}, {"1"});
    case 0:
      return Format("(% + %)", {operand(), operand()}, {"1"}, true);
    case 1:
      return Format("(% - %)", {operand(), operand()}, {"1"}, true);
    case 2:
      return Format("(%::bigint * %)", {operand(), Literal(ValueKind::kInteger)}, {"1"}, true);
    case 3:
      return Format("ABS(%)", {operand()}, {"1"}, true);
    case 4:
      return Format("(% - %)",
                    {Of(ValueKind::kDate, scope, depth - 1), Of(ValueKind::kDate, scope, depth - 1)}, {"1"});
    case 5:
      return Format("GREATEST(%, %)", {operand(), operand()}, {"1"}, true);
    case 6:
      return Format("(% / %)", {operand(), Text(absl::StrCat(random_.Between(2, 5)))}, {"1"}, true);
    default:
      return Format("(- %)", {operand()}, {"1"}, true);
  }
}

QueryPtr RandomExpressions::Numeric(const Scope& scope, int depth) {
  const auto operand = [&] { return Of(ValueKind::kNumeric, scope, depth - 1); };
  switch (random_.Below(18)) {
    case 15: {
      constexpr const char* kFields[] = {"HOUR", "MINUTE", "SECOND", "EPOCH", "DAY", "WEEK"};
      return Format(absl::StrCat("EXTRACT(", kFields[random_.Below(6)], " FROM %)"), {Of(ValueKind::kTimestamp, scope, depth - 1)}, {"1.5"});
    }
    case 16: {
      constexpr const char* kFields[] = {"EPOCH", "DAY", "HOUR", "MINUTE", "SECOND"};
      return Format(absl::StrCat("EXTRACT(", kFields[random_.Below(5)], " FROM % - %)"),
                    {Of(ValueKind::kTimestamp, scope, depth - 1), Of(ValueKind::kTimestamp, scope, depth - 1)}, {"1.5"});
    }
    case 17: {
      constexpr const char* kFields[] = {"YEAR", "MONTH", "DAY"};
      const auto moment = [&] { return Of(random_.Below(2) == 0 ? ValueKind::kDate : ValueKind::kTimestamp, scope, depth - 1); };
      return Format(absl::StrCat("EXTRACT(", kFields[random_.Below(3)], " FROM AGE(%, %))"), {moment(), moment()}, {"1.5"});
    }
    case 6:
      return Format(random_.Below(2) == 0 ? "SIGN(%)" : "TRUNC(%)", {operand()}, {"1.5"}, true);
    case 7:
      return Format(random_.Below(2) == 0 ? "TRUNC(%, 1)" : "DIV(%, 3)", {operand()}, {"1.5"}, true);
    case 8: {
      constexpr const char* kFields[] = {"ISODOW", "DOY", "WEEK", "ISOYEAR", "DECADE", "CENTURY", "EPOCH"};
      return Format(absl::StrCat("EXTRACT(", kFields[random_.Below(7)], " FROM %)"), {Of(ValueKind::kDate, scope, depth - 1)}, {"1.5"});
    }
    case 9:
      return Format(random_.Below(2) == 0 ? "GREATEST(%, %)" : "LEAST(%, %)", {operand(), Of(ValueKind::kInteger, scope, depth - 1)},
                    {"1.5"});
    case 10:
      return Format("CASE WHEN % THEN % ELSE % END", {Condition(scope, depth - 1), operand(), Of(ValueKind::kInteger, scope, depth - 1)},
                    {"1.5"});
    case 11:
      return Format(random_.Below(2) == 0 ? "FLOOR(%)" : "CEIL(%)", {operand()}, {"1.5"});
    case 12:
      return Format(random_.Below(2) == 0 ? "ROUND(% / %, 2)" : "ROUND(% / NULLIF(%, 0), 1)",
                    {operand(), random_.Below(2) == 0 ? Text("7") : Text("2.5")}, {"1.5"});
    case 13:
      return Format("ROUND(% / NULLIF(%, 0), 2)", {operand(), Of(ValueKind::kInteger, scope, depth - 1)}, {"1.5"});
    case 14:
      return Format("(% % %)", {operand(), Text("%"), random_.Below(2) == 0 ? Text("7") : Text("2.5")}, {"1.5"});
    case 0:
      return Format("(% + %)", {operand(), operand()}, {"1.5"}, true);
    case 1:
      return Format("(% - %)", {operand(), Of(ValueKind::kInteger, scope, depth - 1)}, {"1.5"}, true);
    case 2:
      return Format("(% * %)", {operand(), Of(ValueKind::kInteger, scope, depth - 1)}, {"1.5"}, true);
    case 3:
      return Format("ROUND(%, 1)", {operand()}, {"1.5"}, true);
    case 4:
      return Format("EXTRACT(MONTH FROM %)", {Of(ValueKind::kDate, scope, depth - 1)}, {"1.5"});
    default:
      return Format("(% * (1 - %))", {operand(), Literal(ValueKind::kNumeric)}, {"1.5"}, true);
  }
}

QueryPtr RandomExpressions::Day(const Scope& scope, int depth) {
  if (random_.Below(3) == 0) {
    return Format("CAST(% AS date)", {Of(ValueKind::kTimestamp, scope, depth - 1)}, Simplest(ValueKind::kDate));
  }
  return Format(random_.Below(2) == 0 ? "(% + %)" : "(% - %)",
                {Of(ValueKind::kDate, scope, depth - 1), Literal(ValueKind::kInteger)},
                Simplest(ValueKind::kDate));
}

QueryPtr RandomExpressions::Moment(const Scope& scope, int depth) {
  const auto operand = [&] { return Of(ValueKind::kTimestamp, scope, depth - 1); };
  const std::vector<std::string> simplest = Simplest(ValueKind::kTimestamp);
  switch (random_.Below(6)) {
    case 0:
      return Format(random_.Below(2) == 0 ? "(% + INTERVAL '36 hours')" : "(% - INTERVAL '1 day 90 minutes')", {operand()}, simplest, true);
    case 1:
      return Format(random_.Below(2) == 0 ? "(% + INTERVAL '1 month')" : "(% - INTERVAL '1 year 2 months')", {operand()}, simplest, true);
    case 2: {
      constexpr const char* kUnits[] = {"hour", "minute", "second", "day", "week", "month", "quarter"};
      return Format(absl::StrCat("DATE_TRUNC('", kUnits[random_.Below(7)], "', %)"), {operand()}, simplest, true);
    }
    case 3:
      return Format("CAST(% AS timestamp)", {Of(ValueKind::kDate, scope, depth - 1)}, simplest);
    case 4:
      return Format(random_.Below(2) == 0 ? "GREATEST(%, %)" : "LEAST(%, %)", {operand(), operand()}, simplest, true);
    default:
      return Format("(% + INTERVAL '1 month')", {Of(ValueKind::kDate, scope, depth - 1)}, simplest);
  }
}

// Of values that are quarters: PostgreSQL's doubles are exact then, too, and can be compared.
QueryPtr RandomExpressions::Quarters(const Scope& scope, int depth) {
  const auto operand = [&] { return Of(ValueKind::kFloat, scope, depth - 1); };
  switch (random_.Below(7)) {
    case 0:
      return Format("(% + %)", {operand(), operand()}, {"1.5::float8"}, true);
    case 1:
      return Format("(% - %)", {operand(), Of(ValueKind::kInteger, scope, depth - 1)}, {"1.5::float8"}, true);
    case 2:
      return Format("(% * %)", {operand(), Literal(ValueKind::kInteger)}, {"1.5::float8"}, true);
    case 3:
      return Format("(% / 2)", {operand()}, {"1.5::float8"}, true);
    case 4:
      return Format(random_.Below(2) == 0 ? "GREATEST(%, %)" : "LEAST(%, %)", {operand(), operand()}, {"1.5::float8"}, true);
    case 5:
      return Format(random_.Below(2) == 0 ? "ABS(%)" : "FLOOR(%)", {operand()}, {"1.5::float8"}, true);
    default:
      return Format("DATE_PART('month', %)", {Of(ValueKind::kDate, scope, depth - 1)}, {"1.5::float8"});
  }
}

QueryPtr RandomExpressions::Letters(const Scope& scope, int depth) {
  const QueryPtr operand = Of(ValueKind::kText, scope, depth - 1);
  if (random_.Below(2) == 0) {
    constexpr const char* kFunctions[] = {"LEFT(%, 1)",          "LEFT(%, -1)",           "RIGHT(%, 1)",        "RIGHT(%, -2)",
                                          "LPAD(%, 3, 'xy')",    "RPAD(%, 2)",            "INITCAP(%)",         "REVERSE(%)",
                                          "REPEAT(%, 2)",        "SPLIT_PART(%, 'a', 1)", "LTRIM(%, 'a')",      "RTRIM(%, 'bc')",
                                          "TRIM(BOTH 'a' FROM %)", "CONCAT(%, 'b', NULL)"};
    return Format(kFunctions[random_.Below(14)], {operand}, {"'a'"}, true);
  }
  switch (random_.Below(5)) {
    case 4:
      return Format("CONCAT_WS('-', %, %, %)", {operand, Of(ValueKind::kText, scope, 0), Of(ValueKind::kInteger, scope, 0)}, {"'a'"}, true);
    case 0:
      return Format("UPPER(%)", {operand}, {"'a'"}, true);
    case 1:
      return Format("LOWER(%)", {operand}, {"'a'"}, true);
    case 2:
      return Format("SUBSTRING(% FROM 1 FOR 1)", {operand}, {"'a'"}, true);
    default:
      return Format("(% || %)", {operand, Literal(ValueKind::kText)}, {"'a'"}, true);
  }
}

QueryPtr RandomExpressions::Condition(const Scope& scope, int depth) {
  if (depth > 0 && random_.Below(4) == 0) {
    switch (random_.Below(3)) {
      case 0:
        return Format("(% AND %)", {Condition(scope, depth - 1), Condition(scope, depth - 1)}, kTruths, true);
      case 1:
        return Format("(% OR %)", {Condition(scope, depth - 1), Condition(scope, depth - 1)}, kTruths, true);
      default:
        return Format("(NOT %)", {Condition(scope, depth - 1)}, kTruths, true);
    }
  }
  if (subquery_ && depth > 0 && random_.Below(6) == 0) {
    if (QueryPtr made = subquery_(scope)) return made;
  }
  const ValueKind kind = AnyKind();
  const auto operand = [&] { return Of(kind, scope, depth - 1); };
  const QueryPtr column = Column(kind, scope);
  const QueryPtr first = column != nullptr && random_.Below(3) != 0 ? column : operand();
  if (kind == ValueKind::kBoolean && random_.Below(2) == 0) {
    constexpr const char* kTests[] = {"%", "% IS TRUE", "% IS NOT FALSE", "% IS NULL", "% IS UNKNOWN"};
    return Format(std::string("(") + kTests[random_.Below(5)] + ")", {first}, kTruths);
  }
  if (kind == ValueKind::kText && random_.Below(5) == 0) {
    constexpr const char* kPatterns[] = {"~ '^a'",     "!~ 'b'",         "~* 'B|c'",      "!~* '[^a-b]'",      "~ '^(a|b)+$'", "~ '^.{2,}$'",
                                         "~ '\\w\\W'", "SIMILAR TO 'a_'", "SIMILAR TO '(a|B)+'", "NOT SIMILAR TO '[a-b]+'", "~ '^[[:upper:]]?b*?$'"};
    return Format(absl::StrCat("(% ", kPatterns[random_.Below(11)], ")"), {first}, kTruths);
  }
  if (kind == ValueKind::kText && random_.Below(5) == 0) {
    constexpr const char* kPatterns[] = {"'a%'", "'%b'", "'_'", "'%'"};
    return Format("(% LIKE " + std::string(kPatterns[random_.Below(4)]) + ")", {first}, kTruths);
  }
  switch (random_.Below(8)) {
    case 0:
      return Format(random_.Below(2) == 0 ? "(% IS NULL)" : "(% IS NOT NULL)", {first}, kTruths);
    case 1:
      return Format(
          random_.Below(3) == 0 ? "(% NOT IN (%))" : "(% IN (%))",
          {first, List("", ", ",
                       {Literal(kind), Literal(kind), random_.Below(6) == 0 ? Text("NULL") : Literal(kind)})},
          kTruths);
    case 2:
      return Format(random_.Below(4) == 0 ? "(% BETWEEN SYMMETRIC % AND %)" : "(% BETWEEN % AND %)", {first, operand(), operand()}, kTruths);
    case 6: {
      const ValueKind other = AnyKind();
      const auto beside = [&] { return Of(other, scope, 0); };
      if (random_.Below(2) == 0) {
        return Format(random_.Below(3) == 0 ? "((%, %) NOT IN ((%, %), (%, %)))" : "((%, %) IN ((%, %), (%, %)))",
                      {first, beside(), operand(), beside(), Literal(kind), beside()}, kTruths);
      }
      constexpr const char* kCompares[] = {"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"};
      return Format(absl::StrCat("((%, %) ", kCompares[random_.Below(7)], " (%, %))"), {first, beside(), operand(), beside()}, kTruths);
    }
    case 7:
      return Format(random_.Below(2) == 0 ? "(% = ANY (ARRAY[%, %]))" : "(% <> ALL (ARRAY[%, %]))",
                    {first, operand(), Literal(kind)}, kTruths);
    case 3:
      return Format(random_.Below(2) == 0 ? "(% IS DISTINCT FROM %)" : "(% IS NOT DISTINCT FROM %)",
                    {first, operand()}, kTruths);
    default: {
      constexpr const char* kCompares[] = {"=", "<>", "<", "<=", ">", ">="};
      return Format(absl::StrCat("(% ", kCompares[random_.Below(6)], " %)"), {first, operand()}, kTruths);
    }
  }
}

QueryPtr RandomExpressions::Aggregate(const Scope& scope, ValueKind& kind) {
  const QueryPtr filter =
      random_.Below(6) == 0 ? Format(" FILTER (WHERE %)", {Condition(scope, 1)}, {""}) : Text("");
  const std::string distinct = random_.Below(6) == 0 ? "DISTINCT " : "";
  const ValueKind of = AnyKind();
  const bool is_number = of == ValueKind::kInteger || of == ValueKind::kNumeric || of == ValueKind::kFloat;
  const QueryPtr argument = Of(of, scope, random_.Below(3) == 0 ? 2 : 0);
  kind = ValueKind::kInteger;
  switch (random_.Below(8)) {
    case 0:
    case 1:
      return Format("COUNT(*)%", {filter});
    case 2:
      return Format("COUNT(" + distinct + "%)%", {argument, filter}, {"COUNT(*)"});
    case 3:
      if (of == ValueKind::kBoolean) {
        kind = of;
        return Format(std::string(random_.Below(2) == 0 ? "BOOL_AND" : "BOOL_OR") + "(%)%",
                      {argument, filter});
      }
      kind = of;
      return Format(std::string(random_.Below(2) == 0 ? "MIN" : "MAX") + "(%)%", {argument, filter});
    case 4:
      kind = of == ValueKind::kFloat ? of : ValueKind::kNumeric;
      return Format("AVG(%)%", {is_number ? argument : Of(ValueKind::kInteger, scope, 0), filter},
                    {"COUNT(*)"});
    case 5:
      if (random_.Below(3) == 0) {
        kind = ValueKind::kNumeric;
        constexpr const char* kFunctions[] = {"VAR_POP", "VAR_SAMP", "STDDEV_POP", "STDDEV_SAMP"};
        return Format(std::string(kFunctions[random_.Below(4)]) + "(%)%",
                      {is_number ? argument : Of(ValueKind::kInteger, scope, 0), filter}, {"COUNT(*)"});
      }
      if (random_.Below(4) == 0) {
        kind = ValueKind::kNumeric;
        constexpr const char* kFractions[] = {"0.5", "0.25", "0.9", "0", "1"};
        return Format(std::string("PERCENTILE_CONT(") + kFractions[random_.Below(5)] + ") WITHIN GROUP (ORDER BY %" +
                          (random_.Below(2) == 0 ? " DESC" : "") + ")%",
                      {is_number ? argument : Of(ValueKind::kInteger, scope, 0), filter}, {"COUNT(*)"});
      }
      [[fallthrough]];
    default:
      kind = of == ValueKind::kFloat ? of : ValueKind::kNumeric;
      return Format("SUM(" + distinct + "%)%",
                    {is_number ? argument : Of(ValueKind::kNumeric, scope, 0), filter}, {"COUNT(*)"});
  }
}

}  // namespace care::engine
