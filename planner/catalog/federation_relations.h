// planner/catalog/federation_relations.h
//
// What a federation file declares of a table beside its columns and keys: how many rows can agree on some columns
// ([[table.most_rows]]), and which columns name a row of another table ([[table.reference]]). Bounds of the joint part
// follow from both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/toml_entry.h"

namespace care::planner {

// Positions of the columns that `key` of the entry names; at least one, none twice.
absl::StatusOr<std::vector<int>> ColumnPositions(const TomlEntry& entry, std::string_view key,
                                                 const std::vector<std::string>& names,
                                                 const CatalogTable& table);

absl::Status ReadMostRows(TomlEntry& table_entry, CatalogTable& table);

// Once all tables are read.
absl::Status ReadReferences(TomlEntry& file, Catalog& catalog);

}  // namespace care::planner
