// engine/frontend/demo/federation_directory.h
//
// The files of the demonstration's federation: an authority and certificates, the three databases, the
// federation file, and node files. Data depend on sizes and seed alone and are made once; the rest is cheap.
//
//   <directory>/data-<sizes>-seed<seed>/   the databases, keys, federation.toml, and by purpose:
//     <party>.toml                         the node that questions are asked of (threshold 10)
//     <party>.<purpose>.toml               another node file, for a proof
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "engine/frontend/demo/demo.h"

namespace care::engine {

inline constexpr std::array<const char*, 3> kDemoParties = {"hospital", "insurer", "bureau"};
inline constexpr std::uint32_t kDemoThreshold = 10;

struct NodeSettings {
  std::string purpose;  // part of the file names; empty: the usual node
  std::uint32_t threshold = kDemoThreshold;
  std::string record_traffic_of;  // the party whose node keeps what it receives
};

class FederationDirectory {
 public:
  // Makes whatever is missing. `csv`: PostgreSQL's copy of the data is needed too.
  static absl::StatusOr<FederationDirectory> Prepare(const DemoOptions& options, bool csv);

  // Writes the three node files and makes their state directories.
  absl::Status WriteNodeFiles(const NodeSettings& settings) const;

  const std::string& path() const { return path_; }
  std::string NodeFile(const std::string& party, const std::string& purpose) const;
  std::string StateDirectory(const std::string& party, const std::string& purpose) const;
  std::string LogFile(const std::string& party) const { return path_ + "/" + party + ".log"; }
  std::string FederationFile() const { return path_ + "/federation.toml"; }
  std::uint16_t PortOf(const std::string& party) const;
  // Where SQL clients connect to it: the three ports after the nodes' own.
  std::uint16_t SqlPortOf(const std::string& party) const;
  std::string UsersFile(const std::string& party) const { return path_ + "/" + party + ".users.toml"; }

 private:
  std::string path_;
  std::uint16_t port_ = 0;
};

}  // namespace care::engine
