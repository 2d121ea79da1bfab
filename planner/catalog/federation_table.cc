#include "planner/catalog/federation_table.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"
#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/catalog/federation_relations.h"

namespace care::planner {
namespace {

std::string SuggestionOf(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = sql::NearestName(name, candidates);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

std::vector<std::string> ColumnNames(const CatalogTable& table) {
  std::vector<std::string> names;
  for (const CatalogColumn& column : table.columns) names.push_back(column.name);
  return names;
}

absl::StatusOr<std::int64_t> DecimalBound(TomlEntry& entry, std::string_view key, std::string_view text,
                                          const DataType& type) {
  absl::StatusOr<Decimal> value = ParseDecimal(text);
  if (!value.ok())
    return entry.Error(key, absl::StrCat("\"", std::string(key), "\" is not a number: ", std::string(text)));
  const int scale = type.kind == TypeKind::kNumeric ? type.scale : 0;
  absl::StatusOr<Decimal> scaled = RescaleDecimal(*value, scale);
  if (!scaled.ok() || CompareDecimals(*scaled, *value) != 0) {
    return entry.Error(key, absl::StrCat("\"", std::string(key), "\" has more than ", scale,
                                         " digits after the point, but the column is ", type.ToString()));
  }
  if (scaled->unscaled > INT64_MAX || scaled->unscaled < -INT64_MAX) {
    return entry.Error(key, absl::StrCat("\"", std::string(key), "\" does not fit 63 bits"));
  }
  return static_cast<std::int64_t>(scaled->unscaled);
}

// A bound of a declared range, as the integer that the column stores.
absl::StatusOr<std::optional<std::int64_t>> Bound(TomlEntry& entry, std::string_view key,
                                                  const DataType& type) {
  const toml::node* node = entry.Node(key);
  if (node == nullptr) return std::optional<std::int64_t>();
  if (type.kind == TypeKind::kDate) {
    absl::StatusOr<std::int32_t> days = absl::InvalidArgumentError("");
    if (node->is_string()) days = ParseDate(node->as_string()->get());
    if (node->is_date()) {
      const toml::date date = node->as_date()->get();
      days = DaysFromCivil({date.year, date.month, date.day});
    }
    if (!days.ok()) {
      return entry.Error(key, absl::StrCat("\"", std::string(key), "\" must be a date, as ", std::string(key),
                                           " = \"2021-01-31\""));
    }
    return std::optional<std::int64_t>(*days);
  }
  if (type.IsTimestamp()) {
    absl::StatusOr<std::int64_t> moment = absl::InvalidArgumentError("");
    if (node->is_string()) moment = ReadTimestampText(node->as_string()->get(), type.kind == TypeKind::kTimestampTz);
    if (!moment.ok()) {
      return entry.Error(key, absl::StrCat("\"", std::string(key), "\" must be a timestamp in quotes, as ", std::string(key),
                                           " = \"2021-01-31 00:00:00", type.kind == TypeKind::kTimestampTz ? "+00\"" : "\""));
    }
    return std::optional<std::int64_t>(*moment);
  }
  if (!type.IsExactNumber()) {
    return entry.Error(
        key, absl::StrCat("a ", type.ToString(), " column has no range; remove \"", std::string(key), "\""));
  }
  std::string text;
  if (node->is_string()) {
    text = node->as_string()->get();
  } else if (node->is_integer()) {
    text = absl::StrCat(node->as_integer()->get());
  } else {
    return entry.Error(
        key, absl::StrCat("\"", std::string(key), "\" must be a whole number, or a decimal in quotes, as ",
                          std::string(key), " = \"0.01\""));
  }
  CARE_ASSIGN_OR_RETURN(const std::int64_t bound, DecimalBound(entry, key, text, type));
  return std::optional<std::int64_t>(bound);
}

// A key of a table about persons names one; of another table it is a number like any other.
absl::Status ReadUses(TomlEntry& entry, bool about_persons, CatalogColumn& column) {
  ColumnRules& rules = column.rules;
  const bool is_key = !column.key_domain.empty();
  if (!entry.Has("use")) {
    entry.Node("use");
    if (is_key) {
      rules.join_key = true;
      return absl::OkStatus();
    }
    rules.aggregate = rules.filter = true;
    rules.group_key = !column.domain.empty() || column.type.kind == TypeKind::kBoolean;
    return absl::OkStatus();
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> uses, entry.Texts("use"));
  const std::vector<std::pair<std::string, bool ColumnRules::*>> known = {
      {"aggregate", &ColumnRules::aggregate}, {"group_key", &ColumnRules::group_key},
      {"filter", &ColumnRules::filter},       {"join_key", &ColumnRules::join_key},
      {"extreme", &ColumnRules::extreme},     {"public", &ColumnRules::is_public},
      {"row", &ColumnRules::row}};
  for (const std::string& use : uses) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const auto& rule) { return rule.first == use; });
    if (found == known.end()) {
      std::vector<std::string> names;
      for (const auto& rule : known) names.push_back(rule.first);
      return entry.Error("use",
                         absl::StrCat("unknown use \"", use, "\"", SuggestionOf(use, names),
                                      " Known are aggregate, group_key, filter, join_key, extreme, public, row"));
    }
    rules.*(found->second) = true;
  }
  if (rules.join_key && !is_key) {
    return entry.Error("use", "\"join_key\" needs a key domain; write key = \"<name of the key>\"");
  }
  if (is_key && about_persons && (rules.aggregate || rules.group_key || rules.filter || rules.extreme || rules.is_public)) {
    return entry.Error(
        "use", "a key column is for joining and counting; write use = [\"join_key\"] or leave it out");
  }
  return absl::OkStatus();
}

