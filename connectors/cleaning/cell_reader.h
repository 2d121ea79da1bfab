// connectors/cleaning/cell_reader.h
//
// Brings one column's cells from the form in which an owner's database holds them to the form that the federation
// declares: whole numbers from text, dates from timestamps, texts trimmed and composed, keys in their format. What
// cannot be brought there breaks a rule, and what a broken rule does is not decided here.
//
//   SMALLINT..BIGINT  whole numbers; text of digits without leading zeros (with `trim`: zeros, + and white space too)
//   NUMERIC(p,s)      whole numbers and decimals of at most s digits after the point (trailing zeros do not count);
//                     text of them; with storage "scaled", whole numbers in units of 10^-s
//   DATE              dates; timestamps on the owner's clock, cut off; instants, as the date of that moment in the
//                     federation's time zone; text of these (timestamp_text.h)
//   BOOLEAN           booleans; 0 and 1; text that PostgreSQL prints or reads as one (t, true, yes, on, 1, ...)
//   TEXT              text of UTF-8; with `trim` and `nfc` in that order
//   key format bsn    text, trimmed, or a whole number: at most nine digits, filled up with leading zeros, that pass
//                     the eleven-test
//
// Floating-point numbers are never taken: what they held before they were rounded cannot be known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "connectors/declared/declared_rules.h"
#include "connectors/cleaning/raw_cell.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct CellReading {
  CellRule rule = CellRule::kHolds;
  bool null = false;
  std::int64_t value = 0;  // what ColumnBatch stores; 0 for NULL and text
  std::string_view text;   // valid until the next Read, and as long as the raw cell's own text
  // True of a key whose only fault is that it fails its format's test: it can still be merged into another.
  bool is_formed = false;
};

class CellReader {
 public:
  // `column` must outlive the reader.
  CellReader(const planner::CatalogColumn& column, planner::KeyFormat format, const planner::ColumnMapping& mapping,
             absl::TimeZone zone);

  CellReading Read(const RawCell& cell);

 private:
  CellReading ReadWhole(const RawCell& cell) const;
  CellReading ReadNumeric(const RawCell& cell) const;
  CellReading ReadDate(const RawCell& cell);
  CellReading ReadTimestamp(const RawCell& cell) const;
  CellReading ReadBoolean(const RawCell& cell) const;
  CellReading ReadText(const RawCell& cell);
  CellReading ReadBsn(const RawCell& cell);
  std::int64_t DayOfInstant(std::int64_t micros);

  const DataType type_;
  const DeclaredRules rules_;
  const planner::KeyFormat format_;
  const bool scaled_;
  const bool trim_;
  const bool nfc_;
  const absl::TimeZone zone_;
  // The day whose instants were asked for last: rows of one day often follow each other.
  std::int64_t day_begin_ = 0;
  std::int64_t day_end_ = 0;
  std::int64_t day_ = 0;
  std::string buffer_;
};

}  // namespace care::connectors
