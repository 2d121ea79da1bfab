#include "engine/frontend/pgwire/catalogue_functions.h"

#include <sqlite3.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_types.h"
#include "engine/frontend/pgwire/catalogue_values.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

struct Facts {
  const CatalogueQuestion** question;
  std::string federation;
};

// ---- Functions that are a query over the catalogue ------------------------------------------------------

struct Lookup {
  const char* name;
  int arguments;  // -1: any number
  const char* sql;
};

// The numbers of the catalogue's own relations, which pg_class does not list.
constexpr char kToRegclass[] =
    "SELECT coalesce("
    "(SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    " WHERE n.nspname || '.' || c.relname = replace(?1, '\"', '') OR c.relname = replace(?1, '\"', '') "
    " OR CAST(c.oid AS TEXT) = ?1 ORDER BY c.oid LIMIT 1), "
    "CASE replace(replace(?1, 'pg_catalog.', ''), '\"', '') WHEN 'pg_class' THEN 1259 WHEN 'pg_type' THEN "
    "1247 "
    "WHEN 'pg_attribute' THEN 1249 WHEN 'pg_proc' THEN 1255 WHEN 'pg_namespace' THEN 2615 "
    "WHEN 'pg_constraint' THEN 2606 WHEN 'pg_description' THEN 2609 WHEN 'pg_index' THEN 2610 "
    "WHEN 'pg_trigger' THEN 2620 WHEN 'pg_database' THEN 1262 WHEN 'pg_attrdef' THEN 2604 END)";

constexpr char kRegclassName[] =
    "SELECT CASE WHEN ?1 IS NULL THEN NULL WHEN ?1 = 0 THEN '-' ELSE coalesce("
    "(SELECT CASE WHEN (SELECT count(*) FROM pg_catalog.pg_class d WHERE d.relname = c.relname) > 1 "
    "  THEN n.nspname || '.' || c.relname ELSE c.relname END "
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    " WHERE c.oid = CAST(?1 AS INTEGER)), CAST(?1 AS TEXT)) END";

constexpr char kConstraint[] =
    "SELECT CASE o.contype WHEN 'p' THEN 'PRIMARY KEY (' ELSE 'UNIQUE (' END || "
    "(SELECT group_concat(attname, ', ') FROM "
    "  (SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = o.conindid ORDER BY attnum)) || ')' "
    "FROM pg_catalog.pg_constraint o WHERE o.oid = CAST(?1 AS INTEGER)";

constexpr char kIndex[] =
    "SELECT x.indexdef FROM pg_catalog.pg_indexes x JOIN pg_catalog.pg_class c ON c.relname = x.indexname "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = x.schemaname "
    "WHERE c.oid = CAST(?1 AS INTEGER)";

// A column of the index, or all of it; where it is to be pretty, without the schema that is searched anyway.
constexpr char kIndexPart[] =
    "SELECT CASE WHEN ?2 = 0 THEN (SELECT CASE WHEN ?3 THEN replace(x.indexdef, ' ON ' || x.schemaname || "
    "'.', ' ON ') "
    "ELSE x.indexdef END FROM pg_catalog.pg_indexes x JOIN pg_catalog.pg_class c ON c.relname = x.indexname "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = x.schemaname "
    "WHERE c.oid = CAST(?1 AS INTEGER)) ELSE (SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = "
    "?1 AND "
    "attnum = ?2) END";

constexpr char kView[] =
    "SELECT v.definition FROM pg_catalog.pg_views v JOIN pg_catalog.pg_class c ON c.relname = v.viewname "
    "WHERE c.relkind = 'v' AND (CAST(c.oid AS TEXT) = CAST(?1 AS TEXT) OR c.relname = ?1)";

