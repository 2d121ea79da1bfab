#include "engine/frontend/pgwire/catalogue_content.h"

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/pgwire/catalogue_relations.h"
#include "engine/frontend/pgwire/catalogue_types.h"
#include "engine/frontend/pgwire/result_set.h"
#include "engine/frontend/pgwire/session_settings.h"
#include "engine/types/status_macros.h"
#include "planner/logical/binder.h"

namespace care::engine::pgwire {
namespace {

using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::map<std::string, Cell>;

constexpr std::int64_t kSystemRole = 10;  // owns what no party owns
constexpr std::int64_t kCatalogSchema = 11;
constexpr std::int64_t kToastSchema = 99;
constexpr std::int64_t kPublicSchema = 2200;
constexpr std::int64_t kInformationSchema = 13000;
constexpr std::int64_t kHeap = 2;
constexpr std::int64_t kBtree = 403;
constexpr std::int64_t kDefaultTablespace = 1663;
constexpr std::int64_t kDefaultCollation = 100;
constexpr std::int64_t kNameCollation = 950;
constexpr std::int64_t kClassRelation = 1259;
constexpr std::int64_t kFirstOid = 16384;  // of what users make
constexpr char kSystemRoleName[] = "federation";

// Numbers and truths are 0 where a row does not say otherwise, as most are in PostgreSQL.
Cell DefaultOf(const std::string& type) {
  for (const char* zero : {"bool", "int2", "int4", "int8", "oid", "regproc", "float4", "xid"}) {
    if (type == zero) return std::int64_t{0};
  }
  if (type == "char" || type == "int2vector" || type == "oidvector") return std::string();
  return std::monostate();
}

// SQLite's affinity follows from the words of a declared type; its first word is PostgreSQL's.
std::string DeclaredType(const std::string& type) {
  return type == "name" || type == "pg_node_tree" ? type + " text" : type;
}

class Filler {
 public:
  Filler(sqlite3* database, const planner::Catalog& catalog) : database_(database), catalog_(catalog) {}

  absl::Status Run() {
    CARE_RETURN_IF_ERROR(CreateRelations());
    Execute("BEGIN");
    AddSystem();
    for (const planner::PartyEntry& party : catalog_.parties) AddOwner(party.name);
    for (const planner::CatalogTable& table : catalog_.tables) AddTable(table);
    for (const planner::CatalogView& view : catalog_.views) AddView(view);
    Execute("COMMIT");
    return failed_ ? absl::InternalError("the catalogue cannot be filled") : absl::OkStatus();
  }

 private:
  void Execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) failed_ = true;
  }

  absl::Status CreateRelations() {
    Execute("ATTACH ':memory:' AS pg_catalog");
    Execute("ATTACH ':memory:' AS information_schema");
    for (CatalogueRelation& relation : CatalogueRelations()) {
      std::vector<std::string> columns;
      for (const auto& column : relation.columns) {
        columns.push_back(absl::StrCat("\"", column.name, "\" \"", DeclaredType(column.type), "\""));
      }
      Execute(absl::StrCat("CREATE TABLE ", relation.schema, ".\"", relation.name, "\" (",
                           absl::StrJoin(columns, ", "), ")"));
      relations_.emplace(absl::StrCat(relation.schema, ".", relation.name), std::move(relation));
    }
    return failed_ ? absl::InternalError("the catalogue's relations cannot be made") : absl::OkStatus();
  }

