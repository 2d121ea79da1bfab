#include "connectors/postgresql/schema.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "connectors/declared/nearest_name.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

// Tables, partitioned tables, views, materialized views, foreign tables.
constexpr char kFindTable[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relhassubclass FROM pg_catalog.pg_class AS c "
    "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ((c.relname = $1 AND pg_catalog.pg_table_is_visible(c.oid)) "
    "OR (n.nspname = $2 AND c.relname = $3)) ORDER BY c.relname = $1 DESC LIMIT 1";

constexpr char kVisibleTables[] =
    "SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND pg_catalog.pg_table_is_visible(c.oid) AND c.relnamespace <> 'pg_catalog'::regnamespace "
    "ORDER BY c.relname LIMIT 1000";

// Name, NOT NULL, does its collation tell all bytes apart. From version 18 on a NOT NULL may be declared without
// having been checked.
constexpr char kColumns[] =
    "SELECT a.attname, a.attnotnull, coalesce(o.collisdeterministic, true) FROM pg_catalog.pg_attribute AS a "
    "LEFT JOIN pg_catalog.pg_collation AS o ON o.oid = a.attcollation "
    "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
constexpr char kUncheckedNotNull[] =
    "SELECT a.attname FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_attribute AS a "
    "ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) "
    "WHERE c.conrelid = $1::oid AND c.contype = 'n' AND NOT c.convalidated";

// The key columns of each index that keeps them unique at every moment.
constexpr char kUniqueIndexes[] =
    "SELECT i.indexrelid, a.attname FROM pg_catalog.pg_index AS i "
    "CROSS JOIN LATERAL unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS k(attnum) "
    "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
    "WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL "
    "AND i.indexprs IS NULL ORDER BY 1";

constexpr char kTypeCategories[] = "SELECT oid, typcategory FROM pg_catalog.pg_type WHERE oid = ANY ($1::oid[])";

// What the owner's catalog says of the mapped relation; for mapped sql only the names of its columns.
struct OwnTable {
  std::string from;
  std::vector<OwnColumn> columns;
  std::vector<std::vector<std::string>> keys;
  std::string storage_order;
};

bool IsTrue(const std::optional<std::string>& cell) { return cell == "t"; }

// A failed statement spoils its transaction; what follows it needs a savepoint to go back to.
class Savepoint {
 public:
  static absl::StatusOr<Savepoint> Set(PostgresqlConnection& connection) {
    CARE_RETURN_IF_ERROR(connection.Execute("SAVEPOINT care"));
    return Savepoint(connection);
  }
  absl::Status Leave() { return connection_.Execute("ROLLBACK TO care; RELEASE care"); }

 private:
  explicit Savepoint(PostgresqlConnection& connection) : connection_(connection) {}
  PostgresqlConnection& connection_;
};

// Oid, schema, name, kind, whether it has children; no row if there is no such table.
absl::StatusOr<PostgresqlConnection::Rows> Find(PostgresqlConnection& connection, const std::string& name) {
  const std::size_t dot = name.find('.');
  const std::string schema = dot == std::string::npos ? std::string() : name.substr(0, dot);
  const std::string within = dot == std::string::npos ? std::string() : name.substr(dot + 1);
  return connection.Query(kFindTable, {name, schema, within});
}

// NotFound if there is no such table.
absl::StatusOr<OwnTable> DescribeTable(PostgresqlConnection& connection, const planner::CatalogTable& table,
                                       const std::string& name, const std::string& party) {
  CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows found, Find(connection, name));
  if (found.empty()) {
    CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows visible, connection.Query(kVisibleTables));
    std::vector<std::string> names;
    for (const auto& row : visible) names.push_back(row[0].value_or(""));
    return absl::NotFoundError(absl::StrCat(table.FullName(), ": ", party, "'s database has no table '", name, "'",
                                            NearestName(name, names), "; correct [tables.", table.name,
                                            "] in its node file, or GRANT USAGE on the table's schema to its role"));
  }
  const std::string oid = found[0][0].value_or("");
  const std::string kind = found[0][3].value_or("");
  // Of a parent table's constraints its children need not hold; a foreign table's are promises.
  const bool keeps_constraints = kind == "p" || kind == "m" || (kind == "r" && !IsTrue(found[0][4]));
  OwnTable own;
  // Rows of a parent and its children are each in a place of their own table.
  if (kind == "m" || kind == "r") own.storage_order = IsTrue(found[0][4]) ? " ORDER BY tableoid, ctid" : " ORDER BY ctid";
  own.from = absl::StrCat(QuoteIdentifier(found[0][1].value_or("")), ".", QuoteIdentifier(found[0][2].value_or("")));
  CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows columns, connection.Query(kColumns, {oid}));
  std::vector<std::string> unchecked;
  if (connection.server_version() >= 180000) {
    CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows rows, connection.Query(kUncheckedNotNull, {oid}));
    for (const auto& row : rows) unchecked.push_back(row[0].value_or(""));
  }
  for (const auto& row : columns) {
    const std::string column = row[0].value_or("");
    const bool checked = std::find(unchecked.begin(), unchecked.end(), column) == unchecked.end();
    own.columns.push_back({column, keeps_constraints && checked && IsTrue(row[1]), IsTrue(row[2])});
  }
  if (!keeps_constraints) return own;
  CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows indexed, connection.Query(kUniqueIndexes, {oid}));
  std::map<std::string, std::vector<std::string>> by_index;
  for (const auto& row : indexed) by_index[row[0].value_or("")].push_back(row[1].value_or(""));
  for (auto& [index, names] : by_index) own.keys.push_back(std::move(names));
  return own;
}

