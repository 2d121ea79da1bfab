// Every declared type against every raw form: the value that comes out, or the rule that is broken. The expected
// values were worked out by hand; dates of instants around Amsterdam's clock changes are the calendar's.
#include "connectors/cleaning/cell_reader.h"

#include <string>

#include "connectors/declared/text_form.h"
#include "engine/types/date.h"
#include "gtest/gtest.h"
#include "tests/unit/connectors/raw_cells.h"

namespace care::connectors {
namespace {

using Kind = RawCell::Kind;
using planner::KeyFormat;

class Reading {
 public:
  explicit Reading(const std::string& type, KeyFormat format = KeyFormat::kPlain) : format_(format) {
    column_.name = "c";
    column_.type = *ParseDataType(type);
    EXPECT_TRUE(absl::LoadTimeZone("Europe/Amsterdam", &zone_));
  }
  planner::CatalogColumn& column() { return column_; }
  planner::ColumnMapping& mapping() { return mapping_; }

  // "NULL", the value, or the rule in brackets.
  std::string Of(const RawCell& cell) const {
    CellReader reader(column_, format_, mapping_, zone_);
    const CellReading reading = reader.Read(cell);
    if (reading.rule != CellRule::kHolds) {
      const std::string_view name = RuleName(reading.rule);
      return "[" + std::string(name) + "]";
    }
    if (reading.null) return "NULL";
    if (column_.type.kind == TypeKind::kText) return std::string(reading.text);
    if (column_.type.kind == TypeKind::kDate) return FormatDate(static_cast<std::int32_t>(reading.value));
    return std::to_string(reading.value);
  }
  std::string Of(std::string_view text) const { return Of(TextCell(text)); }

 private:
  planner::CatalogColumn column_;
  planner::ColumnMapping mapping_;
  const KeyFormat format_;
  absl::TimeZone zone_;
};

TEST(CellReader, WholeNumbers) {
  Reading reading("integer");
  reading.column().min = -5;
  reading.column().max = 2'000'000'000;
  EXPECT_EQ(reading.Of(IntegerCell(7)), "7");
  EXPECT_EQ(reading.Of(IntegerCell(-6)), "[range]");
  EXPECT_EQ(reading.Of(DecimalCell(700, 2)), "7");
  EXPECT_EQ(reading.Of(DecimalCell(701, 2)), "[whole number]");
  EXPECT_EQ(reading.Of(NullCell()), "NULL");
  EXPECT_EQ(reading.Of("42"), "42");
  EXPECT_EQ(reading.Of("-4"), "-4");
  EXPECT_EQ(reading.Of("0"), "0");
  for (const char* text : {"", " 42", "042", "+42", "4 2", "4.0", "-", "1e3", "0x1", "\xef\xbb\xbf" "1"}) {
    EXPECT_EQ(reading.Of(text), "[whole number]") << text;
  }
  EXPECT_EQ(reading.Of("99999999999999999999999"), "[range]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kFloat, 0)), "[exact]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kBoolean, 1)), "[type]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kDate, 1)), "[type]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kOther, 0)), "[type]");
  reading.mapping().trim = true;
  EXPECT_EQ(reading.Of(" \xc2\xa0" "0042\t"), "42");
  EXPECT_EQ(reading.Of("+42"), "42");
  EXPECT_EQ(reading.Of("-0"), "0");
  EXPECT_EQ(reading.Of("+-42"), "[whole number]");
  EXPECT_EQ(reading.Of("+"), "[whole number]");
  EXPECT_EQ(reading.Of("  "), "[whole number]");
}

TEST(CellReader, Decimals) {
  Reading reading("numeric(6,2)");
  EXPECT_EQ(reading.Of(IntegerCell(12)), "1200");
  EXPECT_EQ(reading.Of("12.5"), "1250");
  EXPECT_EQ(reading.Of("-12.500"), "-1250");
  EXPECT_EQ(reading.Of("12.505"), "[digits]");
  EXPECT_EQ(reading.Of("9999.99"), "999999");
  EXPECT_EQ(reading.Of("10000.00"), "[range]");
  EXPECT_EQ(reading.Of(DecimalCell(125, 1)), "1250");
  for (const char* text : {"", "12,50", "1.2.3", " 1", "NaN", "1e2", "."}) {
    EXPECT_EQ(reading.Of(text), "[digits]") << text;
  }
  EXPECT_EQ(reading.Of(std::string(100, '9')), "[digits]");
  reading.mapping().scaled = true;
  EXPECT_EQ(reading.Of(IntegerCell(1250)), "1250");
  EXPECT_EQ(reading.Of("1250"), "1250");
  EXPECT_EQ(reading.Of("1250.0"), "1250");
  EXPECT_EQ(reading.Of("12.5"), "[digits]");
}