  void Add(const std::string& relation, const Row& row) {
    const CatalogueRelation& entry = relations_.at(relation);
    std::string marks;
    std::vector<Cell> cells;
    std::size_t given = 0;
    for (const auto& column : entry.columns) {
      const auto found = row.find(column.name);
      given += found != row.end() ? 1 : 0;
      cells.push_back(found != row.end() ? found->second : DefaultOf(column.type));
      absl::StrAppend(&marks, marks.empty() ? "?" : ", ?");
    }
    sqlite3_stmt* statement = nullptr;
    const std::string sql =
        absl::StrCat("INSERT INTO ", entry.schema, ".\"", entry.name, "\" VALUES (", marks, ")");
    if (given != row.size() ||
        sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      failed_ = true;
      return;
    }
    for (std::size_t at = 0; at < cells.size(); ++at) {
      const int index = static_cast<int>(at) + 1;
      if (const auto* integer = std::get_if<std::int64_t>(&cells[at])) {
        sqlite3_bind_int64(statement, index, *integer);
      } else if (const auto* text = std::get_if<std::string>(&cells[at])) {
        sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
      }
    }
    if (sqlite3_step(statement) != SQLITE_DONE) failed_ = true;
    sqlite3_finalize(statement);
  }

  static Cell Int(std::int64_t value) { return value; }
  static Cell Text(std::string value) { return value; }

  void AddSchema(std::int64_t oid, const std::string& name, std::int64_t owner,
                 const std::string& owner_name) {
    Add("pg_catalog.pg_namespace", {{"oid", Int(oid)}, {"nspname", Text(name)}, {"nspowner", Int(owner)}});
    Add("information_schema.schemata", {{"catalog_name", Text(catalog_.name)},
                                        {"schema_name", Text(name)},
                                        {"schema_owner", Text(owner_name)}});
    schemas_[name] = oid;
  }

  void AddRole(std::int64_t oid, const std::string& name) {
    Add("pg_catalog.pg_roles", {{"oid", Int(oid)},
                                {"rolname", Text(name)},
                                {"rolinherit", Int(1)},
                                {"rolconnlimit", Int(-1)},
                                {"rolpassword", Text("********")}});
    roles_[name] = oid;
  }

  void AddSystem() {
    AddRole(kSystemRole, kSystemRoleName);
    AddSchema(kCatalogSchema, "pg_catalog", kSystemRole, kSystemRoleName);
    AddSchema(kToastSchema, "pg_toast", kSystemRole, kSystemRoleName);
    AddSchema(kPublicSchema, "public", kSystemRole, kSystemRoleName);
    AddSchema(kInformationSchema, "information_schema", kSystemRole, kSystemRoleName);
    Add("pg_catalog.pg_database", {{"oid", Int(NextOid())},
                                   {"datname", Text(catalog_.name)},
                                   {"datdba", Int(kSystemRole)},
                                   {"encoding", Int(6)},
                                   {"datlocprovider", Text("c")},
                                   {"datallowconn", Int(1)},
                                   {"datconnlimit", Int(-1)},
                                   {"dattablespace", Int(kDefaultTablespace)},
                                   {"datcollate", Text("C")},
                                   {"datctype", Text("C")}});
    Add("pg_catalog.pg_tablespace", {{"oid", Int(kDefaultTablespace)}, {"spcname", Text("pg_default")}, {"spcowner", Int(kSystemRole)}});
    Add("pg_catalog.pg_am", {{"oid", Int(kHeap)}, {"amname", Text("heap")}, {"amtype", Text("t")}});
    Add("pg_catalog.pg_am", {{"oid", Int(kBtree)}, {"amname", Text("btree")}, {"amtype", Text("i")}});
    Add("pg_catalog.pg_collation", {{"oid", Int(kDefaultCollation)},
                                    {"collname", Text("default")},
                                    {"collnamespace", Int(kCatalogSchema)},
                                    {"collowner", Int(kSystemRole)},
                                    {"collprovider", Text("d")},
                                    {"collisdeterministic", Int(1)},
                                    {"collencoding", Int(-1)}});
    Add("pg_catalog.pg_collation", {{"oid", Int(kNameCollation)},
                                    {"collname", Text("C")},
                                    {"collnamespace", Int(kCatalogSchema)},
                                    {"collowner", Int(kSystemRole)},
                                    {"collprovider", Text("c")},
                                    {"collisdeterministic", Int(1)},
                                    {"collencoding", Int(-1)},
                                    {"collcollate", Text("C")},
                                    {"collctype", Text("C")}});
    for (const CatalogueType& type : kCatalogueTypes) AddType(type);
    for (const auto& [name, value] :
         SessionSettings(kSystemRoleName, "not stated").All()) {
      Add("pg_catalog.pg_settings", {{"name", Text(name)},
                                     {"setting", Text(value)},
                                     {"vartype", Text("string")},
                                     {"context", Text("user")},
                                     {"source", Text("default")}});
    }
  }

