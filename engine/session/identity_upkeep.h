// engine/session/identity_upkeep.h
//
// Takes up a renewed certificate and key while the node runs. The two files are not replaced in one instant, so
// a pair that does not fit is tried again at the next look before anything is said; until a pair fits, the node
// goes on with the one that it has. Also says daily, in the last thirty days, that the certificate ends soon.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/file_stamp.h"
#include "engine/session/node_resources.h"

namespace care::engine {

class IdentityUpkeep {
 public:
  IdentityUpkeep(NodeResources& node, std::function<void(std::shared_ptr<const mpc::TlsIdentity>)> renewed)
      : node_(node), renewed_(std::move(renewed)) {}

  // `authorities`: fingerprints of all whose certificates are accepted; the first is the authority in force.
  absl::Status Begin(const std::vector<std::string>& authorities);
  void Check(const std::vector<std::string>& authorities, bool again);

 private:
  using Stamps = std::vector<FileStamp>;

  Stamps Look() const;
  absl::StatusOr<std::shared_ptr<const mpc::TlsIdentity>> Load(const std::vector<std::string>& authorities) const;
  void WarnOfTheEnd();

  NodeResources& node_;
  const std::function<void(std::shared_ptr<const mpc::TlsIdentity>)> renewed_;
  Stamps loaded_;                         // of the files that were taken up, or given up on
  std::vector<std::string> authorities_;  // likewise
  Stamps failed_;                         // of files that did not fit at the last look
  UnixSeconds loaded_at_ = 0;
  UnixSeconds warned_at_ = 0;
};

}  // namespace care::engine
