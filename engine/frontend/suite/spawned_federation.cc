#include "engine/frontend/suite/spawned_federation.h"

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/shell/make_keys.h"
#include "engine/frontend/suite/loopback_port.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/toml_entry.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

constexpr auto kStartPatience = std::chrono::seconds(30);
constexpr auto kPollInterval = std::chrono::milliseconds(10);
constexpr std::size_t kLogBytesShown = 2000;
constexpr int kKeyDays = 2;

absl::Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", path));
}

std::string Address(std::uint16_t port) { return absl::StrCat("127.0.0.1:", port); }

std::string TomlText(const toml::table& table) {
  std::ostringstream text;
  text << table << "\n";
  return text.str();
}

fs::path DataFolder(const SpawnOptions& options) {
  std::error_code error;
  return fs::absolute(fs::path(options.federation_path), error).parent_path() / "data";
}

// The [database] and [tables] sections that an owner's file gives, with absolute paths.
absl::StatusOr<std::string> SectionsOf(const fs::path& file, const fs::path& folder) {
  CARE_ASSIGN_OR_RETURN(toml::table sections, planner::ParseToml(ReadTextFile(file.string()), file.string()));
  for (const auto& [key, node] : sections) {
    if (key != "database" && key != "tables") {
      return absl::InvalidArgumentError(absl::StrCat(file.string(), ": \"", std::string(key.str()),
                                                     "\" does not belong here; write [database] and [tables] only"));
    }
  }
  toml::table* database = sections["database"].as_table();
  if (database == nullptr) return absl::InvalidArgumentError(absl::StrCat(file.string(), ": there is no [database]"));
  for (const char* key : {"path", "folder", "password_file"}) {
    toml::value<std::string>* path = (*database)[key].as_string();
    if (path != nullptr) *path = (folder / path->get()).string();
  }
  return TomlText(sections);
}

}  // namespace

std::string SpawnedFederation::FileOf(const std::string& party, const char* extension) const {
  return absl::StrCat(directory_, "/", party, extension);
}

std::string SpawnedFederation::LogOf(const std::string& party) const {
  const std::string log = ReadTextFile(FileOf(party, ".log"));
  return log.size() <= kLogBytesShown ? log : log.substr(log.size() - kLogBytesShown);
}

absl::Status SpawnedFederation::WriteNodeFile(const std::string& party, const SpawnOptions& options) {
  const fs::path data = DataFolder(options);
  std::string sections;
  std::error_code error;
  if (fs::exists(data / (party + ".toml"), error)) {
    CARE_ASSIGN_OR_RETURN(sections, SectionsOf(data / (party + ".toml"), data));
  } else {
    fs::path folder = data / party;
    if (!fs::is_directory(folder, error)) {
      // A party that only computes has no data; its database is an empty folder.
      folder = FileOf(party, ".nothing");
      fs::create_directory(folder, error);
    }
    sections = TomlText(toml::table{
        {"database", toml::table{{"kind", "csv"}, {"folder", folder.string()}}}});
  }
  const toml::table own{{"party", party},
                        {"federation", "federation.toml"},
                        {"listen", Address(ports_.at(party))},
                        {"certificate", party + ".pem"},
                        {"private_key", party + ".key"},
                        {"authority", "authority.pem"},
                        {"data_directory", party + ".state"},
                        {"release", toml::table{{"threshold", static_cast<std::int64_t>(options.threshold)}}}};
  return WriteText(FileOf(party, ".toml"), TomlText(own) + sections);
}

