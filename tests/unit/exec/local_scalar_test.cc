// One row's expressions against what PostgreSQL 15 answers, printed forms included.

#include "engine/exec/local/scalar.h"
#include "engine/exec/local/statistics.h"

#include "engine/exec/local/number_functions.h"
#include "engine/exec/local/text_functions.h"
#include "engine/types/date.h"
#include "gtest/gtest.h"

namespace care::engine {
namespace {

using planner::ExpressionPtr;
using planner::Function;
using planner::MakeCall;
using planner::MakeLiteral;

Value Evaluated(Function function, std::vector<ExpressionPtr> arguments, DataType type) {
  const auto value = EvaluateScalar(MakeCall(function, std::move(arguments), type), [](planner::ColumnId) {
    return absl::StatusOr<Value>(absl::InternalError("no columns here"));
  });
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? *value : Value(Null{});
}

ExpressionPtr Number(const char* text) { return MakeLiteral(*ParseDecimal(text), kNumericType); }
ExpressionPtr Integer(std::int64_t value) { return MakeLiteral(value, kIntegerType); }
ExpressionPtr Day(const char* text) { return MakeLiteral(Date{*ParseDate(text)}, kDateType); }
ExpressionPtr Truth(int truth) {
  return truth < 0 ? MakeLiteral(Null{}, kBooleanType) : MakeLiteral(truth == 1, kBooleanType);
}

TEST(Scalar, NumericScalesArePostgresqls) {
  EXPECT_EQ(FormatValue(Evaluated(Function::kDivide, {Number("1"), Number("3")}, kNumericType)), "0.33333333333333333333");
  EXPECT_EQ(FormatValue(Evaluated(Function::kMultiply, {Number("1.50"), Number("2.5")}, kNumericType)), "3.750");
  EXPECT_EQ(FormatValue(Evaluated(Function::kModulo, {Number("-7.5"), Number("2")}, kNumericType)), "-1.5");
  EXPECT_EQ(FormatValue(Evaluated(Function::kRound, {Number("-2.345"), Integer(2)}, kNumericType)), "-2.35");
  EXPECT_EQ(FormatValue(Evaluated(Function::kRound, {Number("151.5"), Integer(-2)}, kNumericType)), "200");
  EXPECT_EQ(FormatValue(Evaluated(Function::kFloor, {Number("-1.5")}, kNumericType)), "-2");
  EXPECT_EQ(FormatValue(Evaluated(Function::kCeil, {Number("-1.5")}, kNumericType)), "-1");
  EXPECT_EQ(FormatValue(*AverageOf(*ParseDecimal("10.00"), 4)), "2.5000000000000000");
}

ExpressionPtr Float(const char* text, DataType type = kDoubleType) {
  return std::make_shared<const planner::Expression>(planner::Expression{planner::CastExpression{Number(text)}, type, {}});
}

// What PostgreSQL 15 prints for the same expression.
TEST(Scalar, FloatingPointIsPostgresqls) {
  EXPECT_EQ(FormatValue(Evaluated(Function::kAdd, {Float("0.1"), Float("0.2")}, kDoubleType)), "0.30000000000000004");
  EXPECT_EQ(FormatValue(Evaluated(Function::kDivide, {Float("1", kRealType), Float("3", kRealType)}, kRealType)), "0.33333334");
  EXPECT_EQ(FormatValue(Evaluated(Function::kMultiply, {Float("0.1", kRealType), Number("1")}, kDoubleType)), "0.10000000149011612");
  EXPECT_EQ(FormatValue(Evaluated(Function::kRound, {Float("2.5")}, kDoubleType)), "2");
  EXPECT_EQ(FormatValue(Evaluated(Function::kFloor, {Float("-2.5")}, kDoubleType)), "-3");
  EXPECT_EQ(FormatValue(Evaluated(Function::kNegate, {Float("2.5", kRealType)}, kRealType)), "-2.5");
  EXPECT_EQ(FormatValue(Evaluated(Function::kSquareRoot, {Float("2")}, kDoubleType)), "1.4142135623730951");
  EXPECT_EQ(FormatValue(Evaluated(Function::kPower, {Float("2"), Float("-1")}, kDoubleType)), "0.5");
  EXPECT_EQ(FormatValue(Evaluated(Function::kLogarithm, {Float("1000")}, kDoubleType)), "3");
  EXPECT_EQ(FormatValue(Evaluated(Function::kEqual, {Float("0.1", kRealType), Float("0.1")}, kBooleanType)), "f");
  EXPECT_EQ(FormatValue(*CastValue(2.5, kIntegerType)), "2");
  EXPECT_EQ(FormatValue(*CastValue(1.0 / 3, kNumericType)), "0.333333333333333");
  EXPECT_EQ(FormatValue(*CastValue(1.0F / 3, kNumericType)), "0.333333");
  EXPECT_EQ(FormatValue(*CastValue(1.0 / 3, DataType{TypeKind::kNumeric, 6, 2})), "0.33");
  EXPECT_EQ(FormatValue(*CastValue(0.1F, kDoubleType)), "0.10000000149011612");
  EXPECT_EQ(FormatValue(*CastValue(std::string(" 1e2 "), kDoubleType)), "100");
  EXPECT_FALSE(CastValue(1e300, kRealType).ok());
  EXPECT_FALSE(CastValue(1e300, kBigIntType).ok());
}

TEST(Scalar, IntegersTruncateAndFailBeyondTheirType) {
  EXPECT_EQ(FormatValue(Evaluated(Function::kDivide, {Integer(-7), Integer(2)}, kIntegerType)), "-3");
  EXPECT_EQ(FormatValue(Evaluated(Function::kModulo, {Integer(-7), Integer(2)}, kIntegerType)), "-1");
  const auto lookup = [](planner::ColumnId) { return absl::StatusOr<Value>(Null{}); };
  const auto over = EvaluateScalar(MakeCall(Function::kAdd, {Integer(2147483647), Integer(1)}, kIntegerType), lookup);
  EXPECT_EQ(over.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(over.status().message(), "integer out of range");
  EXPECT_FALSE(EvaluateScalar(MakeCall(Function::kDivide, {Integer(1), Integer(0)}, kIntegerType), lookup).ok());
}

TEST(TextFunctions, CutFillAndSplitByCharacters) {
  EXPECT_EQ(Left("\xc3\xa9t\xc3\xa9", 2), "\xc3\xa9t");
  EXPECT_EQ(Left("abc", -1), "ab");
  EXPECT_EQ(Left("abc", -4), "");
  EXPECT_EQ(Right("\xc3\xa9t\xc3\xa9", 2), "t\xc3\xa9");
  EXPECT_EQ(Right("abc", -1), "bc");
  EXPECT_EQ(Right("abc", 5), "abc");
  EXPECT_EQ(PositionOf("\xc3\xa9t\xc3\xa9", "t"), 2);
  EXPECT_EQ(PositionOf("abc", ""), 1);
  EXPECT_EQ(PositionOf("abc", "d"), 0);
  EXPECT_EQ(Pad("hi", 7, "xyz", true), "xyzxyhi");
  EXPECT_EQ(Pad("hi", 5, "\xc3\xa9", false), "hi\xc3\xa9\xc3\xa9\xc3\xa9");
  EXPECT_EQ(Pad("hello", 2, "x", true), "he");
  EXPECT_EQ(Pad("hi", 5, "", true), "hi");
  EXPECT_EQ(Pad("hi", -1, "x", true), "");
  EXPECT_EQ(InitCapAscii("hELLO wORLD-9x \xc3\xa9t"), "Hello World-9x \xc3\xa9T");
  EXPECT_EQ(Reverse("a\xc3\xa9z"), "z\xc3\xa9" "a");
  EXPECT_EQ(Repeat("ab", 3), "ababab");
  EXPECT_EQ(Repeat("ab", -1), "");
  EXPECT_EQ(SplitPart("a,b,c", ",", 2), "b");
  EXPECT_EQ(SplitPart("a,b,c", ",", -1), "c");
  EXPECT_EQ(SplitPart("a,b,c", ",", 4), "");
  EXPECT_EQ(SplitPart("abc", "", 1), "abc");
  EXPECT_EQ(SplitPart("abc", "", 2), "");
}

TEST(Scalar, LogicIsThreeValued) {
  // AND and OR over false, true, NULL.
  const char* const kAnd[] = {"f", "f", "f", "f", "t", "", "f", "", ""};
  const char* const kOr[] = {"f", "t", "", "t", "t", "t", "", "t", ""};
  const int truths[] = {0, 1, -1};
  for (int i = 0; i < 9; ++i) {
    const std::vector<ExpressionPtr> sides = {Truth(truths[i / 3]), Truth(truths[i % 3])};
    EXPECT_EQ(FormatValue(Evaluated(Function::kAnd, sides, kBooleanType)), kAnd[i]) << i;
    EXPECT_EQ(FormatValue(Evaluated(Function::kOr, sides, kBooleanType)), kOr[i]) << i;
  }
}

TEST(Scalar, DatesAreCalendarDates) {
  const auto moved = [](const char* day, int months, int days) {
    const DataType interval{TypeKind::kInterval};
    return FormatValue(Evaluated(Function::kDateAddInterval,
                                 {Day(day), MakeLiteral(Interval{months, days}, interval)}, kDateType));
  };
  EXPECT_EQ(moved("2024-02-29", -12, 0), "2023-02-28");
  EXPECT_EQ(moved("2023-03-31", -1, 1), "2023-03-01");
  EXPECT_EQ(FormatValue(Evaluated(Function::kExtractDow, {Day("2024-02-29")}, kNumericType)), "4");
  EXPECT_EQ(FormatValue(Evaluated(Function::kExtractQuarter, {Day("2024-10-01")}, kNumericType)), "4");
  EXPECT_EQ(FormatValue(Evaluated(Function::kDateTrunc, {MakeLiteral(std::string("week"), kTextType), Day("2024-02-29")},
                                  kDateType)), "2024-02-26");
}

TEST(Scalar, TextIsCharactersInCollationC) {
  const std::int64_t three = 3;
  EXPECT_EQ(*Substring("héllo", 2, &three), "éll");
  EXPECT_EQ(*Substring("abc", -1, &three), "a");
  EXPECT_FALSE(Substring("abc", 1, [] { static const std::int64_t minus = -1; return &minus; }()).ok());
  EXPECT_EQ(UpperAscii("aé"), "Aé");
  EXPECT_EQ(CharacterLength("é€"), 2);
  EXPECT_TRUE(*Like("100%", "1__\\%"));
  EXPECT_TRUE(*Like("abcabd", "%ab_"));
  EXPECT_FALSE(*Like("abc", "ab"));
  EXPECT_FALSE(Like("abc", "ab\\").ok());
  EXPECT_EQ(Trim("xxaxx", "x", TrimSide::kTrailing), "xxa");
  EXPECT_EQ(Replace("aaa", "aa", "b"), "ba");
}

TEST(Scalar, CastsRoundHalfAwayFromZero) {
  EXPECT_EQ(FormatValue(*CastValue(*ParseDecimal("2.5"), kIntegerType)), "3");
  EXPECT_EQ(FormatValue(*CastValue(*ParseDecimal("-2.345"), {TypeKind::kNumeric, 5, 2})), "-2.35");
  EXPECT_FALSE(CastValue(*ParseDecimal("1000"), {TypeKind::kNumeric, 5, 2}).ok());
  EXPECT_EQ(FormatValue(*CastValue(true, kTextType)), "true");
  EXPECT_EQ(FormatValue(*CastValue(std::string(" 12 "), kIntegerType)), "12");
  EXPECT_FALSE(CastValue(std::string("1x"), kIntegerType).ok());
}

}  // namespace
}  // namespace care::engine