  void AddType(const CatalogueType& type) {
    const bool is_array = type.category == 'A' && type.name.starts_with("_");
    const bool is_text = type.name == "text" || type.name == "varchar" || type.name == "bpchar";
    const bool by_value = type.length == 1 || type.length == 2 || type.length == 4 || type.length == 8;
    Add("pg_catalog.pg_type",
        {{"oid", Int(type.oid)},
         {"typname", Text(std::string(type.name))},
         {"typnamespace", Int(kCatalogSchema)},
         {"typowner", Int(kSystemRole)},
         {"typlen", Int(type.length)},
         {"typbyval", Int(by_value ? 1 : 0)},
         {"typtype", Text(type.name == "unknown" ? "p" : "b")},
         {"typcategory", Text(std::string(1, type.category))},
         {"typispreferred", Int(type.name == "text" || type.name == "bool" || type.name == "float8" ||
                                type.name == "oid" || type.name == "timestamptz" || type.name == "interval")},
         {"typisdefined", Int(1)},
         {"typdelim", Text(",")},
         {"typelem", Int(type.element_oid)},
         {"typarray", Int(type.array_oid)},
         {"typinput", Int(is_array ? 750 : 0)},
         {"typalign", Text(type.length == 8   ? "d"
                           : type.length == 2 ? "s"
                           : type.length == 1 ? "c"
                                              : "i")},
         {"typstorage", Text(type.length > 0          ? "p"
                             : type.name == "numeric" ? "m"
                                                      : "x")},
         {"typtypmod", Int(-1)},
         {"typcollation", Int(is_text               ? kDefaultCollation
                              : type.name == "name" ? kNameCollation
                                                    : 0)}});
  }

  void AddOwner(const std::string& name) {
    const std::int64_t role = NextOid();
    AddRole(role, name);
    AddSchema(NextOid(), name, role, name);
  }

  void AddClass(std::int64_t oid, const std::string& schema, const std::string& name, const char* kind,
                std::int64_t owner, std::size_t columns, bool has_index, std::int64_t rows) {
    const std::string kind_text(kind);
    Add("pg_catalog.pg_class", {{"oid", Int(oid)},
                                {"relname", Text(name)},
                                {"relnamespace", Int(schemas_.at(schema))},
                                {"relowner", Int(owner)},
                                {"relam", Int(kind_text == "r"   ? kHeap
                                              : kind_text == "i" ? kBtree
                                                                 : 0)},
                                {"reltuples", Int(rows)},
                                {"relhasindex", Int(has_index ? 1 : 0)},
                                {"relhasrules", Int(kind_text == "v" ? 1 : 0)},
                                {"relpersistence", Text("p")},
                                {"relkind", Text(kind_text)},
                                {"relnatts", Int(static_cast<std::int64_t>(columns))},
                                {"relispopulated", Int(1)},
                                {"relreplident", Text(kind_text == "r" ? "d" : "n")}});
  }

