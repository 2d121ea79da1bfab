#include <algorithm>
#include <set>
#include <utility>

#include <openssl/sha.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/types/read_file.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/federation_relations.h"
#include "planner/catalog/federation_table.h"
#include "planner/catalog/file_text.h"
#include "planner/catalog/toml_entry.h"

namespace care::planner {
namespace {

constexpr std::uint64_t kMostParties = 64;
constexpr std::uint64_t kMostMegabits = 100'000'000;
constexpr std::uint64_t kMostMicroseconds = 60'000'000;
// What a federation that says nothing of its links is planned for.
constexpr LinkClass kDefaultLan{8'000, 50};
constexpr LinkClass kDefaultWan{100, 50'000};
constexpr std::uint64_t kMostMegabytes = 1 << 20;
constexpr std::uint64_t kMostJointPartitions = 64;
constexpr std::uint64_t kMostJointLanes = 16;

std::string Sha256Hex(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

bool IsFederationName(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

absl::Status ReadParties(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> parties, file.Tables("party"));
  if (parties.empty()) return file.Error("there are no parties; write a [[party]] entry for each");
  if (parties.size() > kMostParties) return file.Error(absl::StrCat("more than ", kMostParties, " parties"));
  for (const toml::table* table : parties) {
    TomlEntry entry = file.Child(*table, "party");
    PartyEntry party;
    CARE_ASSIGN_OR_RETURN(party.name, entry.Text("name"));
    entry.Rename(absl::StrCat("party ", party.name));
    if (!IsIdentifier(party.name)) {
      return entry.Error(
          "name", "a party's name is lower-case letters, digits and _: it is the schema of its tables");
    }
    if (catalog.FindParty(party.name) != kNoParty) {
      return entry.Error("name", absl::StrCat("there are two parties named \"", party.name, "\""));
    }
    CARE_ASSIGN_OR_RETURN(const std::string reach, entry.TextOr("reach", "both"));
    if (reach != "both" && reach != "outbound") {
      return entry.Error("reach", absl::StrCat("unknown reach \"", reach,
                                               "\"; write \"outbound\" for a party whose firewall lets nobody "
                                               "in, else nothing"));
    }
    party.outbound = reach == "outbound";
    CARE_ASSIGN_OR_RETURN(party.address, party.outbound ? entry.TextOr("address", "") : entry.Text("address"));
    if (!party.address.empty() && party.address.find(':') == std::string::npos) {
      return entry.Error("address", "an address is host:port, as 127.0.0.1:7401");
    }
    // Of any two parties one dials the other.
    for (const PartyEntry& other : catalog.parties) {
      if (party.outbound && other.outbound) {
        return entry.Error("reach", absl::StrCat(other.name, " and ", party.name,
                                                 " are both reach = \"outbound\", so neither can dial the other; "
                                                 "one of the two must be reachable: give it an address, and have "
                                                 "its firewall let the other in"));
      }
    }
    CARE_RETURN_IF_ERROR(entry.Finish());
    catalog.parties.push_back(std::move(party));
  }
  return absl::OkStatus();
}

absl::Status ReadComputeParties(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file.Texts("compute"));
  const std::string remedy = "write the three parties that compute, as compute = [\"a\", \"b\", \"c\"]";
  if (names.size() != catalog.compute_parties.size()) {
    return file.Error("compute", absl::StrCat("\"compute\" has ", names.size(), " parties; ", remedy));
  }
  for (std::size_t role = 0; role < names.size(); ++role) {
    const PartyId party = catalog.FindParty(names[role]);
    if (party == kNoParty) {
      return file.Error("compute",
                        absl::StrCat("\"compute\" names \"", names[role], "\", which is not a party"));
    }
    if (std::find(catalog.compute_parties.begin(), catalog.compute_parties.begin() + role, party) !=
        catalog.compute_parties.begin() + role) {
      return file.Error("compute", absl::StrCat("\"compute\" names \"", names[role], "\" twice; ", remedy));
    }
    catalog.compute_parties[role] = party;
  }
  return absl::OkStatus();
}

absl::Status ReadLinks(TomlEntry& file, Catalog& catalog) {
  catalog.links = {{"lan", kDefaultLan}, {"wan", kDefaultWan}};
  CARE_ASSIGN_OR_RETURN(const toml::table* links, file.OptionalTable("link"));
  if (links == nullptr) return absl::OkStatus();
  TomlEntry entry = file.Child(*links, "link");
  for (const auto& [key, node] : *links) {
    const std::string name(key.str());
    CARE_ASSIGN_OR_RETURN(const toml::table* table, entry.OptionalTable(name));
    TomlEntry link_entry = file.Child(*table, absl::StrCat("link ", name));
    LinkClass link;
    CARE_ASSIGN_OR_RETURN(link.megabit_per_second, link_entry.Count("megabit_per_second", kMostMegabits));
    CARE_ASSIGN_OR_RETURN(link.round_trip_us, link_entry.Count("round_trip_us", kMostMicroseconds));
    CARE_RETURN_IF_ERROR(link_entry.Finish());
    catalog.links[name] = link;
  }
  return absl::OkStatus();
}

absl::Status ReadJoint(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const toml::table* table, file.OptionalTable("joint"));
  if (table == nullptr) return absl::OkStatus();
  TomlEntry entry = file.Child(*table, "joint");
  if (entry.Node("memory_megabytes") != nullptr) {
    CARE_ASSIGN_OR_RETURN(const std::uint64_t megabytes, entry.Count("memory_megabytes", kMostMegabytes));
    catalog.joint_memory_bytes = megabytes << 20;
  }
  if (entry.Node("partitions") != nullptr) {
    CARE_ASSIGN_OR_RETURN(const std::uint64_t partitions, entry.Count("partitions", kMostJointPartitions));
    catalog.joint_partitions = static_cast<std::uint32_t>(partitions);
  }
  if (entry.Node("lanes") != nullptr) {
    CARE_ASSIGN_OR_RETURN(const std::uint64_t lanes, entry.Count("lanes", kMostJointLanes));
    catalog.joint_lanes = static_cast<std::uint32_t>(lanes);
  }
  return entry.Finish();
}

// A name of the IANA database, the same at every party: not a path, and not what a machine calls its own.
absl::Status ReadTimeZone(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(catalog.time_zone, file.TextOr("time_zone", "UTC"));
  const std::string& name = catalog.time_zone;
  const bool is_name = !name.empty() && absl::ascii_isupper(static_cast<unsigned char>(name[0])) &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' ||
                                c == '-' || c == '+';
                       });
  absl::TimeZone zone;
  if (is_name && absl::LoadTimeZone(name, &zone)) return absl::OkStatus();
  return file.Error("time_zone", absl::StrCat("the time zone \"", name,
                                              "\" is not known here; write a name of the IANA database, as time_zone = "
                                              "\"Europe/Amsterdam\", and see that the package tzdata is installed"));
}

absl::Status ReadKeys(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> keys, file.Tables("key"));
  for (const toml::table* table : keys) {
    TomlEntry entry = file.Child(*table, "key");
    CatalogKey key;
    CARE_ASSIGN_OR_RETURN(key.name, entry.Text("name"));
    entry.Rename(absl::StrCat("key ", key.name));
    const auto same_name = [&](const CatalogKey& other) { return other.name == key.name; };
    if (std::any_of(catalog.keys.begin(), catalog.keys.end(), same_name)) {
      return entry.Error("name", "there are two keys of this name");
    }
    CARE_ASSIGN_OR_RETURN(const std::string format, entry.TextOr("format", "plain"));
    if (format != "plain" && format != "bsn") {
      return entry.Error("format", absl::StrCat("unknown format \"", format, "\"; write \"plain\" or \"bsn\""));
    }
    key.format = format == "bsn" ? KeyFormat::kBsn : KeyFormat::kPlain;
    CARE_RETURN_IF_ERROR(entry.Finish());
    catalog.keys.push_back(std::move(key));
  }
  return absl::OkStatus();
}

