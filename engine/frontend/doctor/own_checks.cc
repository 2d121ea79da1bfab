#include "engine/frontend/doctor/own_checks.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "connectors/check_data.h"
#include "engine/session/federated_engine.h"
#include "engine/session/ledger.h"
#include "engine/session/node.h"
#include "mpc/net/certificate_facts.h"
#include "planner/catalog/check_mapping.h"

namespace care::engine {
namespace {

constexpr int kRenewWithinDays = 30;
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kLeastFree = 100 * kMegabyte;
constexpr std::uint64_t kGoodFree = 1'000 * kMegabyte;

void CheckReadable(const std::string& what, const std::string& path, DoctorReport& report) {
  if (access(path.c_str(), R_OK) == 0)
    return report.Ok("files", absl::StrCat(what, " ", path, " can be read"));
  report.Fail("files", absl::StrCat(what, " ", path, " cannot be read: ", std::strerror(errno)),
              "correct the path in the node file, or who may read it");
}

void CheckSecret(const std::string& what, const std::string& path, DoctorReport& report) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || access(path.c_str(), R_OK) != 0) {
    return report.Fail("files", absl::StrCat(what, " ", path, " cannot be read: ", std::strerror(errno)),
                       "run this as the user that the node runs as, or correct the path in the node file");
  }
  if ((status.st_mode & (S_IRWXO)) != 0) {
    return report.Fail("files",
                       absl::StrCat(what, " ", path, " can be reached by every user of this machine"),
                       absl::StrCat("chmod 600 ", path));
  }
  if ((status.st_mode & S_IRWXG) != 0) {
    return report.Warn("files", absl::StrCat(what, " ", path, " can be reached by its whole group"),
                       absl::StrCat("chmod 600 ", path, ", unless the group is the node's own"));
  }
  report.Ok("files", absl::StrCat(what, " ", path, " is its owner's alone"));
}

void CheckCertificate(const std::string& who, const std::string& expected_name, const std::string& path,
                      const planner::NodeConfig& config, DoctorReport& report) {
  const auto facts = mpc::ReadCertificateFacts(path, config.authority_path);
  if (!facts.ok())
    return report.Fail("certificate", facts.status(), "have the federation's authority issue one");
  const std::string label = absl::StrCat("the ", who, "'s certificate ", path);
  if (facts->name != expected_name) {
    return report.Fail("certificate",
                       absl::StrCat(label, " is of \"", facts->name, "\", not of \"", expected_name, "\""),
                       "use the certificate that was issued for this party");
  }
  if (!facts->signed_by_authority) {
    return report.Fail("certificate", absl::StrCat(label, " is not signed by ", config.authority_path),
                       "have this federation's authority issue it");
  }
  if (!facts->has_begun) {
    return report.Fail("certificate", absl::StrCat(label, " is not valid before ", facts->not_before),
                       "set this machine's clock, or wait");
  }
  if (facts->days_left < 0) {
    return report.Fail("certificate", absl::StrCat(label, " expired on ", facts->not_after),
                       "have the federation's authority renew it");
  }
  if (facts->days_left < kRenewWithinDays) {
    return report.Warn(
        "certificate",
        absl::StrCat(label, " expires on ", facts->not_after, ", in ", facts->days_left, " days"),
        "have the federation's authority renew it");
  }
  report.Ok("certificate", absl::StrCat(label, " is of \"", facts->name,
                                        "\", signed by the authority, valid until ", facts->not_after));
}

// The node makes its data directory with all folders above it; what counts is whether it may do so.
std::string NearestThatExists(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  while (!folder.empty() && folder != folder.root_path() && !std::filesystem::exists(folder, error)) {
    folder = folder.parent_path();
  }
  return folder.empty() ? "." : folder.string();
}

void CheckKey(const std::string& who, const std::string& certificate, const std::string& key,
              DoctorReport& report) {
  const absl::Status matches = mpc::CheckKeyMatches(certificate, key);
  if (matches.ok())
    return report.Ok("certificate", absl::StrCat("the ", who, "'s private key belongs to its certificate"));
  report.Fail("certificate", matches, "put the key that the certificate was issued for in its place");
}

}  // namespace

void CheckFiles(const planner::NodeConfig& config, const std::string& node_path, DoctorReport& report) {
  report.Ok("files", absl::StrCat("the node file ", node_path, " is understood"));
  CheckReadable("the certificate", config.certificate_path, report);
  CheckReadable("the authority's certificate", config.authority_path, report);
  CheckSecret("the private key", config.private_key_path, report);
  if (!config.database_password_file.empty()) {
    CheckSecret("the database's password file", config.database_password_file, report);
  }
  if (!config.proxy_credentials_path.empty()) {
    CheckSecret("the file of the proxy's user and password", config.proxy_credentials_path, report);
  }
  if (!config.sql.has_value()) return;
  if (access(config.sql->users_path.c_str(), F_OK) != 0) {
    return report.Warn("files", absl::StrCat("there is no users file ", config.sql->users_path, ": nobody can log in by SQL"),
                       "care user add NAME makes it");
  }
  CheckSecret("the users file", config.sql->users_path, report);
}