// Floating point is computed exactly, as a NUMERIC of the decimals that the parties declare.
absl::Status ReadDecimals(TomlEntry& entry, CatalogColumn& column) {
  const toml::node* node = entry.Node("decimals");
  const std::string type = column.type.ToString();
  if (!column.type.IsFloat()) {
    if (node == nullptr) return absl::OkStatus();
    return entry.Error("decimals", absl::StrCat("\"decimals\" is for double precision and real, not ", type));
  }
  if (node == nullptr) {
    return entry.Error("type", absl::StrCat("a ", type, " column is computed with a fixed number of digits after the point; write ",
                                            "decimals = 3, or as many as its values have"));
  }
  // What the type tells apart, whatever the value.
  const std::int64_t digits = column.type.kind == TypeKind::kDouble ? 15 : 6;
  const std::int64_t decimals = node->is_integer() ? node->as_integer()->get() : -1;
  if (decimals < 0 || decimals > digits) {
    return entry.Error("decimals", absl::StrCat("\"decimals\" of a ", type, " column is a whole number from 0 to ", digits));
  }
  column.shown_as = column.type.kind;
  column.type = {TypeKind::kNumeric, static_cast<std::uint8_t>(digits), static_cast<std::uint8_t>(decimals)};
  return absl::OkStatus();
}

// numeric(15,3) of values to 250.000 is numeric(6,3).
absl::Status NarrowDigits(TomlEntry& entry, CatalogColumn& column) {
  if (column.shown_as == TypeKind::kUnknown || !column.min) return absl::OkStatus();
  std::int64_t most = std::max(std::abs(*column.min), std::abs(*column.max));
  std::uint8_t digits = 0;
  for (; most != 0; most /= 10) ++digits;
  if (digits > column.type.precision) {
    return entry.Error("decimals", absl::StrCat("with ", static_cast<int>(column.type.scale), " decimals its range needs ", static_cast<int>(digits),
                                                " digits, and a ", DataType{column.shown_as}.ToString(), " has ",
                                                static_cast<int>(column.type.precision), "; write fewer decimals"));
  }
  column.type.precision = std::max({digits, column.type.scale, std::uint8_t{1}});
  return absl::OkStatus();
}