// A format that no column has is a misspelt name: the data would go unformatted.
absl::Status CheckKeysAreUsed(TomlEntry& file, const Catalog& catalog) {
  std::vector<std::string> used;
  for (const CatalogTable& table : catalog.tables) {
    for (const CatalogColumn& column : table.columns) {
      if (!column.key_domain.empty()) used.push_back(column.key_domain);
    }
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> keys, file.Tables("key"));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& name = catalog.keys[i].name;
    if (std::find(used.begin(), used.end(), name) != used.end()) continue;
    const std::string nearest = sql::NearestName(name, used);
    return file.Child(*keys[i], absl::StrCat("key ", name))
        .Error("name", absl::StrCat("no column has key = \"", name, "\"",
                                    nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
  }
  return absl::OkStatus();
}

absl::Status ReadTables(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> tables, file.Tables("table"));
  if (tables.empty()) return file.Error("there are no tables; write [[table]] entries");
  for (const toml::table* toml_table : tables) {
    CARE_ASSIGN_OR_RETURN(CatalogTable table, ReadTable(file.Child(*toml_table, "table"), catalog));
    if (catalog.FindTable(table.schema, table.name) != nullptr) {
      return file.Child(*toml_table, absl::StrCat("table ", table.FullName()))
          .Error("name", "there are two tables of this name");
    }
    catalog.tables.push_back(std::move(table));
  }
  return absl::OkStatus();
}