constexpr Lookup kLookups[] = {
    {"pg_get_userbyid", 1,
     "SELECT coalesce((SELECT rolname FROM pg_catalog.pg_roles WHERE oid = ?1), 'unknown (OID=' || ?1 || "
     "')')"},
    {"obj_description", 1,
     "SELECT description FROM pg_catalog.pg_description WHERE objoid = ?1 AND objsubid = 0"},
    {"obj_description", 2,
     "SELECT description FROM pg_catalog.pg_description WHERE objoid = ?1 AND objsubid = 0"},
    {"col_description", 2,
     "SELECT description FROM pg_catalog.pg_description WHERE objoid = ?1 AND objsubid = ?2"},
    {"pg_get_constraintdef", 1, kConstraint},
    {"pg_get_constraintdef", 2, kConstraint},
    {"pg_get_indexdef", 1, kIndex},
    {"pg_get_indexdef", 3, kIndexPart},
    {"pg_get_viewdef", 1, kView},
    {"pg_get_viewdef", 2, kView},
    {"to_regclass", 1, kToRegclass},
    {"care_name_of_regclass", 1, kRegclassName},
    {"to_regtype", 1,
     "SELECT oid FROM pg_catalog.pg_type WHERE typname = replace(?1, 'pg_catalog.', '') OR "
     "format_type(oid, -1) = replace(?1, 'pg_catalog.', '') OR CAST(oid AS TEXT) = ?1 LIMIT 1"},
    {"care_name_of_regtype", 1, "SELECT format_type(CAST(?1 AS INTEGER), -1)"},
    {"to_regnamespace", 1,
     "SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ?1 OR CAST(oid AS TEXT) = ?1"},
    {"care_name_of_regnamespace", 1,
     "SELECT coalesce((SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = ?1), CAST(?1 AS TEXT))"},
    {"to_regrole", 1, "SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ?1"},
    {"care_name_of_regrole", 1, "SELECT rolname FROM pg_catalog.pg_roles WHERE oid = ?1"},
    {"to_regproc", 1, "SELECT NULL"},
    {"care_name_of_regproc", 1, "SELECT CASE WHEN ?1 = 0 THEN '-' ELSE CAST(?1 AS TEXT) END"},
    {"pg_encoding_to_char", 1, "SELECT CASE ?1 WHEN 6 THEN 'UTF8' ELSE '' END"},
    {"pg_partition_ancestors", 1, "SELECT CAST(?1 AS INTEGER)"},
    {"quote_literal", 1, "SELECT '''' || replace(?1, '''', '''''') || ''''"},
    // What there is nothing to say about.
    {"pg_get_expr", -1, "SELECT NULL"},
    {"shobj_description", 2, "SELECT NULL"},
    {"pg_get_statisticsobjdef_columns", 1, "SELECT NULL"},
    {"pg_get_triggerdef", -1, "SELECT NULL"},
    {"pg_get_ruledef", -1, "SELECT NULL"},
    {"pg_get_function_result", 1, "SELECT NULL"},
    {"pg_get_function_arguments", 1, "SELECT NULL"},
    {"pg_get_function_identity_arguments", 1, "SELECT NULL"},
    {"pg_get_functiondef", 1, "SELECT NULL"},
    {"pg_get_serial_sequence", 2, "SELECT NULL"},
    {"pg_get_partkeydef", 1, "SELECT NULL"},
    {"pg_tablespace_location", 1, "SELECT ''"},
    {"inet_server_addr", 0, "SELECT NULL"},
    {"inet_server_port", 0, "SELECT NULL"},
    {"inet_client_addr", 0, "SELECT NULL"},
    {"pg_my_temp_schema", 0, "SELECT 0"},
    {"pg_is_other_temp_schema", 1, "SELECT 0"},
    {"pg_is_in_recovery", 0, "SELECT 0"},
    {"pg_relation_is_publishable", 1, "SELECT 0"},
    {"pg_total_relation_size", 1, "SELECT 0"},
    {"pg_relation_size", -1, "SELECT 0"},
    {"pg_table_size", 1, "SELECT 0"},
    {"pg_indexes_size", 1, "SELECT 0"},
    {"pg_database_size", 1, "SELECT 0"},
    {"pg_size_pretty", 1, "SELECT ?1 || ' bytes'"},
    {"txid_current", 0, "SELECT 1"},
    // Data is selected or it is not: who may learn what is decided by what a question asks.
    {"pg_table_is_visible", 1, "SELECT 1"},
    {"pg_type_is_visible", 1, "SELECT 1"},
    {"pg_function_is_visible", 1, "SELECT 1"},
    {"pg_operator_is_visible", 1, "SELECT 1"},
    {"pg_opclass_is_visible", 1, "SELECT 1"},
    {"pg_collation_is_visible", 1, "SELECT 1"},
    {"pg_conversion_is_visible", 1, "SELECT 1"},
    {"pg_ts_config_is_visible", 1, "SELECT 1"},
    {"pg_statistics_obj_is_visible", 1, "SELECT 1"},
    {"has_database_privilege", -1, "SELECT 1"},
    {"has_schema_privilege", -1, "SELECT 1"},
    {"has_table_privilege", -1, "SELECT 1"},
    {"has_column_privilege", -1, "SELECT 1"},
    {"has_any_column_privilege", -1, "SELECT 1"},
    {"has_function_privilege", -1, "SELECT 1"},
    {"has_sequence_privilege", -1, "SELECT 0"},
    {"pg_has_role", -1, "SELECT 0"},
    {"current_schemas", 1, "SELECT CASE WHEN ?1 THEN '{pg_catalog,public}' ELSE '{public}' END"},
    {"current_schema", 0, "SELECT 'public'"},
    {"now", 0, "SELECT strftime('%Y-%m-%d %H:%M:%f+00', 'now')"},
    {"version", 0, "SELECT 'PostgreSQL 15.0 (CARE 0.1) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit'"},
};

