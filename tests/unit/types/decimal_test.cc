// Decimals print what PostgreSQL 15 prints: the expected quotients below are its answers.
#include "engine/types/decimal.h"

#include <string>
#include <tuple>

#include "gtest/gtest.h"

namespace care {
namespace {

Decimal D(const std::string& text) { return ParseDecimal(text).value(); }

std::string Quotient(const std::string& dividend, const std::string& divisor) {
  const absl::StatusOr<Decimal> quotient = DivideDecimals(D(dividend), D(divisor));
  return quotient.ok() ? quotient->ToString() : std::string(quotient.status().message());
}

class Division : public testing::TestWithParam<std::tuple<const char*, const char*, const char*>> {};

TEST_P(Division, HasPostgresqlsDigits) {
  const auto& [dividend, divisor, quotient] = GetParam();
  EXPECT_EQ(Quotient(dividend, divisor), quotient);
}

INSTANTIATE_TEST_SUITE_P(
    PostgresqlsAnswers, Division,
    testing::Values(std::make_tuple("1", "3", "0.33333333333333333333"),
                    std::make_tuple("100.00", "7", "14.2857142857142857"),
                    std::make_tuple("10", "4", "2.5000000000000000"),
                    std::make_tuple("0", "7", "0.00000000000000000000"),
                    std::make_tuple("0.00", "3", "0.00000000000000000000"),
                    std::make_tuple("-2", "3", "-0.66666666666666666667"),
                    std::make_tuple("1", "-3", "-0.33333333333333333333"),
                    std::make_tuple("2.00", "3.000", "0.66666666666666666667"),
                    std::make_tuple("123456789012345678", "7", "17636684144620811"),
                    std::make_tuple("99999999999999999.99", "3", "33333333333333333.33"),
                    std::make_tuple("1", "10000", "0.000100000000000000000000"),
                    std::make_tuple("9999", "10000", "0.99990000000000000000"),
                    std::make_tuple("10000", "9999", "1.0001000100010001"),
                    std::make_tuple("0.0001", "3", "0.000033333333333333333333"),
                    std::make_tuple("0.00001", "3", "0.000003333333333333333333"),
                    std::make_tuple("12345.67", "0.0003", "41152233.333333333333"),
                    std::make_tuple("1000000.00", "1000000", "1.00000000000000000000"),
                    std::make_tuple("38412.75", "18", "2134.0416666666666667"),
                    std::make_tuple("1", "99999999", "0.000000010000000100000001"),
                    std::make_tuple("5000", "5000", "1.00000000000000000000"),
                    std::make_tuple("4999", "5000", "0.99980000000000000000"),
                    std::make_tuple("922337203685477580700", "100", "9223372036854775807"),
                    std::make_tuple("8109390658.88", "-9538.9603", "-850133.599872514408"),
                    std::make_tuple("-543.005", "206", "-2.6359466019417476"),
                    std::make_tuple("6597093570448.92", "4280674976175", "1.5411339583515302"),
                    std::make_tuple("0.00000057", "399.171", "0.0000000014279594459517349707"),
                    std::make_tuple("0.04662", "-935253418573701.191",
                                    "-0.000000000000000049847452117413654137"),
                    std::make_tuple("14960298.50", "0.00010", "149602985000.00000000"),
                    std::make_tuple("3648805.362", "76685017307577572.8", "0.0000000000475817244373164668"),
                    std::make_tuple("-513290089916498", "-6415563", "80007021.973987006285"),
                    std::make_tuple("-3552668979648.89", "-173495278.47", "20477.035519230001"),
                    std::make_tuple("-9487607427.78161", "2893564.02", "-3278.8655658572952535"),
                    std::make_tuple("1.4646", "856.4296600348", "0.00171012293051654437"),
                    std::make_tuple("3429729223236.74", "190329881", "18019.919968513720"),
                    std::make_tuple("-0.896", "0.00075621", "-1184.8560585022678885"),
                    std::make_tuple("-50549783.07883", "0.0000000003", "-168499276929433333.3333333333"),
                    std::make_tuple("99.6", "319", "0.31222570532915360502"),
                    std::make_tuple("0.014929", "4427230652.490340", "0.0000000000033720854348535830"),
                    std::make_tuple("352537261", "-4862880.2126", "-72.4955675623174613"),
                    std::make_tuple("18242926579.34", "-458704444.5739", "-39.7705467979195841"),
                    std::make_tuple("-73579681420943.62", "3232751.9425597862", "-22760695.137864833107"),
                    std::make_tuple("9585446389.71482834", "0.0000037812", "2535027607562368.6501639691")));

TEST(DivideDecimals, ByZeroIsAnError) {
  EXPECT_EQ(DivideDecimals(D("1"), D("0.00")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ParseDecimal, ReadsAndPrints) {
  for (const char* text : {"0", "-1", "1.50", "-0.001", "99999999999999999999999999999999999999"}) {
    EXPECT_EQ(D(text).ToString(), text);
  }
  EXPECT_EQ(D("+1.5"), (Decimal{15, 1}));
  EXPECT_EQ(D(".5").ToString(), "0.5");
  for (const char* text : {"", "-", ".", "1.2.3", "1e5", "a", " 1"}) {
    EXPECT_EQ(ParseDecimal(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(ParseDecimal(std::string(39, '9')).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(DecimalArithmetic, KeepsPostgresqlsScales) {
  EXPECT_EQ(AddDecimals(D("1.5"), D("2.25"))->ToString(), "3.75");
  EXPECT_EQ(SubtractDecimals(D("1.50"), D("1.5"))->ToString(), "0.00");
  EXPECT_EQ(MultiplyDecimals(D("1.50"), D("-2.0"))->ToString(), "-3.000");
  const std::string largest(38, '9');
  EXPECT_EQ(AddDecimals(D(largest), D("-1"))->ToString(), std::string(37, '9') + "8");
  EXPECT_EQ(AddDecimals(D(largest), D(largest)).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(MultiplyDecimals(D(largest), D(largest)).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(RescaleDecimal, RoundsHalfAwayFromZero) {
  EXPECT_EQ(RescaleDecimal(D("2.5"), 0)->ToString(), "3");
  EXPECT_EQ(RescaleDecimal(D("-2.5"), 0)->ToString(), "-3");
  EXPECT_EQ(RescaleDecimal(D("2.449"), 1)->ToString(), "2.4");
  EXPECT_EQ(RescaleDecimal(D("0.05"), 1)->ToString(), "0.1");
  EXPECT_EQ(RescaleDecimal(D("1.5"), 3)->ToString(), "1.500");
}

TEST(CompareDecimals, ComparesValuesNotScales) {
  EXPECT_EQ(CompareDecimals(D("1.0"), D("1.00")), 0);
  EXPECT_FALSE(D("1.0") == D("1.00"));
  EXPECT_EQ(CompareDecimals(D("-1.5"), D("-1.49")), -1);
  EXPECT_EQ(CompareDecimals(D("0.1"), D("-0.1")), 1);
  EXPECT_EQ(CompareDecimals(D("-0.1"), D("0.1")), -1);
}

}  // namespace
}  // namespace care
