// planner/catalog/federation_table.h
//
// One [[table]] of the federation file: its columns with types, ranges, domains and rules, its subject, its
// keys and its bounds.
#pragma once

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/toml_entry.h"

namespace care::planner {

// Bounds above this would overflow the planner's byte counts, and no party could hold the shares.
inline constexpr std::uint64_t kMostRows = std::uint64_t{1} << 40;

// Letters, digits and _, not starting with a digit: usable in SQL without quotes.
bool IsIdentifier(std::string_view name);

// `catalog` has its parties.
absl::StatusOr<CatalogTable> ReadTable(TomlEntry entry, const Catalog& catalog);

}  // namespace care::planner
