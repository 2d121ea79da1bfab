// Each federation in a schema of its own, in a database whose collation is that of a language.
#include "connectors/postgresql/postgresql_connector.h"
#include "connectors/postgresql/stored_column.h"
#include "connectors/select/sql_select.h"
#include "engine/types/date.h"
#include "tests/connectors/postgresql_server.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

class PostgresqlTestDatabase : public TestDatabase {
 public:
  PostgresqlTestDatabase() : owner_(UrlOf(SharedServer(), "postgres", "letters")) {
    static int count = 0;
    schema_ = "s" + std::to_string(++count);
    owner_.Execute("CREATE SCHEMA " + schema_ + "; SET search_path = " + schema_ + "; SET synchronous_commit = off");
  }
  ~PostgresqlTestDatabase() override { owner_.Execute("DROP SCHEMA " + schema_ + " CASCADE"); }

  void Store(const planner::CatalogTable& table, const std::vector<Row>& rows) override {
    const std::string name = QuoteIdentifier(table.name);
    std::string columns;
    for (const planner::CatalogColumn& column : table.columns) {
      // numeric without digits, so that rows can break what is declared
      columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(column.name) + " " + (column.type.kind == TypeKind::kTimestampTz ? "timestamptz" : SqlTypeName({column.type.kind}));
    }
    std::string script = "BEGIN; DROP TABLE IF EXISTS " + name + " CASCADE; CREATE TABLE " + name + " (" + columns + ");";
    if (!rows.empty()) script += "INSERT INTO " + name + " VALUES ";
    for (std::size_t r = 0; r < rows.size(); ++r) {
      script += r == 0 ? "(" : ", (";
      for (std::size_t i = 0; i < rows[r].size(); ++i) script += (i == 0 ? "" : ", ") + Stored(rows[r][i]);
      script += ")";
    }
    owner_.Execute(script + "; COMMIT");
  }

  void Configure(const planner::CatalogTable& table, planner::NodeConfig& config) override {
    config.database_kind = "postgresql";
    config.database_url = UrlOf(SharedServer(), "postgres", "letters");
    config.tables[table.name].table = schema_ + "." + table.name;
  }

  absl::StatusOr<std::unique_ptr<Connector>> Open(const planner::Catalog& catalog, const planner::NodeConfig& config,
                                                  std::vector<planner::ColumnInfo> columns) override {
    auto connector = PostgresqlConnector::Open(catalog, 0, config, std::move(columns));
    if (!connector.ok()) return connector.status();
    return *std::move(connector);
  }

 private:
  static std::string Stored(const Value& value) {
    if (IsNull(value)) return "NULL";
    if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
    if (const auto* date = std::get_if<Date>(&value)) return QuoteText(FormatDate(date->days));
    return QuoteText(FormatValue(value));
  }

  OwnerSession owner_;
  std::string schema_;
};

}  // namespace

std::unique_ptr<TestDatabase> MakePostgresqlTestDatabase() { return std::make_unique<PostgresqlTestDatabase>(); }

}  // namespace care::connectors