absl::Status ReadViews(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> views, file.Tables("view"));
  for (const toml::table* table : views) {
    TomlEntry entry = file.Child(*table, "view");
    CatalogView view;
    CARE_ASSIGN_OR_RETURN(view.name, entry.Text("name"));
    entry.Rename(absl::StrCat("view ", view.name));
    if (!IsIdentifier(view.name))
      return entry.Error("name", "a view's name is lower-case letters, digits and _");
    if (catalog.FindView(view.name) != nullptr)
      return entry.Error("name", "there are two views of this name");
    for (const CatalogTable& other : catalog.tables) {
      if (other.name == view.name) {
        return entry.Error(
            "name", absl::StrCat("a table has this name too (", other.FullName(), "); choose another"));
      }
    }
    CARE_ASSIGN_OR_RETURN(view.sql, entry.Text("sql"));
    CARE_RETURN_IF_ERROR(entry.Finish());
    catalog.views.push_back(std::move(view));
  }
  return absl::OkStatus();
}

// Each part has the columns of the first: names, types and keys, in order.
bool SameColumns(const CatalogTable& a, const CatalogTable& b) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [](const CatalogColumn& x, const CatalogColumn& y) {
                      return x.name == y.name && x.type == y.type && x.key_domain == y.key_domain;
                    });
}

