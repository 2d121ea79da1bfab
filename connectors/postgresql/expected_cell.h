// connectors/postgresql/expected_cell.h
//
// What each cell of a fragment's rows has to be on the wire: of a column as it is stored, what the owner declared of it; of a
// value that was computed, its planned type, to which the statement casts it.
#pragma once

#include "connectors/postgresql/copy_reader.h"
#include "connectors/postgresql/stored_column.h"
#include "planner/catalog/catalog.h"

namespace care::connectors {

// A value that was computed, by its planned type.
CellExpectation ComputedCell(const DataType& type);
// The type of ComputedCell's wire form.
const char* ComputedCast(const DataType& type);

// `utf8`: whether the database keeps to it.
CellExpectation StoredCellOf(const planner::CatalogColumn& declared, const StoredColumn& stored, bool utf8);

}  // namespace care::connectors
