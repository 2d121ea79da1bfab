#include "connectors/select/sql_select.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/connector.h"

namespace care::connectors {
namespace {

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    quoted += c;
    if (c == quote) quoted += c;
  }
  return quoted + quote;
}

}  // namespace

std::string SqlSelect::ToSql() const {
  std::vector<std::string> items;
  for (const Output& output : outputs) {
    const std::string name = ColumnName(output.column);
    items.push_back(output.value.sql == name ? name : absl::StrCat(output.value.sql, " AS ", name));
  }
  if (items.empty()) items.push_back("1");  // COUNT(*) over a scan needs rows and no column.
  std::string sql = absl::StrCat("SELECT ", distinct ? "DISTINCT " : "", absl::StrJoin(items, ", "));
  if (!from.empty()) absl::StrAppend(&sql, " FROM ", from);
  if (!where.empty()) absl::StrAppend(&sql, " WHERE ", absl::StrJoin(where, " AND "));
  if (!group_by.empty()) absl::StrAppend(&sql, " GROUP BY ", absl::StrJoin(group_by, ", "));
  if (!order_by.empty()) absl::StrAppend(&sql, " ORDER BY ", absl::StrJoin(order_by, ", "));
  return sql + limit;
}

Scope SqlSelect::OutputScope() const {
  Scope scope;
  for (const Output& output : outputs) scope[output.column] = output.value;
  return scope;
}

std::string QuoteIdentifier(std::string_view name) { return Quoted(name, '"'); }
std::string QuoteText(std::string_view text) { return Quoted(text, '\''); }

}  // namespace care::connectors
