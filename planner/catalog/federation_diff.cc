#include "planner/catalog/federation_diff.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::planner {
namespace {

using Kind = FederationDifference::Kind;
using Differences = std::vector<FederationDifference>;

template <typename T>
std::string OrNone(const std::optional<T>& value) {
  return value.has_value() ? absl::StrCat(*value) : "none";
}

std::string Range(const CatalogColumn& column) {
  if (!column.min.has_value() || !column.max.has_value()) return "none";
  return absl::StrCat(*column.min, " to ", *column.max);
}

std::string TypeOf(const CatalogColumn& column) {
  return column.shown_as == TypeKind::kUnknown
             ? column.type.ToString()
             : absl::StrCat(column.ShownType().ToString(), ", computed as ", column.type.ToString());
}

std::string ColumnNames(const CatalogTable& table, const std::vector<int>& positions) {
  return absl::StrCat("(", absl::StrJoin(positions, ", ", [&](std::string* out, int position) {
                        absl::StrAppend(out, table.columns[static_cast<std::size_t>(position)].name);
                      }), ")");
}

std::set<std::string> UniqueKeys(const CatalogTable& table) {
  std::set<std::string> keys;
  for (const std::vector<int>& key : table.unique_keys) keys.insert(ColumnNames(table, key));
  return keys;
}

std::string MostRowsOf(const CatalogTable& table) {
  std::set<std::string> declared;
  for (const MostRows& most : table.max_rows_per) {
    declared.insert(absl::StrCat(most.rows, " per ", ColumnNames(table, most.columns)));
  }
  return declared.empty() ? "none" : absl::StrJoin(declared, ", ");
}

std::string ReferencesOf(const Catalog& catalog, const CatalogTable& table) {
  std::set<std::string> declared;
  for (const CatalogReference& reference : table.references) {
    const CatalogTable& other = catalog.tables[static_cast<std::size_t>(reference.table)];
    declared.insert(absl::StrCat(ColumnNames(table, reference.columns), " to ", other.FullName(),
                                 ColumnNames(other, reference.key)));
  }
  return declared.empty() ? "none" : absl::StrJoin(declared, ", ");
}

std::string SubjectOf(const CatalogTable& table) {
  if (!table.about_persons) return "nobody";
  if (table.subject_column < 0) return "nobody (public)";
  return table.columns[static_cast<std::size_t>(table.subject_column)].name;
}

std::vector<std::pair<const char*, bool>> RulesOf(const ColumnRules& rules) {
  return {{"aggregate", rules.aggregate}, {"group_key", rules.group_key}, {"filter", rules.filter},
          {"join_key", rules.join_key},   {"extreme", rules.extreme},     {"public", rules.is_public},
          {"row", rules.row}};
}

std::string AllowedUses(const ColumnRules& rules) {
  std::vector<std::string> uses;
  for (const auto& [name, allowed] : RulesOf(rules)) {
    if (allowed) uses.emplace_back(name);
  }
  return uses.empty() ? "no use" : absl::StrJoin(uses, ", ");
}

std::vector<std::string> ComputeNames(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const PartyId party : catalog.compute_parties) names.push_back(catalog.PartyName(party));
  return names;
}

class Comparison {
 public:
  Comparison(const Catalog& before, const Catalog& after) : before_(before), after_(after) {}

  Differences Run() {
    Changed("the name of the federation", before_.name, after_.name, true);
    Changed("version", absl::StrCat(before_.version), absl::StrCat(after_.version), false);
    Changed("the authority that issues certificates", before_.authority_sha256, after_.authority_sha256, true);
    Parties();
    Changed("the compute parties", absl::StrJoin(ComputeNames(before_), ", "),
            absl::StrJoin(ComputeNames(after_), ", "), true);
    Changed("time zone", before_.time_zone, after_.time_zone, false);
    Keys();
    Links();
    Tables();
    Views();
    return std::move(differences_);
  }

 private:
  void Add(Kind kind, bool reveals, std::string text) { differences_.push_back({kind, reveals, std::move(text)}); }

  void Changed(const std::string& what, const std::string& from, const std::string& to, bool reveals) {
    if (from != to) Add(Kind::kChanged, reveals, absl::StrCat(what, ": ", from, " -> ", to));
  }

