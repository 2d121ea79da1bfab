#include "engine/frontend/demo/federation_directory.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "engine/frontend/demo/keys.h"
#include "engine/frontend/demo/progress_bar.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

absl::Status WriteTextFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

std::string Address(std::uint16_t port) { return absl::StrCat("127.0.0.1:", port); }

}  // namespace

absl::StatusOr<FederationDirectory> FederationDirectory::Prepare(const DemoOptions& options, bool csv) {
  FederationDirectory directory;
  directory.port_ = options.port;
  const std::string sizes = absl::StrCat("data-", options.patients, "-", options.insured, "-", options.claims,
                                         "-", options.persons, "-seed", options.seed);
  std::error_code error;
  fs::create_directories(fs::path(options.directory) / sizes, error);
  directory.path_ = fs::absolute(fs::path(options.directory) / sizes, error).string();
  if (error) return absl::UnavailableError(absl::StrCat("cannot make the directory ", options.directory));

  CARE_ASSIGN_OR_RETURN(const std::string fingerprint, EnsureKeys(options.program, directory.path_));
  CoachingDataOptions data;
  data.directory = directory.path_;
  data.patients = options.patients;
  data.insured = options.insured;
  data.claims = options.claims;
  data.persons = options.persons;
  data.seed = options.seed;
  data.authority_sha256 = fingerprint;
  data.csv = csv;
  for (std::size_t party = 0; party < kDemoParties.size(); ++party) {
    data.addresses[party] = Address(directory.PortOf(kDemoParties[party]));
  }

  // The stamp is written last; it holds what would change if tables did, so that old data are not taken for
  // new.
  const std::string stamp_path = directory.path_ + (csv ? "/complete-with-csv" : "/complete");
  std::string stamp = CoachingPostgresDdl() + std::to_string(kCoachingDataVersion);
  for (const char* party : kDemoParties) stamp += CoachingNodeTables(party);
  if (ReadTextFile(stamp_path) != stamp) {
    fs::remove(directory.path_ + "/complete", error);
    fs::remove(directory.path_ + "/complete-with-csv", error);
    ProgressBar bar("Generating data");
    CARE_RETURN_IF_ERROR(
        GenerateCoachingData(data, [&bar](std::string_view table, std::uint64_t done, std::uint64_t total) {
          bar.Show(total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total), table);
        }));
    bar.Finish();
    CARE_RETURN_IF_ERROR(WriteTextFile(directory.path_ + "/complete", stamp));
    if (csv) CARE_RETURN_IF_ERROR(WriteTextFile(stamp_path, stamp));
  }
  CARE_RETURN_IF_ERROR(WriteTextFile(directory.FederationFile(), CoachingFederation(data)));
  return directory;
}

absl::Status FederationDirectory::WriteNodeFiles(const NodeSettings& settings) const {
  for (const std::string party : kDemoParties) {
    const std::string state = StateDirectory(party, settings.purpose);
    std::error_code error;
    fs::create_directories(state, error);
    if (error) return absl::UnavailableError(absl::StrCat("cannot make the directory ", state));
    std::string text = absl::StrCat("# What is ", party, "'s own: it never leaves this node.\n", "party = \"",
                                    party, "\"\n", "federation = \"federation.toml\"\n", "listen = \"",
                                    Address(PortOf(party)), "\"\n", "certificate = \"", party, ".pem\"\n",
                                    "private_key = \"", party, ".key\"\n", "authority = \"authority.pem\"\n",
                                    "data_directory = \"", fs::path(state).filename().string(), "\"\n");
    if (settings.record_traffic_of == party) absl::StrAppend(&text, "record_traffic = true\n");
    absl::StrAppend(&text, "\n[release]\nthreshold = ", settings.threshold, "\n\n",
                    "[sql]\nlisten = \"", Address(SqlPortOf(party)), "\"\nusers = \"", party, ".users.toml\"\n\n",
                    CoachingNodeTables(party));
    CARE_RETURN_IF_ERROR(WriteTextFile(NodeFile(party, settings.purpose), text));
  }
  return absl::OkStatus();
}

std::string FederationDirectory::NodeFile(const std::string& party, const std::string& purpose) const {
  return absl::StrCat(path_, "/", party, purpose.empty() ? "" : ".", purpose, ".toml");
}

std::string FederationDirectory::StateDirectory(const std::string& party, const std::string& purpose) const {
  return absl::StrCat(path_, "/", party, purpose.empty() ? "" : ".", purpose, ".state");
}

std::uint16_t FederationDirectory::PortOf(const std::string& party) const {
  for (std::size_t index = 0; index < kDemoParties.size(); ++index) {
    if (party == kDemoParties[index]) return static_cast<std::uint16_t>(port_ + index);
  }
  return 0;
}

std::uint16_t FederationDirectory::SqlPortOf(const std::string& party) const {
  return static_cast<std::uint16_t>(PortOf(party) + kDemoParties.size());
}

}  // namespace care::engine
