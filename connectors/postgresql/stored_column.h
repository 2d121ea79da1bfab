// connectors/postgresql/stored_column.h
//
// What one column of an owner's table is to the federation: how a statement writes its value as the declared type,
// how COPY brings it, and which of the declared rules its own type does not guarantee already.
//
//   BOOLEAN            boolean; integers 0 and 1
//   SMALLINT..BIGINT   integers; numeric without fraction
//   NUMERIC(p,s)       numeric, integers; "scaled": integers in units of 10^-s
//   DATE               date; timestamp; timestamptz, by the calendar of the federation's time zone
//   TEXT               text, varchar, char(n) (without its padding), citext and enums (compared by their letters), uuid
//
// Floating point is refused: its sums depend on their order.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "connectors/postgresql/connection.h"
#include "planner/catalog/catalog.h"

namespace care::connectors {

// Of pg_type, where they are constants for ever.
enum KnownType : Oid {
  kBoolOid = 16,
  kInt8Oid = 20,
  kInt2Oid = 21,
  kInt4Oid = 23,
  kTextOid = 25,
  kFloat4Oid = 700,
  kFloat8Oid = 701,
  kBpcharOid = 1042,
  kVarcharOid = 1043,
  kDateOid = 1082,
  kTimestampOid = 1114,
  kTimestamptzOid = 1184,
  kNumericOid = 1700,
  kUuidOid = 2950,
};

// How COPY's binary form holds a value.
enum class WireForm : std::uint8_t { kBoolean, kInt2, kInt4, kInt8, kNumeric, kDate, kTimestamp, kText };

struct StoredColumn {
  std::string sql;      // the declared type, once the rules hold
  std::string fetched;  // as it is, for a scan whose cells are checked while they arrive
  WireForm wire = WireForm::kText;
  int digits = 0;                // of a stored numeric: how many it may have after the point
  int shift = 0;                 // powers of ten from what is stored to the unit of the declared type
  std::string broken;            // the number of the rule that a value breaks, 0 if none; empty: none can be broken
  bool keeps_uniqueness = true;  // unequal stored values stay unequal as the declared type
};

// What the owner's catalog says of a column besides ResultColumn.
struct OwnColumn {
  std::string name;
  bool not_null = false;      // guaranteed by the database
  bool byte_equality = true;  // its collation calls equal only what has the same bytes
  char type_category = 'S';   // pg_type.typcategory, of the type beneath a domain
};

// FailedPrecondition: the declared type cannot be read from it. `name`, `party`: for the error.
absl::StatusOr<StoredColumn> ReadStoredColumn(const planner::CatalogColumn& declared, const OwnColumn& own,
                                              const PostgresqlConnection::ResultColumn& type, bool scaled,
                                              const std::string& time_zone, const std::string& name,
                                              const std::string& party);

// "bigint", "numeric(8,2)": as a cast names it.
std::string SqlTypeName(const DataType& type);

}  // namespace care::connectors