  void AddAttribute(std::int64_t relation, std::int64_t number, const std::string& name, const WireType& type,
                    bool not_null) {
    const bool is_text = type.oid == 25 || type.oid == 1043;
    Add("pg_catalog.pg_attribute", {{"attrelid", Int(relation)},
                                    {"attname", Text(name)},
                                    {"atttypid", Int(type.oid)},
                                    {"attstattarget", Int(-1)},
                                    {"attlen", Int(type.length)},
                                    {"attnum", Int(number)},
                                    {"attcacheoff", Int(-1)},
                                    {"atttypmod", Int(type.modifier)},
                                    {"attbyval", Int(type.length > 0 && type.length <= 8 ? 1 : 0)},
                                    {"attalign", Text(type.length == 8   ? "d"
                                                      : type.length == 2 ? "s"
                                                      : type.length == 1 ? "c"
                                                                         : "i")},
                                    {"attstorage", Text(type.length > 0    ? "p"
                                                        : type.oid == 1700 ? "m"
                                                                           : "x")},
                                    {"attnotnull", Int(not_null ? 1 : 0)},
                                    {"attislocal", Int(1)},
                                    {"attcollation", Int(is_text ? kDefaultCollation : 0)}});
  }

  void AddComment(std::int64_t relation, std::int64_t column, const std::string& text) {
    if (text.empty()) return;
    Add("pg_catalog.pg_description", {{"objoid", Int(relation)},
                                      {"classoid", Int(kClassRelation)},
                                      {"objsubid", Int(column)},
                                      {"description", Text(text)}});
  }

  void AddStandardTable(const std::string& schema, const std::string& name, const char* type) {
    Add("information_schema.tables", {{"table_catalog", Text(catalog_.name)},
                                      {"table_schema", Text(schema)},
                                      {"table_name", Text(name)},
                                      {"table_type", Text(type)},
                                      {"is_insertable_into", Text("NO")},
                                      {"is_typed", Text("NO")}});
  }

  void AddStandardColumn(const std::string& schema, const std::string& table, std::int64_t number,
                         const std::string& name, const DataType& type, bool nullable) {
    const WireType wire = WireTypeOf(type);
    std::string type_name, shown;
    for (const CatalogueType& known : kCatalogueTypes) {
      if (known.oid == wire.oid) type_name = known.name, shown = known.shown;
    }
    Row row{{"table_catalog", Text(catalog_.name)},
            {"table_schema", Text(schema)},
            {"table_name", Text(table)},
            {"column_name", Text(name)},
            {"ordinal_position", Int(number)},
            {"is_nullable", Text(nullable ? "YES" : "NO")},
            {"data_type", Text(shown)},
            {"udt_catalog", Text(catalog_.name)},
            {"udt_schema", Text("pg_catalog")},
            {"udt_name", Text(type_name)},
            {"dtd_identifier", Text(absl::StrCat(number))},
            {"is_self_referencing", Text("NO")},
            {"is_identity", Text("NO")},
            {"is_generated", Text("NEVER")},
            {"is_updatable", Text("NO")},
            {"identity_cycle", Text("NO")}};
    const std::map<TypeKind, std::int64_t> bits = {
        {TypeKind::kSmallInt, 16}, {TypeKind::kInteger, 32}, {TypeKind::kBigInt, 64}};
    for (const char* empty : {"character_maximum_length", "character_octet_length", "numeric_precision",
                              "numeric_precision_radix", "numeric_scale", "datetime_precision",
                              "interval_precision", "maximum_cardinality"}) {
      row[empty] = std::monostate();
    }
    if (const auto found = bits.find(type.kind); found != bits.end()) {
      row["numeric_precision"] = found->second;
      row["numeric_precision_radix"] = std::int64_t{2};
      row["numeric_scale"] = std::int64_t{0};
    } else if (type.kind == TypeKind::kNumeric) {
      row["numeric_precision_radix"] = std::int64_t{10};
      if (type.precision > 0) {
        row["numeric_precision"] = std::int64_t{type.precision};
        row["numeric_scale"] = std::int64_t{type.scale};
      }
    } else if (type.kind == TypeKind::kDate) {
      row["datetime_precision"] = std::int64_t{0};
    } else if (type.IsTimestamp()) {
      row["datetime_precision"] = std::int64_t{6};
    } else if (type.kind == TypeKind::kText) {
      if (type.max_length > 0) row["character_maximum_length"] = std::int64_t{type.max_length};
      row["character_octet_length"] = std::int64_t{type.max_length > 0 ? type.max_length * 4 : 1 << 30};
    }
    Add("information_schema.columns", row);
  }