absl::StatusOr<CatalogColumn> ReadColumn(TomlEntry entry, const std::string& table, bool about_persons,
                                         const Catalog& catalog) {
  CatalogColumn column;
  CARE_ASSIGN_OR_RETURN(column.name, entry.Text("name"));
  entry.Rename(absl::StrCat("column ", table, ".", column.name));
  if (!IsIdentifier(column.name))
    return entry.Error("name", "a column's name is lower-case letters, digits and _");
  CARE_ASSIGN_OR_RETURN(const std::string type, entry.Text("type"));
  absl::StatusOr<DataType> parsed = ParseDataType(type);
  if (!parsed.ok() && IsBlankPadded(type)) {
    return entry.Error("type", absl::StrCat("type \"", type, "\" is not supported: PostgreSQL pads its values with blanks, which "
                                            "comparisons pass over; declare varchar(n), text, or a domain, and the owner's "
                                            "char(n) column is read without its padding"));
  }
  if (!parsed.ok()) {
    return entry.Error(
        "type", absl::StrCat("unknown type \"", type,
                             "\"; write boolean, smallint, integer, bigint, numeric(p,s), double precision, real, date, timestamp, timestamptz or text"));
  }
  column.type = *parsed;
  if (column.type.kind == TypeKind::kNumeric && (column.type.precision == 0 || column.type.precision > 18)) {
    return entry.Error("type", "a numeric column needs a precision of at most 18 digits, as numeric(12,2)");
  }
  CARE_RETURN_IF_ERROR(ReadDecimals(entry, column));
  CARE_ASSIGN_OR_RETURN(column.nullable, entry.BooleanOr("nullable", true));
  CARE_ASSIGN_OR_RETURN(column.key_domain, entry.TextOr("key", ""));
  if (!column.key_domain.empty() && column.type.kind != TypeKind::kText && !column.type.IsInteger()) {
    return entry.Error("key", absl::StrCat("a key is text or a whole number, not ", column.ShownType().ToString()));
  }
  if (catalog.FormatOfKey(column.key_domain) == KeyFormat::kBsn && column.type != kTextType) {
    return entry.Error("type", absl::StrCat("a key of format \"bsn\" is text, whatever the owner's database stores; write "
                                            "type = \"text\" instead of ",
                                            column.type.ToString()));
  }
  CARE_ASSIGN_OR_RETURN(column.min, Bound(entry, "min", column.type));
  CARE_ASSIGN_OR_RETURN(column.max, Bound(entry, "max", column.type));
  if (column.min.has_value() != column.max.has_value()) {
    return entry.Error(
        column.min.has_value() ? "min" : "max",
        absl::StrCat("a range needs both ends; write \"", column.min.has_value() ? "max" : "min", "\" too"));
  }
  if (column.min.has_value() && *column.min > *column.max)
    return entry.Error("min", "\"min\" is greater than \"max\"");
  CARE_RETURN_IF_ERROR(NarrowDigits(entry, column));
  CARE_ASSIGN_OR_RETURN(column.domain, entry.Texts("domain"));
  if (entry.Has("domain")) {
    if (column.type.kind != TypeKind::kText) {
      return entry.Error("domain", absl::StrCat("only a text column has a domain, not ",
                                                column.type.ToString(), "; use min and max"));
    }
    if (column.domain.empty()) return entry.Error("domain", "a domain has at least one value");
    if (!column.key_domain.empty()) return entry.Error("domain", "a key column has no domain");
    std::set<std::string> seen;
    for (const std::string& value : column.domain) {
      if (!seen.insert(value).second) {
        return entry.Error("domain", absl::StrCat("\"domain\" holds \"", value, "\" twice"));
      }
    }
  }
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> max_bytes, entry.OptionalCount("max_bytes", 1024));
  if (max_bytes && (column.type.kind != TypeKind::kText || !column.domain.empty())) {
    return entry.Error("max_bytes", "only a text column without a domain has \"max_bytes\"");
  }
  column.max_bytes = static_cast<std::uint32_t>(max_bytes.value_or(0));
  CARE_RETURN_IF_ERROR(ReadUses(entry, about_persons, column));
  CARE_RETURN_IF_ERROR(entry.Finish());
  return column;
}

absl::Status ReadKeys(TomlEntry& entry, CatalogTable& table) {
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> primary, entry.Texts("primary_key"));
  if (entry.Has("primary_key")) {
    CARE_ASSIGN_OR_RETURN(std::vector<int> key, ColumnPositions(entry, "primary_key", primary, table));
    for (int position : key) {
      if (table.columns[position].nullable) {
        return entry.Error("primary_key",
                           absl::StrCat("a primary key is never NULL; write nullable = false for column \"",
                                        table.columns[position].name, "\""));
      }
    }
    table.unique_keys.push_back(std::move(key));
  }
  const toml::node* unique = entry.Node("unique");
  if (unique == nullptr) return absl::OkStatus();
  const auto malformed = [&] {
    return entry.Error("unique",
                       "\"unique\" must be a list of lists of columns, as [[\"a\"], [\"b\", \"c\"]]");
  };
  if (!unique->is_array()) return malformed();
  for (const toml::node& item : *unique->as_array()) {
    if (!item.is_array()) return malformed();
    std::vector<std::string> names;
    for (const toml::node& name : *item.as_array()) {
      if (!name.is_string()) return malformed();
      names.push_back(name.as_string()->get());
    }
    CARE_ASSIGN_OR_RETURN(std::vector<int> key, ColumnPositions(entry, "unique", names, table));
    table.unique_keys.push_back(std::move(key));
  }
  return absl::OkStatus();
}

