#include "engine/frontend/demo/running_federation.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr auto kStartPatience = std::chrono::seconds(20);

bool AcceptsConnections(std::uint16_t port) {
  const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return false;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool accepts = connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(handle);
  return accepts;
}

std::string LastLines(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(text.size() - most);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunningFederation>> RunningFederation::Start(
    const std::string& program, const FederationDirectory& directory, std::string purpose) {
  std::unique_ptr<RunningFederation> federation(
      new RunningFederation(program, directory, std::move(purpose)));
  for (const char* party : kDemoParties) {
    if (AcceptsConnections(directory.PortOf(party))) {
      return absl::FailedPreconditionError(
          absl::StrCat("port ", directory.PortOf(party),
                       " of 127.0.0.1 is in use, perhaps by another demonstration; "
                       "--port takes another"));
    }
    std::error_code ignored;
    std::filesystem::remove(directory.LogFile(party), ignored);
  }
  for (const char* party : kDemoParties) CARE_RETURN_IF_ERROR(federation->StartNode(party));
  return federation;
}

absl::Status RunningFederation::StartNode(const std::string& party) {
  CARE_ASSIGN_OR_RETURN(
      ChildProcess child,
      ChildProcess::Start({.arguments = {program_, "serve", directory_.NodeFile(party, purpose_)},
                           .output_path = directory_.LogFile(party),
                           .user = {}}));
  ChildProcess& node = nodes_.insert_or_assign(party, std::move(child)).first->second;
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!node.IsRunning()) {
      return absl::UnavailableError(absl::StrCat("the node of ", party,
                                                 " ended while starting; its log says:\n",
                                                 LastLines(ReadTextFile(directory_.LogFile(party)), 2000)));
    }
    if (StopRequested()) return absl::CancelledError("stopped");
    if (AcceptsConnections(directory_.PortOf(party))) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return absl::DeadlineExceededError(absl::StrCat("the node of ", party, " does not accept connections"));
}

void RunningFederation::KillNode(const std::string& party) { nodes_.at(party).Kill(); }

std::string RunningFederation::EndedNode() {
  for (auto& [party, node] : nodes_) {
    if (!node.IsRunning()) return party;
  }
  return {};
}

}  // namespace care::engine
