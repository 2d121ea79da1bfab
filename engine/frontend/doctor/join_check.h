// engine/frontend/doctor/join_check.h
//
// `care doctor --join A B`: how many of the persons of one table are found in another party's, so that two
// ways of writing a key are not taken for suppression. It is a query like any other: the analyst asks his own
// node, all parties agree, the gate decides, the ledgers keep it. Two counts are opened, of all persons of A
// and of those found in B; what is shown is their ratio in steps of five percent, and what was disclosed is
// said.
#pragma once

#include <string>

#include "engine/frontend/doctor/report.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

struct JoinCheck {
  std::string node_path;
  std::string left;              // "hospital.patients.bsn"
  std::string right;             // "insurer.claims.bsn"
  std::string certificate_path;  // the analyst's; empty: beside the node's
  std::string private_key_path;
};

void CheckJoin(const JoinCheck& join, const planner::Catalog& catalog, DoctorReport& report);

}  // namespace care::engine