TEST(CellReader, Booleans) {
  const Reading reading("boolean");
  for (const char* yes : {"t", "TRUE", "1", "yes", "On"}) EXPECT_EQ(reading.Of(yes), "1") << yes;
  for (const char* no : {"f", "false", "0", "N", "off"}) EXPECT_EQ(reading.Of(no), "0") << no;
  for (const char* none : {"", "ja", "2", " t"}) EXPECT_EQ(reading.Of(none), "[boolean]") << none;
  EXPECT_EQ(reading.Of(IntegerCell(1)), "1");
  EXPECT_EQ(reading.Of(IntegerCell(2)), "[boolean]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kBoolean, 0)), "0");
  EXPECT_EQ(reading.Of(DecimalCell(1, 0)), "[boolean]");
}

TEST(CellReader, DatesFromTextAndClocks) {
  Reading reading("date");
  EXPECT_EQ(reading.Of("2024-02-29"), "2024-02-29");
  EXPECT_EQ(reading.Of("2024-02-29 23:59:59.999999"), "2024-02-29");
  EXPECT_EQ(reading.Of("2024-02-29T00:00"), "2024-02-29");
  for (const char* text : {"", "2023-02-29", "29-02-2024", "2024-2-29", "2024-02-29 ", "2024-02-29 24:00",
                           "2024-02-29 10", "2024-02-29 10:00:60", "2024-02-29 10:00:00.", "2024-02-29 10:00 CET",
                           "2024-02-29 10:00+1", "2024-02-29 10:00+16", "2024-02-29 10:00+01:60",
                           "2024-02-29 10:00+01:00x", "0000-01-01", "infinity", "today"}) {
    EXPECT_EQ(reading.Of(text), "[date]") << text;
  }
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kDate, 0)), "1970-01-01");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kLocal, -1)), "1969-12-31");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kLocal, 86'400'000'000)), "1970-01-02");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kDate, INT64_MAX)), "[date]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kLocal, INT64_MIN)), "[date]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kInstant, INT64_MIN)), "[date]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kInstant, INT64_MAX)), "[date]");
  EXPECT_EQ(reading.Of("9999-12-31 23:30Z"), "[date]");  // the year 10000 in Amsterdam
  EXPECT_EQ(reading.Of(IntegerCell(20240229)), "[date]");
  reading.column().max = 19'782;  // 2024-02-29
  EXPECT_EQ(reading.Of("2024-02-29 22:59:59Z"), "2024-02-29");
  EXPECT_EQ(reading.Of("2024-02-29 23:00:00Z"), "[range]");
  reading.mapping().trim = true;
  EXPECT_EQ(reading.Of(" 2024-02-29 "), "2024-02-29");
}

TEST(CellReader, InstantsAreDatesInTheFederationsZone) {
  const Reading reading("date");
  // Winter: one hour ahead of UTC. Summer: two.
  EXPECT_EQ(reading.Of("2024-01-15 22:59:59Z"), "2024-01-15");
  EXPECT_EQ(reading.Of("2024-01-15 23:00:00Z"), "2024-01-16");
  EXPECT_EQ(reading.Of("2024-07-15 21:59:59Z"), "2024-07-15");
  EXPECT_EQ(reading.Of("2024-07-15 22:00:00+00:00"), "2024-07-16");
  // 2024-03-31, clocks forward: the day begins at 23:00 and ends at 22:00 UTC.
  EXPECT_EQ(reading.Of("2024-03-30 22:59:59Z"), "2024-03-30");
  EXPECT_EQ(reading.Of("2024-03-30 23:00Z"), "2024-03-31");
  EXPECT_EQ(reading.Of("2024-03-31 21:59:59.999999Z"), "2024-03-31");
  EXPECT_EQ(reading.Of("2024-03-31 22:00Z"), "2024-04-01");
  // 2024-10-27, clocks back: it begins at 22:00 and ends at 23:00.
  EXPECT_EQ(reading.Of("2024-10-26 21:59:59Z"), "2024-10-26");
  EXPECT_EQ(reading.Of("2024-10-26 22:00Z"), "2024-10-27");
  EXPECT_EQ(reading.Of("2024-10-27 22:30Z"), "2024-10-27");
  EXPECT_EQ(reading.Of("2024-10-27 23:00Z"), "2024-10-28");
  // The same moments with other offsets.
  EXPECT_EQ(reading.Of("2024-07-15T23:30:00-05"), "2024-07-16");
  EXPECT_EQ(reading.Of("2024-07-16 00:30:00 +0530"), "2024-07-15");
}