absl::Status ReadSubject(TomlEntry& entry, CatalogTable& table) {
  CARE_ASSIGN_OR_RETURN(const std::string subject, entry.TextOr("subject", ""));
  if (!table.about_persons) {
    if (subject.empty()) return absl::OkStatus();
    return entry.Error("persons", "a table with a \"subject\" is about persons; remove one of the two");
  }
  if (subject.empty()) {
    const bool all_public = std::all_of(table.columns.begin(), table.columns.end(),
                                        [](const CatalogColumn& column) { return column.rules.is_public; });
    if (all_public) return absl::OkStatus();
    return entry.Error(
        "\"subject\" is missing; write subject = \"<the column that names the person>\" (only a table whose "
        "columns are all public has none, and one with persons = false, whose rows describe nobody)");
  }
  table.subject_column = table.FindColumn(subject);
  if (table.subject_column < 0) {
    return entry.Error(
        "subject", absl::StrCat("\"subject\" names column \"", subject, "\", which the table does not have",
                                SuggestionOf(subject, ColumnNames(table))));
  }
  if (table.columns[table.subject_column].key_domain.empty()) {
    return entry.Error("subject",
                       absl::StrCat("the subject column \"", subject, "\" needs a key domain; write key = \"",
                                    subject, "\" at the column"));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsIdentifier(std::string_view name) {
  if (name.empty() || name.size() > 63 || absl::ascii_isdigit(static_cast<unsigned char>(name[0])))
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '_';
  });
}

absl::StatusOr<CatalogTable> ReadTable(TomlEntry entry, const Catalog& catalog) {
  CatalogTable table;
  CARE_ASSIGN_OR_RETURN(const std::string full_name, entry.Text("name"));
  entry.Rename(absl::StrCat("table ", full_name));
  const std::size_t dot = full_name.find('.');
  if (dot == std::string::npos) {
    return entry.Error("name", "a table's name is <owner>.<table>, as hospital.patients");
  }
  table.schema = full_name.substr(0, dot);
  table.name = full_name.substr(dot + 1);
  if (!IsIdentifier(table.name))
    return entry.Error("name", "a table's name is lower-case letters, digits and _");
  table.owner = catalog.FindParty(table.schema);
  if (table.owner == kNoParty) {
    std::vector<std::string> parties;
    for (const PartyEntry& party : catalog.parties) parties.push_back(party.name);
    return entry.Error("name", absl::StrCat("its owner \"", table.schema, "\" is not a party",
                                            SuggestionOf(table.schema, parties)));
  }
  CARE_ASSIGN_OR_RETURN(table.about_persons, entry.BooleanOr("persons", true));
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> columns, entry.Tables("column"));
  if (columns.empty()) return entry.Error("it has no columns; write [[table.column]] entries below it");
  for (const toml::table* column_table : columns) {
    CARE_ASSIGN_OR_RETURN(
        CatalogColumn column,
        ReadColumn(entry.Child(*column_table, absl::StrCat("column of ", full_name)), full_name, table.about_persons,
                   catalog));
    if (table.FindColumn(column.name) >= 0) {
      return entry.Child(*column_table, absl::StrCat("table ", full_name))
          .Error("name", absl::StrCat("it has two columns named \"", column.name, "\""));
    }
    table.columns.push_back(std::move(column));
  }
  CARE_RETURN_IF_ERROR(ReadSubject(entry, table));
  CARE_RETURN_IF_ERROR(ReadKeys(entry, table));
  CARE_ASSIGN_OR_RETURN(table.row_bound, entry.Count("row_bound", kMostRows));
  CARE_ASSIGN_OR_RETURN(table.max_rows_per_subject,
                        entry.OptionalCount("max_rows_per_subject", table.row_bound));
  CARE_ASSIGN_OR_RETURN(table.subject_bound, entry.OptionalCount("subject_bound", table.row_bound));
  CARE_RETURN_IF_ERROR(ReadMostRows(entry, table));
  entry.Node("reference");  // ReadReferences, once all tables are known
  CARE_RETURN_IF_ERROR(entry.Finish());
  return table;
}

}  // namespace care::planner
