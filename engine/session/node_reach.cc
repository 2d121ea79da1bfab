#include "engine/session/node_reach.h"

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

absl::Status CheckAddress(const std::string& address, const std::string& what, bool preview) {
  CARE_ASSIGN_OR_RETURN(const auto host_and_port, mpc::SplitAddress(address));
  if (preview || mpc::IsLoopback(host_and_port.first)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(what, " ", address,
                   " is not on this machine. Release control is not complete yet, so a node serves "
                   "loopback addresses only; to try it out on data that may be seen, write "
                   "preview = true in the node file"));
}

absl::Status CheckReach(const planner::NodeConfig& config, const planner::Catalog& catalog) {
  CARE_RETURN_IF_ERROR(CheckAddress(config.listen, "the address to listen on,", config.preview));
  for (const planner::PartyEntry& party : catalog.parties) {
    if (party.address.empty()) continue;  // reach = "outbound"
    CARE_RETURN_IF_ERROR(
        CheckAddress(party.address, absl::StrCat("the address of ", party.name, ","), config.preview));
  }
  return absl::OkStatus();
}

}  // namespace care::engine