TEST(CellReader, OneReaderOverADayWhoseMidnightComesTwice) {
  // Newfoundland set its clocks back at one minute past midnight: 29 October 2006 began, ended and began again.
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/St_Johns", &zone));
  planner::CatalogColumn column;
  column.type = kDateType;
  CellReader reader(column, KeyFormat::kPlain, {}, zone);
  const auto day = [&](const char* text) {
    return FormatDate(static_cast<std::int32_t>(reader.Read(TextCell(text)).value));
  };
  EXPECT_EQ(day("2006-10-29 02:30:30Z"), "2006-10-29");
  EXPECT_EQ(day("2006-10-29 02:31:30Z"), "2006-10-28");
  EXPECT_EQ(day("2006-10-29 03:29:59Z"), "2006-10-28");
  EXPECT_EQ(day("2006-10-29 03:30:00Z"), "2006-10-29");
  EXPECT_EQ(day("2006-10-29 02:31:30Z"), "2006-10-28");
}

TEST(CellReader, Texts) {
  Reading reading("varchar(4)");
  EXPECT_EQ(reading.Of(""), "");
  EXPECT_EQ(reading.Of("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(reading.Of("cafe\xcc\x81"), "[length]");  // decomposed: five characters
  EXPECT_EQ(reading.Of("ab "), "ab ");
  EXPECT_EQ(reading.Of("a\xff"), "[UTF-8]");
  EXPECT_EQ(reading.Of(std::string_view("a\0b", 3)), "[UTF-8]");
  EXPECT_EQ(reading.Of(IntegerCell(1)), "[type]");
  reading.mapping().nfc = true;
  EXPECT_EQ(reading.Of("cafe\xcc\x81"), "caf\xc3\xa9");
  EXPECT_EQ(reading.Of("caf\xe9"), "[UTF-8]");
  EXPECT_EQ(reading.Of("ab  "), "ab  ");
  reading.mapping().trim = true;
  EXPECT_EQ(reading.Of("\xe3\x80\x80 cafe\xcc\x81 \xe2\x80\xa8\r\n"), "caf\xc3\xa9");
  EXPECT_EQ(reading.Of(" \t "), "");
  reading.column().domain = {"caf\xc3\xa9", "bar"};
  EXPECT_EQ(reading.Of(" cafe\xcc\x81"), "caf\xc3\xa9");
  EXPECT_EQ(reading.Of("foo"), "[domain]");
}

TEST(CellReader, Bsn) {
  Reading reading("text", KeyFormat::kBsn);
  reading.column().nullable = false;
  EXPECT_EQ(reading.Of("111222333"), "111222333");
  EXPECT_EQ(reading.Of(" \xc2\xa0" "111222333\n"), "111222333");
  EXPECT_EQ(reading.Of(IntegerCell(111222333)), "111222333");
  EXPECT_EQ(reading.Of(DecimalCell(1112223330, 1)), "111222333");
  // 010464554: 8*1 + 6*4 + 5*6 + 4*4 + 3*5 + 2*5 - 4 = 99.
  EXPECT_EQ(reading.Of("010464554"), "010464554");
  EXPECT_EQ(reading.Of("10464554"), "010464554");
  EXPECT_EQ(reading.Of(IntegerCell(10464554)), "010464554");
  for (const char* text : {"111222334", "000000000", "", " ", "0111222333", "111.222.333", "11122233a", "-11222333",
                           "\xd9\xa1\xd9\xa2", "111222333\xff"}) {
    EXPECT_EQ(reading.Of(text), "[bsn]") << text;
  }
  EXPECT_EQ(reading.Of(IntegerCell(0)), "[bsn]");
  EXPECT_EQ(reading.Of(IntegerCell(-111222333)), "[bsn]");
  EXPECT_EQ(reading.Of(IntegerCell(1112223330)), "[bsn]");
  EXPECT_EQ(reading.Of(IntegerCell(INT64_MIN)), "[bsn]");
  EXPECT_EQ(reading.Of(DecimalCell(1112223335, 1)), "[bsn]");
  EXPECT_EQ(reading.Of(CellOfKind(Kind::kFloat, 0)), "[exact]");
  EXPECT_EQ(reading.Of(NullCell()), "[not NULL]");
}

TEST(CellReader, TextFormsOfEveryLength) {
  // The eight-byte strides of the fast paths against the plain definition.
  for (std::size_t length = 0; length < 40; ++length) {
    std::string text(length, 'a');
    EXPECT_EQ(CountCharacters(text), static_cast<std::int64_t>(length));
    EXPECT_TRUE(IsAscii(text));
    for (std::size_t at = 0; at < length; ++at) {
      for (const char byte : {'\x80', '\xff', '\0'}) {
        std::string broken = text;
        broken[at] = byte;
        EXPECT_EQ(CountCharacters(broken), -1) << length << " " << at;
        EXPECT_EQ(IsAscii(broken), byte == '\0');
      }
      std::string wide = text;
      wide.insert(at, "\xf0\x9f\x98\x80");
      EXPECT_EQ(CountCharacters(wide), static_cast<std::int64_t>(length) + 1);
    }
  }
  for (const char* broken : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                             "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc3", "\xf0\x9f\x98"}) {
    EXPECT_EQ(CountCharacters(broken), -1);
  }
}

}  // namespace
}  // namespace care::connectors
