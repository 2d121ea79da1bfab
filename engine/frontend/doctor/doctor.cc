#include "engine/frontend/doctor/doctor.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/frontend/doctor/join_check.h"
#include "engine/frontend/doctor/network_checks.h"
#include "engine/frontend/doctor/own_checks.h"
#include "engine/session/version_files.h"
#include "planner/logical/binder.h"

namespace care::engine {

DoctorReport RunDoctor(const DoctorOptions& options) {
  DoctorReport report;
  const absl::StatusOr<planner::NodeConfig> config = planner::LoadNodeConfig(options.node_path);
  if (!config.ok()) {
    report.Fail("files", config.status(),
                "correct the node file; `care init` writes one with every key explained");
    return report;
  }
  if (const absl::Status known = planner::CheckPathsAreKnown(*config); !known.ok()) {
    report.Fail(
        "files", known,
        absl::StrCat("to check a node that systemd runs: CREDENTIALS_DIRECTORY=",
                     std::filesystem::absolute(options.node_path).parent_path().string(),
                     " STATE_DIRECTORY=/var/lib/care/", config->party,
                     " care doctor --node ", options.node_path));
    return report;
  }
  CheckFiles(*config, options.node_path, report);
  const absl::StatusOr<planner::Catalog> catalog = LoadFederationInForce(*config, absl::ToUnixSeconds(absl::Now()));
  if (!catalog.ok()) {
    report.Fail("federation", catalog.status(),
                absl::IsUnavailable(catalog.status()) || absl::IsResourceExhausted(catalog.status())
                    ? "see to the data directory: its space, and who may write it"
                    : "get the federation file that all parties agreed on");
    return report;
  }
  report.Ok("federation",
            absl::StrCat(catalog->name, " version ", catalog->version, ", digest ", catalog->digest));
  for (const planner::CatalogView& view : catalog->views) {
    const absl::Status meaning = planner::DescribeView(view, *catalog).status();
    if (meaning.ok()) continue;
    report.Fail("federation", absl::StrCat("view ", view.name, " cannot be asked: ", std::string(meaning.message())),
                "correct its sql in the federation file, with all parties");
  }
  const PartyId self = catalog->FindParty(config->party);
  if (self == kNoParty) {
    report.Fail("federation", absl::StrCat("the federation file has no party \"", config->party, "\""),
                "correct \"party\" in the node file");
    return report;
  }
  CheckCertificates(*config, *catalog, report);
  CheckDataDirectory(*config, report);
  CheckOwnDatabase(*config, *catalog, report);
  if (options.data) CheckOwnRows(*config, *catalog, report);
  CheckNetwork(*config, *catalog, options.program_version, report);
  if (!options.join_left.empty()) {
    CheckJoin({options.node_path, options.join_left, options.join_right, options.certificate_path,
               options.private_key_path},
              *catalog, report);
  }
  return report;
}

}  // namespace care::engine