void RunLookup(Context* context, int count, Value** values) {
  sqlite3_stmt* statement = nullptr;
  const auto* sql = static_cast<const char*>(sqlite3_user_data(context));
  if (sqlite3_prepare_v2(sqlite3_context_db_handle(context), sql, -1, &statement, nullptr) != SQLITE_OK) {
    return sqlite3_result_error(context, "care: a function of the catalogue failed", -1);
  }
  const int parameters = sqlite3_bind_parameter_count(statement);
  for (int index = 1; index <= parameters && index <= count; ++index)
    sqlite3_bind_value(statement, index, values[index - 1]);
  if (sqlite3_step(statement) == SQLITE_ROW) {
    sqlite3_result_value(context, sqlite3_column_value(statement, 0));
  } else {
    sqlite3_result_null(context);
  }
  sqlite3_finalize(statement);
}

// ---- Functions of the session ---------------------------------------------------------------------------

const CatalogueQuestion& QuestionOf(Context* context) {
  return **static_cast<Facts*>(sqlite3_user_data(context))->question;
}

void CurrentUser(Context* context, int, Value**) { ReturnText(context, QuestionOf(context).user); }
void BackendProcess(Context* context, int, Value**) {
  sqlite3_result_int64(context, QuestionOf(context).process);
}
void CurrentDatabase(Context* context, int, Value**) {
  ReturnText(context, static_cast<Facts*>(sqlite3_user_data(context))->federation);
}

void CurrentSetting(Context* context, int count, Value** values) {
  const std::string* value = QuestionOf(context).settings.Find(TextOf(values[0]));
  if (value != nullptr) return ReturnText(context, *value);
  if (count > 1 && sqlite3_value_int(values[1]) != 0) return sqlite3_result_null(context);
  sqlite3_result_error(
      context,
      absl::StrCat("care: unrecognized configuration parameter \"", std::string(TextOf(values[0])), "\"")
          .c_str(),
      -1);
}

void SetConfig(Context* context, int, Value** values) {
  const absl::Status set = QuestionOf(context).settings.Set(TextOf(values[0]), TextOf(values[1]));
  if (!set.ok())
    return sqlite3_result_error(context, absl::StrCat("care: ", std::string(set.message())).c_str(), -1);
  ReturnText(context, *QuestionOf(context).settings.Find(TextOf(values[0])));
}

// x::boolean.
void BooleanOf(Context* context, int, Value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return sqlite3_result_null(context);
  if (sqlite3_value_type(values[0]) == SQLITE_INTEGER) return sqlite3_result_int(context, sqlite3_value_int64(values[0]) != 0);
  const std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(std::string(TextOf(values[0]))));
  for (const char* yes : {"t", "true", "1", "on", "yes", "y"}) {
    if (text == yes) return sqlite3_result_int(context, 1);
  }
  for (const char* no : {"f", "false", "0", "off", "no", "n"}) {
    if (text == no) return sqlite3_result_int(context, 0);
  }
  sqlite3_result_error(context, "care: invalid input syntax for type boolean", -1);
}

