// engine/frontend/pgwire/select_list.h
//
// The names and, where the form tells, the types that PostgreSQL gives to the columns of a SELECT: SQLite names an
// expression by its text and has no booleans.
#pragma once

#include <string>
#include <vector>

#include "engine/frontend/pgwire/sql_tokens.h"

namespace care::engine::pgwire {

struct SelectItem {
  std::string name;
  std::string type;  // of pg_type; empty: not known
};

// Of the first SELECT; empty if a star or an unusual form hides what the columns are.
std::vector<SelectItem> SelectItems(const std::vector<Token>& tokens);

}  // namespace care::engine::pgwire