absl::Status ReadPartitioned(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> entries, file.Tables("partitioned"));
  for (const toml::table* table : entries) {
    TomlEntry entry = file.Child(*table, "partitioned");
    CatalogPartitioned partitioned;
    CARE_ASSIGN_OR_RETURN(partitioned.name, entry.Text("name"));
    entry.Rename(absl::StrCat("partitioned ", partitioned.name));
    if (!IsIdentifier(partitioned.name)) {
      return entry.Error("name", "a partitioned table's name is lower-case letters, digits and _");
    }
    bool taken = catalog.FindView(partitioned.name) != nullptr;
    for (const CatalogPartitioned& other : catalog.partitioned) taken = taken || other.name == partitioned.name;
    CARE_ASSIGN_OR_RETURN(const std::vector<std::string> names, entry.Texts("tables"));
    // Its own parts may bear its name: without an owner that means the whole.
    for (const CatalogTable& other : catalog.tables) {
      taken = taken || (other.name == partitioned.name &&
                        std::find(names.begin(), names.end(), other.FullName()) == names.end());
    }
    if (taken) return entry.Error("name", "a table, view or partitioned table has this name too; choose another");
    for (const std::string& name : names) {
      int found = -1;
      for (std::size_t i = 0; i < catalog.tables.size(); ++i) {
        if (catalog.tables[i].FullName() == name) found = static_cast<int>(i);
      }
      if (found < 0) return entry.Error("tables", absl::StrCat("there is no table \"", name, "\""));
      if (std::find(partitioned.tables.begin(), partitioned.tables.end(), found) != partitioned.tables.end()) {
        return entry.Error("tables", absl::StrCat("\"", name, "\" is named twice"));
      }
      if (!partitioned.tables.empty() &&
          !SameColumns(catalog.tables[static_cast<std::size_t>(partitioned.tables[0])], catalog.tables[static_cast<std::size_t>(found)])) {
        return entry.Error("tables", absl::StrCat("\"", name, "\" does not have the columns of \"", names[0],
                                                  "\": names, types and keys must be the same, in order"));
      }
      partitioned.tables.push_back(found);
    }
    if (partitioned.tables.size() < 2) return entry.Error("tables", "a partitioned table has two tables or more");
    CARE_RETURN_IF_ERROR(entry.Finish());
    catalog.partitioned.push_back(std::move(partitioned));
  }
  return absl::OkStatus();
}

absl::StatusOr<Catalog> ReadFederation(std::string_view text, const std::string& name) {
  CARE_ASSIGN_OR_RETURN(const toml::table root, ParseToml(text, name));
  TomlEntry file(root, name, "");
  Catalog catalog;
  catalog.digest = Sha256Hex(text);
  CARE_ASSIGN_OR_RETURN(catalog.name, file.Text("name"));
  if (!IsFederationName(catalog.name))
    return file.Error("name", "a federation's name is letters, digits, - and _");
  CARE_ASSIGN_OR_RETURN(const std::uint64_t version, file.Count("version", UINT32_MAX));
  catalog.version = static_cast<std::uint32_t>(version);
  CARE_ASSIGN_OR_RETURN(const std::string authority, file.Text("authority_sha256"));
  for (char c : authority) {
    if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      catalog.authority_sha256.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (c != ':') {
      catalog.authority_sha256.clear();
      break;
    }
  }
  if (catalog.authority_sha256.size() != 2 * SHA256_DIGEST_LENGTH) {
    return file.Error("authority_sha256",
                      "\"authority_sha256\" must be 64 hexadecimal digits: the SHA-256 fingerprint of the "
                      "authority's certificate");
  }
  CARE_RETURN_IF_ERROR(ReadParties(file, catalog));
  CARE_RETURN_IF_ERROR(ReadComputeParties(file, catalog));
  CARE_RETURN_IF_ERROR(ReadLinks(file, catalog));
  CARE_RETURN_IF_ERROR(ReadJoint(file, catalog));
  CARE_RETURN_IF_ERROR(ReadTimeZone(file, catalog));
  CARE_RETURN_IF_ERROR(ReadKeys(file, catalog));
  CARE_RETURN_IF_ERROR(ReadTables(file, catalog));
  CARE_RETURN_IF_ERROR(ReadReferences(file, catalog));
  CARE_RETURN_IF_ERROR(CheckKeysAreUsed(file, catalog));
  CARE_RETURN_IF_ERROR(ReadViews(file, catalog));
  CARE_RETURN_IF_ERROR(ReadPartitioned(file, catalog));
  CARE_RETURN_IF_ERROR(file.Finish());
  return catalog;
}

}  // namespace

absl::StatusOr<Catalog> ParseFederation(std::string_view toml_text) {
  return ReadFederation(toml_text, "federation.toml");
}

absl::StatusOr<Catalog> ParseFederationFile(std::string_view text, const std::string& name) {
  return ReadFederation(text, name);
}

absl::StatusOr<Catalog> LoadFederation(const std::string& path) {
  CARE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, "the federation file"));
  return ReadFederation(text, path);
}

}  // namespace care::planner
