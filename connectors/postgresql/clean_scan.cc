#include "connectors/postgresql/clean_scan.h"

#include <bit>
#include <endian.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/declared/nearest_name.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

// One column of a statement: what is selected, and what its binary form is.
struct RawColumn {
  std::string sql;
  RawCell::Kind kind = RawCell::Kind::kOther;
};

struct RawStatement {
  std::string sql;
  std::vector<RawCell::Kind> kinds;
};

RawColumn RawColumnOf(const std::string& name, Oid type, char category) {
  using Kind = RawCell::Kind;
  switch (type) {
    case kBoolOid:
      return {name, Kind::kBoolean};
    case kInt2Oid:
    case kInt4Oid:
    case kInt8Oid:
      return {absl::StrCat(name, "::bigint"), Kind::kInteger};
    case kNumericOid:
      return {absl::StrCat(name, "::text"), Kind::kDecimal};
    case kDateOid:
      return {name, Kind::kDate};
    case kTimestampOid:
      return {name, Kind::kLocal};
    case kTimestamptzOid:
      return {name, Kind::kInstant};
    case kFloat4Oid:
      return {absl::StrCat("(", name, "::numeric)::float8"), Kind::kFloat};  // 0.1 and not 0.10000000149
    case kFloat8Oid:
      return {name, Kind::kFloat};
    case kUuidOid:
      return {absl::StrCat(name, "::text"), Kind::kText};
    default:
      if (category == 'S' || category == 'E') return {absl::StrCat(name, "::text"), Kind::kText};
      return {absl::StrCat("nullif(", name, " IS NULL, true)"), Kind::kOther};
  }
}

absl::StatusOr<RawStatement> StatementOf(PostgresqlConnection& connection, const std::vector<std::string>& names,
                                         const std::string& from, const std::string& order, const std::string& what) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(QuoteIdentifier(name));
  CARE_ASSIGN_OR_RETURN(const auto columns,
                        connection.Describe(absl::StrCat("SELECT ", absl::StrJoin(quoted, ", "), " FROM ", from), what));
  CARE_ASSIGN_OR_RETURN(const std::vector<char> categories, TypeCategories(connection, columns));
  RawStatement statement;
  std::vector<std::string> selected;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    RawColumn column = RawColumnOf(quoted[i], columns[i].type, categories[i]);
    selected.push_back(std::move(column.sql));
    statement.kinds.push_back(column.kind);
  }
  statement.sql = absl::StrCat("COPY (SELECT ", absl::StrJoin(selected, ", "), " FROM ", from, order,
                               ") TO STDOUT (FORMAT BINARY)");
  return statement;
}

template <typename Number>
bool ReadNumber(std::string_view bytes, Number& number) {
  if (bytes.size() != sizeof(Number)) return false;
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  number = static_cast<Number>(value);
  return true;
}

// False: not of the form that its type has.
bool ReadRawCell(RawCell::Kind kind, std::string_view bytes, RawCell& cell) {
  using Kind = RawCell::Kind;
  const std::int64_t epoch = DaysFromCivil({2000, 1, 1});
  constexpr std::int64_t kDay = 86'400'000'000;
  cell.kind = kind;
  switch (kind) {
    case Kind::kBoolean:
      cell.integer = bytes.size() == 1 && bytes[0] != 0 ? 1 : 0;
      return bytes.size() == 1;
    case Kind::kInteger:
      return ReadNumber(bytes, cell.integer);
    case Kind::kDecimal: {
      const absl::StatusOr<Decimal> parsed = ParseDecimal(bytes);
      if (parsed.ok()) {
        cell.decimal = *parsed;
      } else {
        cell.kind = Kind::kOther;  // NaN, infinite, or of more digits than anything declared
      }
      return true;
    }
    case Kind::kDate: {
      std::int32_t days = 0;
      if (!ReadNumber(bytes, days)) return false;
      const bool infinite = days == std::numeric_limits<std::int32_t>::max() || days == std::numeric_limits<std::int32_t>::min();
      if (infinite) cell.kind = Kind::kOther;
      cell.integer = days + epoch;
      return true;
    }
    case Kind::kLocal:
    case Kind::kInstant:
      if (!ReadNumber(bytes, cell.integer)) return false;
      if (__builtin_add_overflow(cell.integer, epoch * kDay, &cell.integer)) cell.kind = Kind::kOther;
      if (cell.integer - epoch * kDay == std::numeric_limits<std::int64_t>::min()) cell.kind = Kind::kOther;
      return true;
    case Kind::kFloat: {
      std::int64_t bits = 0;
      if (!ReadNumber(bytes, bits)) return false;
      cell.number = std::bit_cast<double>(bits);
      return true;
    }
    case Kind::kText:
      cell.text = bytes;
      return true;
    default:
      return true;
  }
}

