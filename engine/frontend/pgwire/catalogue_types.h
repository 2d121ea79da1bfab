// engine/frontend/pgwire/catalogue_types.h
//
// The types that pg_type lists, with PostgreSQL's own numbers: clients know them by heart. Those of results, and
// those that the catalogue's own columns have.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace care::engine::pgwire {

struct CatalogueType {
  std::uint32_t oid;
  std::string_view name;
  std::string_view shown;  // format_type
  std::int16_t length;
  char category;
  std::uint32_t array_oid;    // 0: none
  std::uint32_t element_oid;  // of an array; 0: not one
};

inline constexpr std::array kCatalogueTypes = {
    CatalogueType{16, "bool", "boolean", 1, 'B', 1000, 0},
    CatalogueType{17, "bytea", "bytea", -1, 'U', 1001, 0},
    CatalogueType{18, "char", "\"char\"", 1, 'Z', 1002, 0},
    CatalogueType{19, "name", "name", 64, 'S', 1003, 18},
    CatalogueType{20, "int8", "bigint", 8, 'N', 1016, 0},
    CatalogueType{21, "int2", "smallint", 2, 'N', 1005, 0},
    CatalogueType{22, "int2vector", "int2vector", -1, 'A', 1006, 21},
    CatalogueType{23, "int4", "integer", 4, 'N', 1007, 0},
    CatalogueType{24, "regproc", "regproc", 4, 'N', 1008, 0},
    CatalogueType{25, "text", "text", -1, 'S', 1009, 0},
    CatalogueType{26, "oid", "oid", 4, 'N', 1028, 0},
    CatalogueType{30, "oidvector", "oidvector", -1, 'A', 1013, 26},
    CatalogueType{114, "json", "json", -1, 'U', 199, 0},
    CatalogueType{194, "pg_node_tree", "pg_node_tree", -1, 'Z', 0, 0},
    CatalogueType{700, "float4", "real", 4, 'N', 1021, 0},
    CatalogueType{701, "float8", "double precision", 8, 'N', 1022, 0},
    CatalogueType{705, "unknown", "unknown", -2, 'X', 0, 0},
    CatalogueType{1000, "_bool", "boolean[]", -1, 'A', 0, 16},
    CatalogueType{1002, "_char", "\"char\"[]", -1, 'A', 0, 18},
    CatalogueType{1003, "_name", "name[]", -1, 'A', 0, 19},
    CatalogueType{1005, "_int2", "smallint[]", -1, 'A', 0, 21},
    CatalogueType{1007, "_int4", "integer[]", -1, 'A', 0, 23},
    CatalogueType{1009, "_text", "text[]", -1, 'A', 0, 25},
    CatalogueType{1014, "_bpchar", "character[]", -1, 'A', 0, 1042},
    CatalogueType{1015, "_varchar", "character varying[]", -1, 'A', 0, 1043},
    CatalogueType{1016, "_int8", "bigint[]", -1, 'A', 0, 20},
    CatalogueType{1028, "_oid", "oid[]", -1, 'A', 0, 26},
    CatalogueType{1033, "aclitem", "aclitem", 12, 'U', 1034, 0},
    CatalogueType{1034, "_aclitem", "aclitem[]", -1, 'A', 0, 1033},
    CatalogueType{1042, "bpchar", "character", -1, 'S', 1014, 0},
    CatalogueType{1043, "varchar", "character varying", -1, 'S', 1015, 0},
    CatalogueType{1082, "date", "date", 4, 'D', 1182, 0},
    CatalogueType{1083, "time", "time without time zone", 8, 'D', 1183, 0},
    CatalogueType{1114, "timestamp", "timestamp without time zone", 8, 'D', 1115, 0},
    CatalogueType{1182, "_date", "date[]", -1, 'A', 0, 1082},
    CatalogueType{1184, "timestamptz", "timestamp with time zone", 8, 'D', 1185, 0},
    CatalogueType{1186, "interval", "interval", 16, 'T', 1187, 0},
    CatalogueType{1231, "_numeric", "numeric[]", -1, 'A', 0, 1700},
    CatalogueType{1700, "numeric", "numeric", -1, 'N', 1231, 0},
    CatalogueType{2205, "regclass", "regclass", 4, 'N', 2210, 0},
    CatalogueType{2206, "regtype", "regtype", 4, 'N', 2211, 0},
    CatalogueType{2950, "uuid", "uuid", 16, 'U', 2951, 0},
};

}  // namespace care::engine::pgwire