  static std::string TableComment(const planner::CatalogTable& table) {
    std::string text = absl::StrCat("at most ", table.row_bound, " rows");
    if (table.subject_column >= 0) {
      absl::StrAppend(&text, "; a row is about the person in ", table.columns[table.subject_column].name);
    }
    return text;
  }

  static std::string ColumnComment(const planner::CatalogColumn& column) {
    constexpr std::size_t kMostShown = 30;
    if (!column.key_domain.empty()) return absl::StrCat("joins with columns of the key ", column.key_domain);
    if (!column.domain.empty()) {
      std::vector<std::string> shown(
          column.domain.begin(),
          column.domain.begin() + static_cast<std::ptrdiff_t>(std::min(kMostShown, column.domain.size())));
      return absl::StrCat("one of ", absl::StrJoin(shown, ", "),
                          column.domain.size() > kMostShown ? ", ..." : "");
    }
    return {};
  }

  void AddTable(const planner::CatalogTable& table) {
    const std::int64_t oid = NextOid();
    const std::int64_t owner = roles_.at(catalog_.PartyName(table.owner));
    AddClass(oid, table.schema, table.name, "r", owner, table.columns.size(), !table.unique_keys.empty(), -1);
    AddComment(oid, 0, TableComment(table));
    AddStandardTable(table.schema, table.name, "BASE TABLE");
    Add("pg_catalog.pg_tables", {{"schemaname", Text(table.schema)},
                                 {"tablename", Text(table.name)},
                                 {"tableowner", Text(catalog_.PartyName(table.owner))},
                                 {"hasindexes", Int(table.unique_keys.empty() ? 0 : 1)}});
    std::int64_t number = 0;
    for (const planner::CatalogColumn& column : table.columns) {
      AddAttribute(oid, ++number, column.name, WireTypeOf(column.ShownType()), !column.nullable);
      AddComment(oid, number, ColumnComment(column));
      AddStandardColumn(table.schema, table.name, number, column.name, column.ShownType(), column.nullable);
    }
    for (std::size_t key = 0; key < table.unique_keys.size(); ++key) AddKey(table, oid, owner, key);
  }