// The rows of a binary COPY, as copy_reader.h describes it.
absl::Status ForEachRow(PostgresqlConnection& connection, const RawStatement& statement,
                        const PostgresqlCleanSource& source,
                        absl::FunctionRef<absl::Status(std::span<const RawCell>)> take) {
  const absl::Status malformed = absl::InternalError(absl::StrCat(source.party, ": its database answered in an unexpected form"));
  constexpr std::size_t kHeader = 19;
  bool begun = false, ended = false;
  std::vector<RawCell> cells(statement.kinds.size());
  const auto receive = [&](const char* data, std::size_t size) -> absl::Status {
    std::string_view rest(data, size);
    if (!begun) {
      std::int32_t extension = 0;
      if (rest.size() < kHeader || rest.substr(0, 6) != "PGCOPY") return malformed;
      ReadNumber(rest.substr(kHeader - 4, 4), extension);
      if (extension < 0 || static_cast<std::size_t>(extension) > rest.size() - kHeader) return malformed;
      rest.remove_prefix(kHeader + static_cast<std::size_t>(extension));
      begun = true;
    }
    while (!rest.empty()) {
      std::int16_t count = 0;
      if (ended || rest.size() < 2) return malformed;
      ReadNumber(rest.substr(0, 2), count);
      rest.remove_prefix(2);
      if (count == -1) {
        ended = true;
        continue;
      }
      if (count < 0 || static_cast<std::size_t>(count) != cells.size()) return malformed;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        std::int32_t length = 0;
        if (rest.size() < 4) return malformed;
        ReadNumber(rest.substr(0, 4), length);
        rest.remove_prefix(4);
        cells[i] = RawCell();
        if (length == -1) continue;
        if (length < 0 || static_cast<std::size_t>(length) > rest.size()) return malformed;
        if (!ReadRawCell(statement.kinds[i], rest.substr(0, static_cast<std::size_t>(length)), cells[i])) return malformed;
        rest.remove_prefix(static_cast<std::size_t>(length));
      }
      CARE_RETURN_IF_ERROR(take(cells));
    }
    return absl::OkStatus();
  };
  CARE_RETURN_IF_ERROR(connection.CopyOut(statement.sql, receive, source.table.FullName()));
  return ended ? absl::OkStatus() : malformed;
}

absl::StatusOr<RawStatement> ScanOf(PostgresqlConnection& connection, const PostgresqlCleanSource& source,
                                    const TableCleaner& cleaner) {
  CARE_RETURN_IF_ERROR(source.own.physical.status);
  const std::vector<std::string>& own = source.own.own_columns;
  for (const std::string& name : cleaner.needed()) {
    if (std::find(own.begin(), own.end(), name) != own.end()) continue;
    return absl::NotFoundError(absl::StrCat(source.table.FullName(), ": ", source.party, "'s table has no column '",
                                            name, "'", NearestName(name, own), "; correct [tables.",
                                            source.table.name, "] in its node file"));
  }
  CARE_ASSIGN_OR_RETURN(RawStatement statement,
                        StatementOf(connection, cleaner.needed(), source.own.physical.from, source.own.storage_order,
                                    source.table.FullName()));
  // Of such a type no cell at all would count: to take a column of NULLs for that, or to drop every row, is not what
  // on_violation is for.
  for (std::size_t i = 0; i < statement.kinds.size(); ++i) {
    const std::string* declared = cleaner.DeclaredName(i);
    const bool floating = statement.kinds[i] == RawCell::Kind::kFloat;
    if (declared == nullptr || (!floating && statement.kinds[i] != RawCell::Kind::kOther)) continue;
    const int position = source.table.FindColumn(*declared);
    if (floating && position >= 0 && source.table.columns[static_cast<std::size_t>(position)].shown_as != TypeKind::kUnknown) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        source.table.FullName(), ".", *declared, ": ",
        floating ? "it is stored as a floating-point number, which is not exact"
                 : "it cannot be read from the type that the database stores it as",
        "; ", source.party, " should correct [tables.", source.table.name, "] in its node file, or map sql that casts it"));
  }
  return statement;
}

}  // namespace

absl::StatusOr<std::string> CleanScanSql(PostgresqlConnection& connection, const PostgresqlCleanSource& source,
                                         const TableCleaner& cleaner) {
  CARE_ASSIGN_OR_RETURN(RawStatement statement, ScanOf(connection, source, cleaner));
  return std::move(statement.sql);
}

absl::Status FeedCleaner(PostgresqlConnection& connection, const PostgresqlCleanSource& source, TableCleaner& cleaner) {
  if (const planner::MergeMapping* merged = cleaner.merged(); merged != nullptr) {
    const absl::StatusOr<std::string> from = FindTable(connection, merged->table);
    if (!from.ok() && !absl::IsNotFound(from.status())) return from.status();
    absl::StatusOr<RawStatement> statement =
        from.ok() ? StatementOf(connection, {merged->from, merged->to}, *from, "", source.table.FullName())
                  : absl::StatusOr<RawStatement>(from.status());
    if (absl::IsNotFound(statement.status()) || absl::IsFailedPrecondition(statement.status())) {
      return absl::NotFoundError(absl::StrCat(
          source.table.FullName(), ": ", source.party, "'s database has no table '", merged->table,
          "' that the node's role may read with the columns '", merged->from, "' and '", merged->to,
          "'; correct [tables.", source.table.name, ".merged] in its node file"));
    }
    CARE_RETURN_IF_ERROR(statement.status());
    CARE_RETURN_IF_ERROR(ForEachRow(connection, *statement, source, [&](std::span<const RawCell> cells) {
      return cleaner.AddMerge(cells[0], cells[1]);
    }));
  }
  CARE_ASSIGN_OR_RETURN(const RawStatement statement, ScanOf(connection, source, cleaner));
  return ForEachRow(connection, statement, source, [&](std::span<const RawCell> cells) { return cleaner.AddRow(cells); });
}

}  // namespace care::connectors
