// planner/catalog/catalog.h
//
// What all parties agreed on, read from the federation file: parties, tables and their owners, columns with
// public ranges and domains, row bounds, keys, views. Every party holds the same bytes, and the file's
// SHA-256 is part of every agreement. Nothing here is secret and nothing was measured.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/data_type.h"
#include "engine/types/party.h"
#include "engine/types/value.h"

namespace care::planner {

struct PartyEntry {
  std::string name;
  std::string address;    // host:port where its node is reached; may be empty of one that only dials
  bool outbound = false;  // its firewall lets nobody in: it dials the others, also when they ask
};

// What a recipient may make of a column (governance: column rules).
struct ColumnRules {
  bool aggregate = false;
  bool group_key = false;
  bool filter = false;
  bool join_key = false;
  bool extreme = false;
  bool is_public = false;
  bool row = false;  // its values may be listed row by row: open data, benchmarks
};

// How a key is written, whatever each owner's database stores: all columns of its domain have one form.
enum class KeyFormat : std::uint8_t {
  kPlain,  // as stored
  kBsn,    // nine digits with leading zeros that pass the eleven-test; the federation's type is text
};

struct CatalogKey {
  std::string name;  // the key domain
  KeyFormat format = KeyFormat::kPlain;
};

struct CatalogColumn {
  std::string name;
  DataType type;
  // kDouble or kReal of a column that queries see as that and that is computed as `type`, a NUMERIC of as many decimals as
  // the federation file declares; kUnknown of any other.
  TypeKind shown_as = TypeKind::kUnknown;
  bool nullable = true;
  std::string key_domain;  // "bsn": joins only with columns of the same key domain; empty if not a key
  // Declared range of the stored integer (days for dates, unscaled for numerics), both or neither.
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::vector<std::string> domain;  // declared public domain of a TEXT column; a value's code is its position
  std::uint32_t max_bytes = 0;      // TEXT: most bytes of a value, where declared
  ColumnRules rules;

  DataType ShownType() const { return shown_as == TypeKind::kUnknown ? type : DataType{shown_as}; }
};

// Every combination of values of `columns` (none NULL) is a row's `key` in another table: a foreign key.
struct CatalogReference {
  std::vector<int> columns;
  int table = -1;
  std::vector<int> key;
};

// At most `rows` rows agree on `columns`.
struct MostRows {
  std::vector<int> columns;
  std::uint64_t rows = 0;
};

struct CatalogTable {
  std::string schema;  // the owner's name
  std::string name;
  PartyId owner = kNoParty;
  std::vector<CatalogColumn> columns;
  int subject_column = -1;     // position; -1 only for public tables and those without persons
  bool about_persons = true;   // false: rows describe nobody, so that no threshold guards them
  std::vector<std::vector<int>> unique_keys;  // the primary key first, if declared
  std::vector<CatalogReference> references;
  std::vector<MostRows> max_rows_per;
  std::uint64_t row_bound = 0;
  std::optional<std::uint64_t> max_rows_per_subject;
  std::optional<std::uint64_t> subject_bound;  // most distinct subjects, where fewer than rows

  std::string FullName() const { return schema + "." + name; }
  int FindColumn(std::string_view column) const;  // -1 if there is none
};

struct CatalogView {
  std::string name;
  std::string sql;
};

// One name for the same table of several owners: a query over it is the query over the UNION ALL of its tables.
struct CatalogPartitioned {
  std::string name;
  std::vector<int> tables;  // positions in Catalog::tables
};

// Declared speed of a class of links: the cost model's only knowledge of the network.
struct LinkClass {
  std::uint64_t megabit_per_second = 0;
  std::uint64_t round_trip_us = 0;
};

// Of a node with 4 GB.
inline constexpr std::uint64_t kDefaultJointMemory = std::uint64_t{3} << 30;

struct Catalog {
  std::string name;
  std::uint32_t version = 0;
  std::vector<PartyEntry> parties;  // a PartyId is a position in this list
  std::array<PartyId, 3> compute_parties{kNoParty, kNoParty, kNoParty};  // roles P0, P1, P2
  std::string authority_sha256;                                          // lower-case hex
  std::vector<CatalogTable> tables;
  std::vector<CatalogView> views;
  std::vector<CatalogPartitioned> partitioned;
  std::vector<CatalogKey> keys;    // of [[key]] entries; a key domain without one is kPlain
  std::string time_zone = "UTC";   // IANA name: whose calendar turns an owner's instants into dates
  std::map<std::string, LinkClass> links;
  // What a joint query may take of a party's memory, by estimate: plans of more run in partitions.
  std::uint64_t joint_memory_bytes = kDefaultJointMemory;
  std::uint32_t joint_partitions = 0;  // run every query that can in so many, whatever it takes; 0: only as many as memory asks for
  std::uint32_t joint_lanes = 1;       // so many partitions at a time, each on a thread of its own
  std::string digest;  // SHA-256 of the file's bytes, lower-case hex

  const CatalogTable* FindTable(std::string_view schema, std::string_view name) const;
  const CatalogView* FindView(std::string_view name) const;
  KeyFormat FormatOfKey(std::string_view key_domain) const;
  PartyId FindParty(std::string_view name) const;  // kNoParty if there is none
  const std::string& PartyName(PartyId party) const { return parties[party].name; }
};

// Reads and validates a federation file's text. Errors name the line, the entry and what to write instead.
absl::StatusOr<Catalog> ParseFederation(std::string_view toml_text);
absl::StatusOr<Catalog> LoadFederation(const std::string& path);

}  // namespace care::planner
