// engine/frontend/doctor/doctor.h
//
// `care doctor`: everything that must be right before a query can be, checked one by one, so that an
// administrator reads what to change instead of guessing from a refused query.
#pragma once

#include <string>

#include "engine/frontend/doctor/report.h"

namespace care::engine {

struct DoctorOptions {
  std::string node_path;
  std::string program_version;
  bool data = false;                  // read all own rows, too
  std::string join_left, join_right;  // key columns to compare through a query; empty: none
  std::string certificate_path;       // the analyst's, for that query; empty: beside the node's
  std::string private_key_path;
};

// A node file or federation file that cannot be understood is a failure of the report, too: nothing else is
// checked then.
DoctorReport RunDoctor(const DoctorOptions& options);

}  // namespace care::engine
