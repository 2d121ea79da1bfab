#include "engine/frontend/doctor/join_check.h"

#include <cmath>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/shell/client.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"

namespace care::engine {
namespace {

constexpr int kStep = 5;           // percent
constexpr double kSuspicious = 5;  // fewer found than this hints at two ways of writing the key

struct KeyColumn {
  const planner::CatalogTable* table = nullptr;
  const planner::CatalogColumn* column = nullptr;
};

absl::StatusOr<KeyColumn> FindKey(const planner::Catalog& catalog, const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '.');
  if (parts.size() != 3) {
    return absl::InvalidArgumentError(absl::StrCat("\"", name,
                                                   "\" is not a column; write OWNER.TABLE.COLUMN, as "
                                                   "hospital.patients.bsn"));
  }
  KeyColumn key;
  key.table = catalog.FindTable(parts[0], parts[1]);
  if (key.table == nullptr) {
    std::vector<std::string> names;
    for (const planner::CatalogTable& table : catalog.tables) names.push_back(table.FullName());
    const std::string wanted = absl::StrCat(parts[0], ".", parts[1]);
    const std::string nearest = sql::NearestName(wanted, names);
    return absl::NotFoundError(absl::StrCat(
        "there is no table ", wanted, nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
  }
  const int position = key.table->FindColumn(parts[2]);
  if (position < 0) {
    return absl::NotFoundError(absl::StrCat(key.table->FullName(), " has no column \"", parts[2], "\""));
  }
  key.column = &key.table->columns[static_cast<std::size_t>(position)];
  if (key.column->key_domain.empty()) return absl::InvalidArgumentError(absl::StrCat(name, " is not a key"));
  return key;
}

// The one number that the query released; nullopt if the gate hid it.
absl::StatusOr<std::optional<std::int64_t>> AskNumber(const JoinCheck& join, const std::string& sql) {
  CARE_ASSIGN_OR_RETURN(const auto client,
                        Client::Connect({join.node_path, join.certificate_path, join.private_key_path}));
  Asked asked;
  asked.sql = sql;
  asked.purpose = "care doctor --join: do the keys match";
  CARE_ASSIGN_OR_RETURN(const Answer answer, client->Query(asked, {}));
  if (answer.rows.size() != 1 || answer.rows[0].size() != 1) return std::optional<std::int64_t>();
  if (answer.suppressed[0][0] || !answer.rows[0][0].has_value()) return std::optional<std::int64_t>();
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(*answer.rows[0][0], &number))
    return absl::InternalError("the answer is not a number");
  return std::optional(number);
}

}  // namespace

void CheckJoin(const JoinCheck& join, const planner::Catalog& catalog, DoctorReport& report) {
  constexpr char kArea[] = "join";
  const auto left = FindKey(catalog, join.left);
  const auto right = FindKey(catalog, join.right);
  for (const auto* key : {&left, &right}) {
    if (!key->ok()) return report.Fail(kArea, key->status(), "name two key columns of the federation file");
  }
  if (left->column->key_domain != right->column->key_domain) {
    return report.Fail(kArea,
                       absl::StrCat(join.left, " is a key \"", left->column->key_domain, "\", ", join.right,
                                    " a key \"", right->column->key_domain, "\""),
                       "only keys of one domain join; correct key = \"...\" in the federation file");
  }
  const std::string of = absl::StrCat("SELECT COUNT(DISTINCT a.", left->column->name, ") AS persons FROM ",
                                      left->table->FullName(), " a");
  const auto all = AskNumber(join, of);
  if (!all.ok())
    return report.Fail(kArea, all.status(), "see the other findings; the query is as in `care query`");
  if (!all->has_value()) {
    return report.Warn(
        kArea, absl::StrCat("the gate hides how many persons ", left->table->FullName(), " has: too few"),
        "load more rows, or look at the table itself");
  }
  const auto found = AskNumber(join, absl::StrCat(of, " JOIN ", right->table->FullName(), " b ON b.",
                                                  right->column->name, " = a.", left->column->name));
  if (!found.ok())
    return report.Fail(kArea, found.status(), "see the other findings; the query is as in `care query`");
  const std::string told = absl::StrCat(
      "(opened to this party and kept in all ledgers: the number of persons of ", left->table->FullName());
  if (!found->has_value()) {
    return report.Warn(
        kArea,
        absl::StrCat("the gate hides how many of them are found in ", right->table->FullName(),
                     ": none, or too few ", told, ")"),
        absl::StrCat(
            "have both owners compare how they write the key: zeros in front, spaces, a prefix. [[key]] with "
            "format = \"bsn\" in the federation file makes them one; docs/data-quality.md"));
  }
  const double percent = **all == 0 ? 0 : 100.0 * static_cast<double>(**found) / static_cast<double>(**all);
  const int rounded = static_cast<int>(std::lround(percent / kStep)) * kStep;
  const std::string text =
      absl::StrCat("about ", rounded, " % of the persons of ", left->table->FullName(), " are found in ",
                   right->table->FullName(), " ", told, ", and of those found)");
  if (percent < kSuspicious) {
    return report.Warn(kArea, text,
                       "so few hint at two ways of writing the key: have both owners compare zeros in front, "
                       "spaces and prefixes; docs/data-quality.md");
  }
  report.Ok(kArea, text);
}

}  // namespace care::engine
