// What PostgreSQL's catalogue says of the tables that the role may read.

#include <algorithm>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "connectors/postgresql/connection.h"
#include "engine/frontend/init/inspection.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr std::chrono::seconds kPatience{600};

// What may be read, of ordinary schemas. Partitions are seen through the table that they are parts of; of a
// domain the type beneath it is what counts.
constexpr char kColumns[] = R"sql(
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname END, c.relname, COALESCE(obj_description(c.oid, 'pg_class'), ''),
       a.attname, format_type(a.atttypid, a.atttypmod),
       format_type(COALESCE(NULLIF(t.typbasetype, 0), a.atttypid), CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END),
       a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), COALESCE(col_description(c.oid, a.attnum), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
  AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum)sql";

constexpr char kConstraints[] = R"sql(
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname END, c.relname, k.conname, k.contype, a.attname,
       COALESCE(f.relname, '')
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS part(attnum, position)
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.attnum
LEFT JOIN pg_class f ON f.oid = k.confrelid
WHERE k.contype IN ('p', 'u', 'f') AND k.convalidated
ORDER BY n.nspname, c.relname, k.conname, part.position)sql";

void SetKind(const std::string& type, OwnColumn& column) {
  if (type == "boolean") {
    column.kind = OwnKind::kBoolean;
  } else if (type == "smallint" || type == "integer" || type == "bigint") {
    column.kind = OwnKind::kInteger;
    column.integer_bits = type == "smallint" ? 16 : type == "integer" ? 32 : 64;
  } else if (type.starts_with("numeric")) {
    column.kind = OwnKind::kDecimal;
    std::sscanf(type.c_str(), "numeric(%d,%d", &column.precision, &column.scale);
  } else if (type == "date") {
    column.kind = OwnKind::kDate;
  } else if (type.starts_with("timestamp")) {
    column.kind = OwnKind::kInstant;
  } else if (type == "text" || type.starts_with("character")) {
    column.kind = OwnKind::kText;
  } else if (type == "real" || type == "double precision") {
    column.kind = OwnKind::kFloat;
  } else {
    column.unusable = "its type has no counterpart";
  }
}

class PostgresqlInspection final : public InspectedDatabase {
 public:
  explicit PostgresqlInspection(std::unique_ptr<connectors::PostgresqlConnection> connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<std::vector<OwnTable>> Tables() override {
    CARE_ASSIGN_OR_RETURN(const Rows rows, connection_->Query(kColumns));
    std::vector<OwnTable> tables;
    for (const auto& row : rows) {
      const std::string schema = row[0].value_or("");
      const std::string name = row[1].value_or("");
      if (tables.empty() || tables.back().schema != schema || tables.back().name != name) {
        OwnTable& table = tables.emplace_back();
        table.schema = schema;
        table.name = name;
        table.comment = row[2].value_or("");
      }
      OwnColumn column;
      column.name = row[3].value_or("");
      column.declared = row[4].value_or("");
      column.not_null = row[6] == "t";
      column.comment = row[7].value_or("");
      SetKind(row[5].value_or(""), column);
      tables.back().columns.push_back(std::move(column));
    }
    CARE_RETURN_IF_ERROR(ReadConstraints(tables));
    return tables;
  }

  absl::StatusOr<Rows> Query(const std::string& sql) override { return connection_->Query(sql); }

  std::string AsText(const OwnColumn& column) const override {
    return absl::StrCat(QuotedName(column.name), "::text");
  }

 private:
  absl::Status ReadConstraints(std::vector<OwnTable>& tables) {
    CARE_ASSIGN_OR_RETURN(const Rows rows, connection_->Query(kConstraints));
    std::string last;
    for (const auto& row : rows) {
      const auto table = std::find_if(tables.begin(), tables.end(), [&row](const OwnTable& known) {
        return known.schema == row[0].value_or("") && known.name == row[1].value_or("");
      });
      if (table == tables.end()) continue;
      const std::string constraint = absl::StrCat(QuotedTable(*table), " ", row[2].value_or(""));
      const bool is_new = constraint != last;
      last = constraint;
      const std::string column = row[4].value_or("");
      if (row[3] == "p") {
        table->primary_key.push_back(column);
      } else if (row[3] == "u") {
        if (is_new) table->unique.emplace_back();
        table->unique.back().push_back(column);
      } else {
        if (is_new) table->references.push_back({{}, row[5].value_or("")});
        table->references.back().columns.push_back(column);
      }
    }
    return absl::OkStatus();
  }

  std::unique_ptr<connectors::PostgresqlConnection> connection_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<InspectedDatabase>> InspectPostgresql(const planner::NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const auto settings, connectors::ReadConnectionSettings(config));
  CARE_ASSIGN_OR_RETURN(auto connection, connectors::PostgresqlConnection::Open(settings, config.party));
  connection->SetPatience(kPatience);
  // One snapshot that can change nothing, whatever the role may do; dates and numbers as the proposal reads
  // them.
  CARE_RETURN_IF_ERROR(
      connection->Execute("SET DateStyle = 'ISO'; SET lock_timeout = '5s'; SET statement_timeout = '590s'; "
                          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  return std::make_unique<PostgresqlInspection>(std::move(connection));
}

}  // namespace care::engine