absl::StatusOr<OwnTable> DescribeSql(PostgresqlConnection& connection, const planner::CatalogTable& table,
                                     const std::string& sql, const std::string& party) {
  CARE_ASSIGN_OR_RETURN(Savepoint savepoint, Savepoint::Set(connection));
  const auto columns = connection.Describe(sql, table.FullName());
  if (!columns.ok()) {
    if (!connection.usable() || absl::IsCancelled(columns.status())) return columns.status();
    CARE_RETURN_IF_ERROR(savepoint.Leave());
    if (absl::IsUnavailable(columns.status()) || absl::IsAborted(columns.status())) return columns.status();
    return absl::NotFoundError(
        absl::StrCat(table.FullName(), ": the sql that ", party,
                     "'s node file maps it to does not run; try it with psql as the node's role"));
  }
  CARE_RETURN_IF_ERROR(savepoint.Leave());
  OwnTable own;
  // The newline ends a comment that the text may end with.
  own.from = absl::StrCat("(", sql, "\n) AS ", QuoteIdentifier(table.name));
  // Nothing is known of the collation of a computed column.
  for (const auto& column : *columns) own.columns.push_back({column.name, false, false});
  return own;
}

}  // namespace

absl::StatusOr<std::string> FindTable(PostgresqlConnection& connection, const std::string& name) {
  CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows found, Find(connection, name));
  if (found.empty()) return absl::NotFoundError("no such table");
  return absl::StrCat(QuoteIdentifier(found[0][1].value_or("")), ".", QuoteIdentifier(found[0][2].value_or("")));
}

absl::StatusOr<std::vector<char>> TypeCategories(PostgresqlConnection& connection,
                                                 const std::vector<PostgresqlConnection::ResultColumn>& columns) {
  std::vector<std::string> types;
  for (const auto& column : columns) types.push_back(absl::StrCat(column.type));
  CARE_ASSIGN_OR_RETURN(const PostgresqlConnection::Rows rows,
                        connection.Query(kTypeCategories, {absl::StrCat("{", absl::StrJoin(types, ","), "}")}));
  std::map<std::string, char> by_type;
  for (const auto& row : rows) by_type[row[0].value_or("")] = row[1].value_or("?")[0];
  std::vector<char> categories;
  for (const std::string& type : types) categories.push_back(by_type[type]);
  return categories;
}