// care_integer(x, type): x::type, of which a text that is no number has none.
void IntegerOf(Context* context, int, Value** values) {
  const std::string_view type = TextOf(values[1]);
  const bool small = type == "smallint" || type == "int2", big = type == "bigint" || type == "int8",
             unsigned_32 = type == "oid" || type == "xid";
  const char* name = small ? "smallint" : big ? "bigint" : unsigned_32 ? "oid" : "integer";
  std::int64_t integer = 0;
  switch (sqlite3_value_type(values[0])) {
    case SQLITE_NULL:
      return sqlite3_result_null(context);
    case SQLITE_FLOAT: {
      const double rounded = std::nearbyint(sqlite3_value_double(values[0]));
      if (!(std::abs(rounded) < 9.2e18)) return sqlite3_result_error(context, absl::StrCat("care: ", name, " out of range").c_str(), -1);
      integer = static_cast<std::int64_t>(rounded);
      break;
    }
    case SQLITE_INTEGER:
      integer = sqlite3_value_int64(values[0]);
      break;
    default:
      if (!absl::SimpleAtoi(std::string(TextOf(values[0])), &integer)) {
        return sqlite3_result_error(context, absl::StrCat("care: invalid input syntax for type ", name).c_str(), -1);
      }
  }
  const std::int64_t low = small ? INT16_MIN : big ? INT64_MIN : unsigned_32 ? 0 : INT32_MIN;
  const std::int64_t high = small ? INT16_MAX : big ? INT64_MAX : unsigned_32 ? UINT32_MAX : INT32_MAX;
  if (integer < low || integer > high) return sqlite3_result_error(context, absl::StrCat("care: ", name, " out of range").c_str(), -1);
  sqlite3_result_int64(context, integer);
}

// format_type(oid, typmod)
void FormatType(Context* context, int, Value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return sqlite3_result_null(context);
  constexpr int kHeader = 4;
  const std::int64_t oid = sqlite3_value_int64(values[0]);
  const int modifier = sqlite3_value_type(values[1]) == SQLITE_NULL ? -1 : sqlite3_value_int(values[1]);
  for (const CatalogueType& type : kCatalogueTypes) {
    if (type.oid != oid) continue;
    std::string text(type.shown);
    if (modifier >= kHeader && type.name == "numeric") {
      absl::StrAppend(&text, "(", (modifier - kHeader) >> 16, ",", (modifier - kHeader) & 0xffff, ")");
    } else if (modifier >= kHeader && (type.name == "varchar" || type.name == "bpchar")) {
      absl::StrAppend(&text, "(", modifier - kHeader, ")");
    }
    return ReturnText(context, text);
  }
  ReturnText(context, oid == 0 ? "-" : "???");
}

}  // namespace

absl::Status RegisterCatalogueFunctions(sqlite3* database, const CatalogueQuestion** question,
                                        const std::string& federation) {
  constexpr int kFlags = SQLITE_UTF8;
  int result = SQLITE_OK;
  for (const Lookup& lookup : kLookups) {
    result |=
        sqlite3_create_function_v2(database, lookup.name, lookup.arguments, kFlags,
                                   const_cast<char*>(lookup.sql), &RunLookup, nullptr, nullptr, nullptr);
  }
  struct SessionFunction {
    const char* name;
    int arguments;
    void (*function)(Context*, int, Value**);
  };
  constexpr SessionFunction kFunctions[] = {
      {"current_user", 0, &CurrentUser},        {"session_user", 0, &CurrentUser},
      {"pg_backend_pid", 0, &BackendProcess},   {"current_database", 0, &CurrentDatabase},
      {"current_catalog", 0, &CurrentDatabase}, {"current_setting", 1, &CurrentSetting},
      {"current_setting", 2, &CurrentSetting},  {"set_config", 3, &SetConfig},
      {"format_type", 2, &FormatType},          {"care_integer", 2, &IntegerOf},
      {"care_boolean", 1, &BooleanOf},
  };
  for (const SessionFunction& one : kFunctions) {
    result |= sqlite3_create_function_v2(database, one.name, one.arguments, kFlags,
                                         new Facts{question, federation}, one.function, nullptr, nullptr,
                                         [](void* facts) { delete static_cast<Facts*>(facts); });
  }
  if (result != SQLITE_OK) return absl::InternalError("the catalogue's functions cannot be registered");
  CARE_RETURN_IF_ERROR(RegisterArrayFunctions(database));
  return RegisterTextFunctions(database);
}

}  // namespace care::engine::pgwire