  void Parties() {
    for (const PartyEntry& party : after_.parties) {
      const PartyId known = before_.FindParty(party.name);
      if (known == kNoParty) {
        Add(Kind::kAdded, true, absl::StrCat("party ", party.name, " at ", party.address));
      } else {
        const PartyEntry& then = before_.parties[known];
        Changed(absl::StrCat("the address of ", party.name), then.address.empty() ? "none" : then.address,
                party.address.empty() ? "none" : party.address, false);
        Changed(absl::StrCat("who dials between ", party.name, " and others"), then.outbound ? "it alone" : "either",
                party.outbound ? "it alone" : "either", false);
      }
    }
    for (const PartyEntry& party : before_.parties) {
      if (after_.FindParty(party.name) == kNoParty) Add(Kind::kRemoved, false, absl::StrCat("party ", party.name));
    }
  }

  static std::string FormatName(KeyFormat format) { return format == KeyFormat::kBsn ? "bsn" : "as stored"; }

  void Keys() {
    std::set<std::string> names;
    for (const Catalog* catalog : {&before_, &after_}) {
      for (const CatalogKey& key : catalog->keys) names.insert(key.name);
    }
    for (const std::string& name : names) {
      Changed(absl::StrCat("the form of key ", name), FormatName(before_.FormatOfKey(name)),
              FormatName(after_.FormatOfKey(name)), true);
    }
  }

  void Links() {
    const auto text = [](const Catalog& catalog) {
      return absl::StrJoin(catalog.links, ", ", [](std::string* out, const auto& link) {
        absl::StrAppend(out, link.first, " ", link.second.megabit_per_second, " Mbit/s ", link.second.round_trip_us,
                        " us");
      });
    };
    Changed("links", text(before_), text(after_), false);
    const auto memory = [](const Catalog& catalog) {
      return absl::StrCat(catalog.joint_memory_bytes >> 20, " MB", catalog.joint_partitions > 1 ? absl::StrCat(", ", catalog.joint_partitions, " partitions") : "",
                          catalog.joint_lanes > 1 ? absl::StrCat(", ", catalog.joint_lanes, " lanes") : "");
    };
    Changed("memory of joint queries", memory(before_), memory(after_), false);
  }

  void Tables() {
    for (const CatalogTable& table : after_.tables) {
      const CatalogTable* known = before_.FindTable(table.schema, table.name);
      if (known != nullptr) {
        CompareTables(*known, table);
        continue;
      }
      Add(Kind::kAdded, true,
          absl::StrCat("table ", table.FullName(), ", at most ", table.row_bound, " rows, about ", SubjectOf(table)));
      for (const CatalogColumn& column : table.columns) AddColumn(table, column);
    }
    for (const CatalogTable& table : before_.tables) {
      if (after_.FindTable(table.schema, table.name) == nullptr) {
        Add(Kind::kRemoved, false, absl::StrCat("table ", table.FullName()));
      }
    }
  }

  void AddColumn(const CatalogTable& table, const CatalogColumn& column) {
    Add(Kind::kAdded, true,
        absl::StrCat("column ", table.FullName(), ".", column.name, " ", TypeOf(column),
                     column.nullable ? "" : " not null",
                     column.key_domain.empty() ? "" : absl::StrCat(", key ", column.key_domain), ", may be used for: ",
                     AllowedUses(column.rules)));
  }

