#include "connectors/postgresql/table_check.h"

#include "absl/strings/str_cat.h"

namespace care::connectors {

std::string CheckSql(const TableCheck& check) {
  std::string inner, outer;
  for (std::size_t i = 0; i < check.broken.size(); ++i) {
    absl::StrAppend(&inner, ", max(", check.broken[i], ")", check.subject.empty() ? "" : absl::StrCat(" AS r", i));
    absl::StrAppend(&outer, ", max(r", i, ")");
  }
  if (check.subject.empty()) {
    return absl::StrCat("SELECT count(*), NULL, NULL", inner, " FROM ", check.from);
  }
  return absl::StrCat("SELECT coalesce(sum(n), 0), count(s), max(n) FILTER (WHERE s IS NOT NULL)", outer,
                      " FROM (SELECT ", check.subject, " AS s, count(*) AS n", inner, " FROM ", check.from,
                      " GROUP BY ", check.subject, ") AS q");
}

}  // namespace care::connectors