  // The first key is the primary one if none of its columns can be NULL.
  void AddKey(const planner::CatalogTable& table, std::int64_t table_oid, std::int64_t owner,
              std::size_t key) {
    const std::vector<int>& columns = table.unique_keys[key];
    bool primary = key == 0;
    std::vector<std::string> names, numbers;
    for (const int column : columns) {
      primary &= !table.columns[column].nullable;
      names.push_back(table.columns[column].name);
      numbers.push_back(absl::StrCat(column + 1));
    }
    const std::string name = primary ? absl::StrCat(table.name, "_pkey")
                                     : absl::StrCat(table.name, "_", absl::StrJoin(names, "_"), "_key");
    const std::int64_t index = NextOid();
    const std::int64_t constraint = NextOid();
    AddClass(index, table.schema, name, "i", owner, columns.size(), false, 0);
    std::int64_t number = 0;
    for (const int column : columns) {
      AddAttribute(index, ++number, table.columns[column].name, WireTypeOf(table.columns[column].type),
                   false);
      Add("information_schema.key_column_usage", {{"constraint_catalog", Text(catalog_.name)},
                                                  {"constraint_schema", Text(table.schema)},
                                                  {"constraint_name", Text(name)},
                                                  {"table_catalog", Text(catalog_.name)},
                                                  {"table_schema", Text(table.schema)},
                                                  {"table_name", Text(table.name)},
                                                  {"column_name", Text(table.columns[column].name)},
                                                  {"ordinal_position", Int(number)},
                                                  {"position_in_unique_constraint", std::monostate()}});
    }
    Add("pg_catalog.pg_index",
        {{"indexrelid", Int(index)},
         {"indrelid", Int(table_oid)},
         {"indnatts", Int(number)},
         {"indnkeyatts", Int(number)},
         {"indisunique", Int(1)},
         {"indisprimary", Int(primary ? 1 : 0)},
         {"indimmediate", Int(1)},
         {"indisvalid", Int(1)},
         {"indisready", Int(1)},
         {"indislive", Int(1)},
         {"indkey", Text(absl::StrJoin(numbers, " "))},
         {"indoption", Text(absl::StrJoin(std::vector<int>(columns.size(), 0), " "))}});
    Add("pg_catalog.pg_constraint", {{"oid", Int(constraint)},
                                     {"conname", Text(name)},
                                     {"connamespace", Int(schemas_.at(table.schema))},
                                     {"contype", Text(primary ? "p" : "u")},
                                     {"convalidated", Int(1)},
                                     {"conrelid", Int(table_oid)},
                                     {"conindid", Int(index)},
                                     {"conislocal", Int(1)},
                                     {"connoinherit", Int(1)},
                                     {"conkey", Text(absl::StrCat("{", absl::StrJoin(numbers, ","), "}"))}});
    Add("pg_catalog.pg_indexes",
        {{"schemaname", Text(table.schema)},
         {"tablename", Text(table.name)},
         {"indexname", Text(name)},
         {"indexdef", Text(absl::StrCat("CREATE UNIQUE INDEX ", name, " ON ", table.FullName(),
                                        " USING btree (", absl::StrJoin(names, ", "), ")"))}});
    Add("information_schema.table_constraints",
        {{"constraint_catalog", Text(catalog_.name)},
         {"constraint_schema", Text(table.schema)},
         {"constraint_name", Text(name)},
         {"table_catalog", Text(catalog_.name)},
         {"table_schema", Text(table.schema)},
         {"table_name", Text(table.name)},
         {"constraint_type", Text(primary ? "PRIMARY KEY" : "UNIQUE")},
         {"is_deferrable", Text("NO")},
         {"initially_deferred", Text("NO")},
         {"enforced", Text("YES")}});
  }

  void AddView(const planner::CatalogView& view) {
    const std::int64_t oid = NextOid();
    // One that does not bind fails when it is asked; here it has no columns.
    const std::vector<planner::OutputColumn> columns =
        planner::DescribeView(view, catalog_).value_or(std::vector<planner::OutputColumn>());
    AddClass(oid, "public", view.name, "v", kSystemRole, columns.size(), false, 0);
    AddStandardTable("public", view.name, "VIEW");
    Add("pg_catalog.pg_views", {{"schemaname", Text("public")},
                                {"viewname", Text(view.name)},
                                {"viewowner", Text(kSystemRoleName)},
                                {"definition", Text(view.sql)}});
    Add("information_schema.views", {{"table_catalog", Text(catalog_.name)},
                                     {"table_schema", Text("public")},
                                     {"table_name", Text(view.name)},
                                     {"view_definition", Text(view.sql)},
                                     {"check_option", Text("NONE")},
                                     {"is_updatable", Text("NO")}});
    std::int64_t number = 0;
    for (const planner::OutputColumn& column : columns) {
      AddAttribute(oid, ++number, column.name, WireTypeOf(column.type), false);
      AddStandardColumn("public", view.name, number, column.name, column.type, true);
    }
  }

  std::int64_t NextOid() { return next_oid_++; }

  sqlite3* database_;
  const planner::Catalog& catalog_;
  std::map<std::string, CatalogueRelation> relations_;
  std::map<std::string, std::int64_t> schemas_;
  std::map<std::string, std::int64_t> roles_;
  std::int64_t next_oid_ = kFirstOid;
  bool failed_ = false;
};

}  // namespace

absl::Status FillCatalogue(sqlite3* database, const planner::Catalog& catalog) {
  return Filler(database, catalog).Run();
}

}  // namespace care::engine::pgwire