absl::Status SpawnedFederation::WriteFiles(const SpawnOptions& options) {
  // Read as it is first: its errors then name the user's file and line.
  CARE_ASSIGN_OR_RETURN(const planner::Catalog catalog, planner::LoadFederation(options.federation_path));
  for (const planner::PartyEntry& party : catalog.parties) parties_.push_back(party.name);
  asked_ = options.asked.empty() ? catalog.PartyName(catalog.compute_parties[0]) : options.asked;
  if (catalog.FindParty(asked_) == kNoParty) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no party \"", asked_, "\" to ask; the parties are ", absl::StrJoin(parties_, ", ")));
  }
  for (const planner::CatalogTable& table : catalog.tables) {
    const std::string& owner = catalog.PartyName(table.owner);
    const fs::path data = DataFolder(options);
    std::error_code error;
    if (fs::exists(data / (owner + ".toml"), error) || fs::exists(data / owner, error)) continue;
    return absl::NotFoundError(absl::StrCat("there are no data of ", owner, ": neither the folder ",
                                            (data / owner).string(), " nor ", (data / (owner + ".toml")).string()));
  }

  CARE_ASSIGN_OR_RETURN(const std::vector<std::uint16_t> ports, FreeLoopbackPorts(parties_.size()));
  for (std::size_t i = 0; i < parties_.size(); ++i) ports_[parties_[i]] = ports[i];
  CARE_ASSIGN_OR_RETURN(const std::string fingerprint,
                        MakeKeys({.directory = directory_, .parties = parties_, .days = kKeyDays}));
  CARE_ASSIGN_OR_RETURN(toml::table federation,
                        planner::ParseToml(ReadTextFile(options.federation_path), options.federation_path));
  federation.insert_or_assign("authority_sha256", fingerprint);
  toml::array* entries = federation["party"].as_array();
  if (entries == nullptr) return absl::InternalError("a federation without parties");
  for (toml::node& entry : *entries) {
    toml::table* party = entry.as_table();
    if (party == nullptr) continue;
    party->insert_or_assign("address", Address(ports_[(*party)["name"].value_or(std::string())]));
  }
  CARE_RETURN_IF_ERROR(WriteText(directory_ + "/federation.toml", TomlText(federation)));
  for (const std::string& party : parties_) CARE_RETURN_IF_ERROR(WriteNodeFile(party, options));
  return absl::OkStatus();
}

absl::Status SpawnedFederation::StartNode(const std::string& party, const std::string& program) {
  CARE_ASSIGN_OR_RETURN(ChildProcess child,
                        ChildProcess::Start({.arguments = {program, "serve", FileOf(party, ".toml")},
                                             .output_path = FileOf(party, ".log"),
                                             .user = {}}));
  ChildProcess& node = nodes_.insert_or_assign(party, std::move(child)).first->second;
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!node.IsRunning()) {
      return absl::UnavailableError(
          absl::StrCat("the node of ", party, " ended while starting; its log says:\n", LogOf(party)));
    }
    if (StopRequested()) return absl::CancelledError("stopped");
    if (AcceptsOnLoopback(ports_.at(party))) return absl::OkStatus();
    std::this_thread::sleep_for(kPollInterval);
  }
  return absl::DeadlineExceededError(absl::StrCat("the node of ", party, " does not accept connections"));
}

std::string SpawnedFederation::EndedNodes() {
  std::string text;
  for (auto& [party, node] : nodes_) {
    if (node.IsRunning()) continue;
    absl::StrAppend(&text, "the node of ", party, " ended by itself; its log says:\n", LogOf(party));
  }
  return text;
}

absl::StatusOr<std::unique_ptr<SpawnedFederation>> SpawnedFederation::Start(const SpawnOptions& options) {
  std::unique_ptr<SpawnedFederation> federation(new SpawnedFederation);
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "care-suite-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr)
    return absl::UnavailableError("cannot make a temporary directory; TMPDIR says where");
  federation->directory_ = pattern;
  CARE_RETURN_IF_ERROR(federation->WriteFiles(options));
  for (const std::string& party : federation->parties_) {
    CARE_RETURN_IF_ERROR(federation->StartNode(party, options.program));
  }
  return federation;
}

SpawnedFederation::~SpawnedFederation() {
  nodes_.clear();
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

}  // namespace care::engine
