// engine/frontend/pgwire/catalogue_values.h
//
// Values of SQLite as the catalogue's functions read and return them.
#pragma once

#include <sqlite3.h>

#include <string_view>

namespace care::engine::pgwire {

using Context = sqlite3_context;
using Value = sqlite3_value;

inline std::string_view TextOf(Value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}
inline bool IsNull(Value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }
inline void ReturnText(Context* context, std::string_view text) {
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

// Aggregates keep a string of SQLite's: {elements so far, or texts with separators. It ends at the database's limit of a
// text, and its memory counts as the statement's.
inline sqlite3_str* Aggregated(Context* context, bool create) {
  auto** slot =
      static_cast<sqlite3_str**>(sqlite3_aggregate_context(context, create ? sizeof(sqlite3_str*) : 0));
  if (slot == nullptr) return nullptr;
  if (*slot == nullptr && create) *slot = sqlite3_str_new(sqlite3_context_db_handle(context));
  return *slot;
}
inline void Append(Context* context, sqlite3_str* string, std::string_view text) {
  sqlite3_str_append(string, text.data(), static_cast<int>(text.size()));
  const int error = sqlite3_str_errcode(string);
  if (error != SQLITE_OK) sqlite3_result_error_code(context, error);
}
inline void ReturnAggregated(Context* context, sqlite3_str* string) {
  const int error = sqlite3_str_errcode(string), size = sqlite3_str_length(string);
  char* text = sqlite3_str_finish(string);
  if (error != SQLITE_OK) {
    sqlite3_free(text);
    return sqlite3_result_error_code(context, error);
  }
  if (text == nullptr) return sqlite3_result_text(context, "", 0, SQLITE_STATIC);
  sqlite3_result_text(context, text, size, &sqlite3_free);
}

}  // namespace care::engine::pgwire
