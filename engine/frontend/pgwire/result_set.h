// engine/frontend/pgwire/result_set.h
//
// The outcome of one statement as clients of PostgreSQL's protocol see it: columns with PostgreSQL's type
// numbers, cells as text, a command tag. Answers of the federation and of the catalogue both become this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/types/data_type.h"

namespace care::engine::pgwire {

struct WireType {
  std::uint32_t oid = 25;      // of pg_type
  std::int16_t length = -1;    // bytes; -1: varies
  std::int32_t modifier = -1;  // precision and scale, or length
};

struct ResultColumn {
  std::string name;
  WireType type;
};

struct ResultSet {
  bool has_rows = false;  // else the statement has a tag only
  std::vector<ResultColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::vector<std::string> notices;
  std::string tag;  // of a statement with rows: without their number, which follows it
};

WireType WireTypeOf(const DataType& type);

// The number and the length of a type of pg_type by its name ("int4", "oid", "_text"); text if it is unknown.
WireType WireTypeNamed(const std::string& name);

}  // namespace care::engine::pgwire