  void CompareTables(const CatalogTable& before, const CatalogTable& after) {
    const std::string name = after.FullName();
    Changed(absl::StrCat(name, ": whom a row is about"), SubjectOf(before), SubjectOf(after), true);
    Changed(absl::StrCat(name, ": most rows"), absl::StrCat(before.row_bound), absl::StrCat(after.row_bound), false);
    Changed(absl::StrCat(name, ": most rows per subject"), OrNone(before.max_rows_per_subject),
            OrNone(after.max_rows_per_subject), false);
    Changed(absl::StrCat(name, ": most subjects"), OrNone(before.subject_bound), OrNone(after.subject_bound), false);
    Changed(absl::StrCat(name, ": unique keys"), absl::StrJoin(UniqueKeys(before), " "),
            absl::StrJoin(UniqueKeys(after), " "), false);
    Changed(absl::StrCat(name, ": most rows that agree"), MostRowsOf(before), MostRowsOf(after), false);
    Changed(absl::StrCat(name, ": references"), ReferencesOf(before_, before), ReferencesOf(after_, after), false);
    for (const CatalogColumn& column : after.columns) {
      const int position = before.FindColumn(column.name);
      if (position < 0) {
        AddColumn(after, column);
      } else {
        CompareColumns(absl::StrCat(name, ".", column.name), before.columns[static_cast<std::size_t>(position)], column);
      }
    }
    for (const CatalogColumn& column : before.columns) {
      if (after.FindColumn(column.name) < 0) {
        Add(Kind::kRemoved, false, absl::StrCat("column ", name, ".", column.name));
      }
    }
  }

  void CompareColumns(const std::string& name, const CatalogColumn& before, const CatalogColumn& after) {
    Changed(absl::StrCat(name, ": type"), TypeOf(before), TypeOf(after), true);
    Changed(absl::StrCat(name, ": may be NULL"), before.nullable ? "yes" : "no", after.nullable ? "yes" : "no", false);
    Changed(absl::StrCat(name, ": key"), before.key_domain.empty() ? "none" : before.key_domain,
            after.key_domain.empty() ? "none" : after.key_domain, !after.key_domain.empty());
    Changed(absl::StrCat(name, ": range"), Range(before), Range(after), false);
    for (const std::string& value : after.domain) {
      if (std::find(before.domain.begin(), before.domain.end(), value) == before.domain.end()) {
        Add(Kind::kAdded, true, absl::StrCat(name, ": value '", value, "' in its public domain"));
      }
    }
    for (const std::string& value : before.domain) {
      if (std::find(after.domain.begin(), after.domain.end(), value) == after.domain.end()) {
        Add(Kind::kRemoved, false, absl::StrCat(name, ": value '", value, "' of its public domain"));
      }
    }
    const auto uses_before = RulesOf(before.rules);
    const auto uses_after = RulesOf(after.rules);
    for (std::size_t i = 0; i < uses_after.size(); ++i) {
      if (uses_after[i].second == uses_before[i].second) continue;
      const bool allowed = uses_after[i].second;
      Add(allowed ? Kind::kAdded : Kind::kRemoved, allowed,
          absl::StrCat(name, ": use as ", uses_after[i].first));
    }
  }

  void Views() {
    for (const CatalogView& view : after_.views) {
      const CatalogView* known = before_.FindView(view.name);
      if (known == nullptr) {
        Add(Kind::kAdded, false, absl::StrCat("view ", view.name));
      } else if (known->sql != view.sql) {
        Add(Kind::kChanged, false, absl::StrCat("view ", view.name, ": other SQL"));
      }
    }
    for (const CatalogView& view : before_.views) {
      if (after_.FindView(view.name) == nullptr) Add(Kind::kRemoved, false, absl::StrCat("view ", view.name));
    }
  }

  const Catalog& before_;
  const Catalog& after_;
  Differences differences_;
};

}  // namespace

std::vector<FederationDifference> CompareFederations(const Catalog& before, const Catalog& after) {
  return Comparison(before, after).Run();
}

std::string FormatDifferences(const Catalog& before, const Catalog& after) {
  const Differences differences = CompareFederations(before, after);
  if (differences.empty()) {
    return before.digest == after.digest ? "The two files are the same, byte for byte.\n"
                                         : "Nothing changes but comments, order or white space.\n";
  }
  std::string text;
  bool reveals = false;
  for (const FederationDifference& difference : differences) {
    const char* sign = difference.kind == Kind::kAdded ? "+" : difference.kind == Kind::kRemoved ? "-" : "~";
    absl::StrAppend(&text, difference.reveals ? "! " : "  ", sign, " ", difference.text, "\n");
    reveals = reveals || difference.reveals;
  }
  absl::StrAppend(&text, "\n", "+ added, - removed, ~ changed",
                  reveals ? "; ! more can be seen, or by others: look at these lines first\n"
                          : "; no line makes more visible\n");
  return text;
}

}  // namespace care::planner