absl::StatusOr<PostgresqlTable> ReadTable(PostgresqlConnection& connection, const planner::CatalogTable& table,
                                          const planner::TableMapping& mapping, const std::string& time_zone,
                                          const std::string& party) {
  PostgresqlTable result;
  absl::StatusOr<OwnTable> own =
      !mapping.sql.empty()
          ? DescribeSql(connection, table, mapping.sql, party)
          : DescribeTable(connection, table, mapping.table.empty() ? table.name : mapping.table, party);
  if (absl::IsNotFound(own.status())) {
    result.physical.status = own.status();
    return result;
  }
  if (!own.ok()) return own.status();
  result.physical.from = own->from;
  result.storage_order = own->storage_order;
  for (const OwnColumn& column : own->columns) result.own_columns.push_back(column.name);
  result.stored.resize(table.columns.size());
  result.physical.columns.resize(table.columns.size());

  std::vector<std::string> own_names, selected;
  for (const OwnColumn& column : own->columns) own_names.push_back(column.name);
  std::vector<int> positions;             // of the columns that are there, in the order of `selected`
  std::vector<const OwnColumn*> sources;  // of each of those
  std::vector<bool> scaled;
  std::map<std::string, int> position_of_own;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const planner::CatalogColumn& column = table.columns[i];
    const auto mapped = mapping.columns.find(column.name);
    const bool is_mapped = mapped != mapping.columns.end();
    const std::string name = is_mapped && !mapped->second.column.empty() ? mapped->second.column : column.name;
    const auto found = std::find_if(own->columns.begin(), own->columns.end(),
                                    [&](const OwnColumn& candidate) { return candidate.name == name; });
    if (found == own->columns.end()) {
      result.physical.columns[i].status = absl::NotFoundError(
          absl::StrCat(table.FullName(), ".", column.name, ": ", party, "'s table has no column '", name, "'",
                       NearestName(name, own_names), "; correct [tables.", table.name, ".columns] in its node file"));
      continue;
    }
    selected.push_back(QuoteIdentifier(name));
    positions.push_back(static_cast<int>(i));
    sources.push_back(&*found);
    scaled.push_back(is_mapped && mapped->second.scaled);
    position_of_own[name] = static_cast<int>(i);
  }

  result.probe = absl::StrCat("SELECT ", absl::StrJoin(selected, ", "), " FROM ", result.physical.from);
  CARE_ASSIGN_OR_RETURN(Savepoint savepoint, Savepoint::Set(connection));
  const auto probed = connection.Describe(result.probe, table.FullName());
  if (!probed.ok()) {
    if (!connection.usable() || !absl::IsFailedPrecondition(probed.status())) return probed.status();
    CARE_RETURN_IF_ERROR(savepoint.Leave());
    result.physical.status = probed.status();
    return result;
  }
  CARE_RETURN_IF_ERROR(savepoint.Leave());
  result.probed = *probed;

  CARE_ASSIGN_OR_RETURN(const std::vector<char> categories, TypeCategories(connection, *probed));
  for (std::size_t i = 0; i < probed->size(); ++i) {
    const std::size_t position = static_cast<std::size_t>(positions[i]);
    const planner::CatalogColumn& declared = table.columns[position];
    OwnColumn source = *sources[i];
    source.type_category = categories[i];
    absl::StatusOr<StoredColumn> stored = ReadStoredColumn(declared, source, (*probed)[i], scaled[i], time_zone,
                                                           absl::StrCat(table.FullName(), ".", declared.name), party);
    if (!stored.ok()) {
      result.physical.columns[position].status = stored.status();
      continue;
    }
    result.physical.columns[position].sql = stored->sql;
    result.stored[position] = *std::move(stored);
  }
  for (const std::vector<std::string>& key : own->keys) {
    std::vector<int> columns;
    for (const std::string& name : key) {
      const auto position = position_of_own.find(name);
      if (position == position_of_own.end()) break;
      if (!result.stored[static_cast<std::size_t>(position->second)].keeps_uniqueness) break;
      columns.push_back(position->second);
    }
    if (columns.size() == key.size()) result.physical.enforced_keys.push_back(std::move(columns));
  }
  return result;
}

}  // namespace care::connectors
