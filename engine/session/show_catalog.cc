#include "engine/session/show_catalog.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/binder.h"

namespace care::engine {
namespace {

using planner::Catalog;
using planner::CatalogColumn;
using planner::CatalogTable;
using Row = std::vector<std::optional<std::string>>;

const AnswerColumn kRows{"most_rows", "bigint", /*is_number=*/true, false};
const AnswerColumn kNullable{"nullable", "boolean", false, /*is_boolean=*/true};

AnswerColumn TextColumn(const char* name) { return {name, "text", false, false}; }

std::string Quoted(const std::string& text) { return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'"); }

// A stored integer as the column shows it.
std::string Shown(std::int64_t stored, const DataType& type) {
  if (type.kind == TypeKind::kDate) return FormatValue(Date{static_cast<std::int32_t>(stored)});
  if (type.IsTimestamp()) return FormatValue(Timestamp{stored, type.kind == TypeKind::kTimestampTz});
  if (type.kind == TypeKind::kNumeric) return FormatValue(Decimal{stored, type.scale});
  return FormatValue(stored);
}

std::optional<std::string> ValuesOf(const CatalogColumn& column) {
  if (!column.domain.empty()) {
    return absl::StrJoin(column.domain, ", ", [](std::string* out, const std::string& value) { *out += Quoted(value); });
  }
  if (column.min.has_value() && column.max.has_value())
    return absl::StrCat(Shown(*column.min, column.type), " to ", Shown(*column.max, column.type));
  if (column.max_bytes > 0) return absl::StrCat("at most ", column.max_bytes, " bytes");
  return std::nullopt;
}

std::string UsesOf(const planner::ColumnRules& rules) {
  std::vector<std::string> uses;
  const auto add = [&uses](bool allowed, const char* name) {
    if (allowed) uses.push_back(name);
  };
  add(rules.aggregate, "aggregate");
  add(rules.group_key, "group_key");
  add(rules.filter, "filter");
  add(rules.join_key, "join_key");
  add(rules.extreme, "extreme");
  add(rules.is_public, "public");
  add(rules.row, "row");
  return uses.empty() ? "never" : absl::StrJoin(uses, ", ");
}

class Shower {
 public:
  Shower(const sql::Show& show, std::string_view sql, const Catalog& catalog) : show_(show), sql_(sql), catalog_(catalog) {}

  absl::StatusOr<Answer> Run() {
    absl::Status status;
    if (show_.what == "tables" && show_.table.empty()) {
      Tables();
    } else if (show_.what == "columns" && !show_.table.empty()) {
      status = Columns();
    } else if (show_.what == "policy") {
      status = Policy();
    } else {
      status = sql::QueryError(sql_, show_.position, absl::StrCat("SHOW does not know \"", show_.what, "\" here"),
                               "SHOW TABLES, SHOW COLUMNS FROM table, SHOW POLICY, SHOW POLICY FOR table");
    }
    CARE_RETURN_IF_ERROR(status);
    for (const Row& row : answer_.rows) answer_.suppressed.emplace_back(row.size(), false);
    return std::move(answer_);
  }

 private:
  void Tables() {
    answer_.columns = {TextColumn("name"), TextColumn("kind"), TextColumn("owner"), kRows, TextColumn("rows_about")};
    for (const CatalogTable& table : catalog_.tables) {
      answer_.rows.push_back({table.FullName(), "table", catalog_.PartyName(table.owner), absl::StrCat(table.row_bound),
                              table.about_persons ? "persons" : "nobody"});
    }
    for (const planner::CatalogPartitioned& entry : catalog_.partitioned) {
      std::vector<std::string> owners;
      std::uint64_t rows = 0;
      bool about_persons = false;
      for (const int part : entry.tables) {
        const CatalogTable& table = catalog_.tables[part];
        const std::string& owner = catalog_.PartyName(table.owner);
        if (std::find(owners.begin(), owners.end(), owner) == owners.end()) owners.push_back(owner);
        rows += table.row_bound;
        about_persons = about_persons || table.about_persons;
      }
      answer_.rows.push_back({entry.name, "partitioned", absl::StrJoin(owners, ", "), absl::StrCat(rows),
                              about_persons ? "persons" : "nobody"});
    }
    for (const planner::CatalogView& view : catalog_.views)
      answer_.rows.push_back({view.name, "view", std::nullopt, std::nullopt, std::nullopt});
  }

  absl::Status Columns() {
    answer_.columns = {TextColumn("name"), TextColumn("type"), kNullable, TextColumn("key"), TextColumn("values")};
    if (const planner::CatalogView* view = catalog_.FindView(show_.table)) {
      CARE_ASSIGN_OR_RETURN(const auto columns, planner::DescribeView(*view, catalog_));
      for (const planner::OutputColumn& column : columns)
        answer_.rows.push_back({column.name, column.type.ToString(), std::nullopt, std::nullopt, std::nullopt});
      return absl::OkStatus();
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<const CatalogTable*> parts, Parts());
    for (std::size_t i = 0; i < parts[0]->columns.size(); ++i) {
      const CatalogColumn& column = parts[0]->columns[i];
      bool nullable = false;
      std::vector<std::string> values;  // owners may declare other ranges each
      for (const CatalogTable* part : parts) {
        nullable = nullable || part->columns[i].nullable;
        const std::string own = ValuesOf(part->columns[i]).value_or("any");
        if (std::find(values.begin(), values.end(), own) == values.end()) values.push_back(own);
      }
      const std::string all = absl::StrJoin(values, "; ");
      answer_.rows.push_back({column.name, column.ShownType().ToString(), nullable ? "t" : "f",
                              column.key_domain.empty() ? std::nullopt : std::optional(column.key_domain),
                              all == "any" ? std::nullopt : std::optional(all)});
    }
    return absl::OkStatus();
  }

  absl::Status Policy() {
    answer_.columns = {TextColumn("table"), TextColumn("column"), TextColumn("uses")};
    if (show_.table.empty()) {
      for (const CatalogTable& table : catalog_.tables) AddPolicy(table);
      return absl::OkStatus();
    }
    if (catalog_.FindView(show_.table) != nullptr) {
      return sql::QueryError(sql_, show_.position, absl::StrCat("\"", show_.table, "\" is a view: its columns have the policy of the tables below it"),
                             "SHOW POLICY shows that of all tables");
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<const CatalogTable*> parts, Parts());
    for (const CatalogTable* part : parts) AddPolicy(*part);
    return absl::OkStatus();
  }

  void AddPolicy(const CatalogTable& table) {
    for (const CatalogColumn& column : table.columns)
      answer_.rows.push_back({table.FullName(), column.name, UsesOf(column.rules)});
  }

  // Of a partitioned name its tables, whose columns have the same names and types; else the one table.
  absl::StatusOr<std::vector<const CatalogTable*>> Parts() const {
    std::vector<const CatalogTable*> parts;
    for (const CatalogTable& table : catalog_.tables)
      if (table.FullName() == show_.table) parts.push_back(&table);
    for (const planner::CatalogPartitioned& entry : catalog_.partitioned) {
      if (entry.name != show_.table) continue;
      for (const int table : entry.tables) parts.push_back(&catalog_.tables[table]);
    }
    if (!parts.empty()) return parts;
    return sql::QueryError(sql_, show_.position, absl::StrCat("relation \"", show_.table, "\" does not exist"),
                           "SHOW TABLES lists them");
  }

  const sql::Show& show_;
  const std::string_view sql_;
  const Catalog& catalog_;
  Answer answer_;
};

}  // namespace

absl::StatusOr<Answer> ShowCatalog(const sql::Show& show, std::string_view sql, const Catalog& catalog) {
  return Shower(show, sql, catalog).Run();
}

}  // namespace care::engine
