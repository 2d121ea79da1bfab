// connectors/postgresql/table_check.h
//
// The one statement that judges a table before fragments compute with it in the database: its number of rows, for
// each column the number of a declared rule that some value breaks, and how many persons have how many rows.
#pragma once

#include <string>
#include <vector>

namespace care::connectors {

struct TableCheck {
  std::string from;
  std::vector<std::string> broken;  // for each column, as StoredColumn::broken
  std::string subject;              // the person's column, if persons are counted
};

// One row: rows, persons, the most rows of a person (both NULL without `subject`), then one cell for each `broken`.
std::string CheckSql(const TableCheck& check);

}  // namespace care::connectors