void CheckCertificates(const planner::NodeConfig& config, const planner::Catalog& catalog,
                       DoctorReport& report) {
  const auto authority = mpc::ReadCertificateFacts(config.authority_path, "");
  if (!authority.ok()) {
    report.Fail("certificate", authority.status(), "get the authority's certificate from whoever runs it");
  } else if (authority->fingerprint != catalog.authority_sha256) {
    report.Fail(
        "certificate",
        absl::StrCat("the authority ", config.authority_path, " has fingerprint ", authority->fingerprint,
                     ", but the federation file pins ", catalog.authority_sha256),
        "use the federation's authority, or have all parties agree on a new federation file");
  } else if (authority->days_left < 0) {
    report.Fail("certificate", absl::StrCat("the authority's certificate expired on ", authority->not_after),
                "all parties need a new authority and a new federation file");
  } else {
    report.Ok("certificate",
              absl::StrCat("the authority is the one that the federation file pins, valid until ",
                           authority->not_after));
  }
  CheckCertificate("node", config.party, config.certificate_path, config, report);
  CheckKey("node", config.certificate_path, config.private_key_path, report);

  const std::filesystem::path folder = std::filesystem::path(config.certificate_path).parent_path();
  const std::string analyst = (folder / absl::StrCat("analyst.", config.party, ".pem")).string();
  const std::string analyst_key = (folder / absl::StrCat("analyst.", config.party, ".key")).string();
  std::error_code error;
  if (!std::filesystem::exists(analyst, error)) {
    return report.Ok("certificate",
                     absl::StrCat("there is no analyst's certificate beside the node's; analysts name "
                                  "theirs with --certificate"));
  }
  CheckCertificate("analyst", AnalystName(config.party), analyst, config, report);
  if (access(analyst_key.c_str(), R_OK) == 0) CheckKey("analyst", analyst, analyst_key, report);
}

void CheckDataDirectory(const planner::NodeConfig& config, DoctorReport& report) {
  const std::string& path = config.data_directory;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    const int reason = errno;
    if (reason == ENOENT && access(NearestThatExists(path).c_str(), W_OK) == 0) {
      return report.Ok("data",
                       absl::StrCat("the data directory ", path, " does not exist yet; the node makes it"));
    }
    return report.Fail("data",
                       absl::StrCat("the data directory ", path, " cannot be used: ", std::strerror(reason)),
                       "make it, writable for the node's user");
  }
  if (access(path.c_str(), W_OK | X_OK) != 0) {
    report.Fail("data",
                absl::StrCat("the data directory ", path, " cannot be written: ", std::strerror(errno)),
                "make it writable for the node's user, and run this as that user");
  } else if ((status.st_mode & S_IRWXO) != 0) {
    report.Warn("data",
                absl::StrCat("the data directory ", path,
                             " is open to every user of this machine; the ledger in "
                             "it holds every query"),
                absl::StrCat("chmod 700 ", path));
  } else {
    report.Ok("data", absl::StrCat("the data directory ", path, " is there"));
  }
  struct statvfs space {};
  if (statvfs(path.c_str(), &space) == 0) {
    const std::uint64_t free = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    const std::string text = absl::StrCat(free / kMegabyte, " MB are free there");
    if (free < kLeastFree) {
      report.Fail("data", text, "free space: without a ledger entry nothing is released");
    } else if (free < kGoodFree) {
      report.Warn("data", text, "free space before the ledger needs it");
    } else {
      report.Ok("data", text);
    }
  }
  const auto ledger = Ledger::OpenToRead(path);
  if (absl::IsNotFound(ledger.status()))
    return report.Ok("ledger", "there is none yet; the first node start makes it");
  if (!ledger.ok())
    return report.Fail("ledger", ledger.status(), "run this as the user that the node runs as");
  const absl::Status verified = (*ledger)->Verify();
  if (!verified.ok()) {
    return report.Fail(
        "ledger", verified,
        "compare with the other parties' ledgers, which hold the same sessions, and with your backup");
  }
  report.Ok("ledger", absl::StrCat((*ledger)->Size().value_or(0), " entries, and each fits the one before"));
}

void CheckOwnDatabase(const planner::NodeConfig& config, const planner::Catalog& catalog,
                      DoctorReport& report) {
  if (const absl::Status mappings = planner::CheckMappings(config, catalog); !mappings.ok()) {
    report.Fail("database", mappings, "correct [tables] in the node file; the node does not start so");
  }
  const auto checks = CheckTables(catalog, config);
  if (!checks.ok()) {
    return report.Fail("database", checks.status(),
                       "correct [database] in the node file, or start the database");
  }
  report.Ok("database", absl::StrCat("the ", config.database_kind, " database can be reached"));
  for (const TableCheck& check : *checks) {
    if (check.status.ok()) {
      report.Ok("database", absl::StrCat(check.table, " is there with all its columns"));
    } else {
      report.Fail("database", check.status,
                  absl::StrCat("correct the mapping of ", check.table, " in the node file"));
    }
  }
}

void CheckOwnRows(const planner::NodeConfig& config, const planner::Catalog& catalog, DoctorReport& report) {
  const auto tables = connectors::CheckData(catalog, catalog.FindParty(config.party), config);
  if (!tables.ok()) return report.Fail("data", tables.status(), "see the database's findings");
  for (const connectors::TableReport& table : *tables) {
    if (!table.status.ok()) {
      report.Fail("data", table.status,
                  "correct the rows or the mapping, or say in the node file what is done about such rows: "
                  "docs/data-quality.md");
    }
    const std::string line = connectors::ReportLine(table);
    if (connectors::HasFindings(table.report)) {
      report.Warn("data", line, "rows are corrected or left out as the node file says; docs/data-quality.md");
    } else if (table.status.ok()) {
      report.Ok("data", line);
    }
  }
}

}  // namespace care::engine
