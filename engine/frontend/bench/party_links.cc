#include "engine/frontend/bench/party_links.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"

namespace care::engine {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kRetry = std::chrono::milliseconds(20);

std::string Address(std::uint16_t port) { return absl::StrCat("127.0.0.1:", port); }

// Channels as the listener accepts them.
struct Arrivals {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<mpc::TlsChannel>> channels;
};

}  // namespace

absl::StatusOr<BenchPorts> FreePorts() {
  BenchPorts ports = {};
  std::array<int, 3> handles = {-1, -1, -1};
  bool all = true;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    handles[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    all = all && handles[i] >= 0 && bind(handles[i], generic, size) == 0 &&
          getsockname(handles[i], generic, &size) == 0;
    ports[i] = ntohs(address.sin_port);
  }
  for (const int handle : handles) {
    if (handle >= 0) close(handle);
  }
  if (!all) return absl::UnavailableError("there are no free ports on 127.0.0.1");
  return ports;
}

std::vector<std::string> BenchPartyNames() { return {"p0", "p1", "p2"}; }

absl::StatusOr<std::unique_ptr<PartyLinks>> PartyLinks::Connect(unsigned role,
                                                                const std::string& key_directory,
                                                                const BenchPorts& ports) {
  std::unique_ptr<PartyLinks> links(new PartyLinks(role));
  CARE_RETURN_IF_ERROR(links->ConnectBoth(key_directory, ports));
  return links;
}

absl::Status PartyLinks::ConnectBoth(const std::string& key_directory, const BenchPorts& ports) {
  const std::vector<std::string> names = BenchPartyNames();
  CARE_ASSIGN_OR_RETURN(
      const auto identity,
      mpc::TlsIdentity::Load({.certificate_path = absl::StrCat(key_directory, "/", names[role_], ".pem"),
                              .private_key_path = absl::StrCat(key_directory, "/", names[role_], ".key"),
                              .authority_path = key_directory + "/authority.pem",
                              .authority_sha256 = ""}));
  Arrivals arrivals;
  mpc::TlsListener::Callbacks callbacks;
  callbacks.accepted = [&arrivals](std::unique_ptr<mpc::TlsChannel> channel) {
    std::lock_guard lock(arrivals.mutex);
    arrivals.channels.push_back(std::move(channel));
    arrivals.changed.notify_all();
  };
  callbacks.refused = [](const std::string&, const absl::Status&) {};
  CARE_ASSIGN_OR_RETURN(const auto listener,
                        mpc::TlsListener::Listen(io_, identity, Address(ports[role_]), {}, callbacks));

  // The higher role dials the lower one.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (unsigned other = 0; other < role_; ++other) {
    const mpc::TlsPeer peer{names[other], Address(ports[other]), "did it start?"};
    for (;;) {
      auto channel = mpc::TlsChannel::Connect(io_, identity, peer);
      if (channel.ok()) {
        links_[other] = *std::move(channel);
        break;
      }
      if (!absl::IsUnavailable(channel.status()) || std::chrono::steady_clock::now() > deadline) {
        return channel.status();
      }
      std::this_thread::sleep_for(kRetry);
    }
  }
  std::unique_lock lock(arrivals.mutex);
  if (!arrivals.changed.wait_until(lock, deadline, [&] { return arrivals.channels.size() == 2 - role_; })) {
    return absl::DeadlineExceededError("a party of the benchmark did not connect");
  }
  for (auto& channel : arrivals.channels) {
    const auto name = std::find(names.begin(), names.end(), channel->peer_name());
    if (name != names.end()) links_[static_cast<std::size_t>(name - names.begin())] = std::move(channel);
  }
  for (unsigned other = 0; other < names.size(); ++other) {
    if (other != role_ && links_[other] == nullptr) return absl::InternalError("a party connected twice");
  }
  return absl::OkStatus();
}

void PartyLinks::Emulate(const mpc::LinkSpeed& link) {
  uplink_ = std::make_unique<mpc::EmulatedUplink>(
      mpc::EmulatedSpeed{std::chrono::microseconds(link.round_us), link.megabit_per_second});
  for (unsigned other = 0; other < links_.size(); ++other) {
    if (other != role_) emulated_[other] = std::make_unique<mpc::EmulatedChannel>(*links_[other], *uplink_);
  }
}

absl::Status PartyLinks::Meet() {
  std::array<std::uint8_t, 1> greeting = {1};
  CARE_RETURN_IF_ERROR(next().Send(greeting));
  CARE_RETURN_IF_ERROR(previous().Send(greeting));
  CARE_RETURN_IF_ERROR(next().Receive(greeting));
  return previous().Receive(greeting);
}

absl::StatusOr<double> PartyLinks::Stream(std::size_t bytes) {
  const std::vector<std::uint64_t> out(bytes / sizeof(std::uint64_t), 0x0123456789abcdef);
  std::vector<std::uint64_t> from_next(out.size());
  std::vector<std::uint64_t> from_previous(out.size());
  CARE_RETURN_IF_ERROR(Meet());
  mpc::Channel& to_next = *links_[(role_ + 1) % 3];
  mpc::Channel& to_previous = *links_[(role_ + 2) % 3];
  const auto start = std::chrono::steady_clock::now();
  CARE_RETURN_IF_ERROR(mpc::Exchange({{&to_next, out}, {&to_previous, out}},
                                     {{&to_next, from_next}, {&to_previous, from_previous}}));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace care::engine
