// engine/frontend/bench/party_links.h
//
// The TLS links of one party of a benchmark with the other two, on loopback, as nodes have them. Keys are
// those of `care keygen`; a party's name is its role: "p0", "p1", "p2".
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "mpc/net/channel.h"
#include "mpc/net/emulated_link.h"
#include "mpc/net/io_thread.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

using BenchPorts = std::array<std::uint16_t, 3>;

// Ports of 127.0.0.1 that nobody listens on now.
absl::StatusOr<BenchPorts> FreePorts();
std::vector<std::string> BenchPartyNames();

class PartyLinks {
 public:
  // Returns when both links stand: waits for parties that start later.
  static absl::StatusOr<std::unique_ptr<PartyLinks>> Connect(unsigned role, const std::string& key_directory,
                                                             const BenchPorts& ports);

  // From here on the links are as narrow and as far as this; not for Stream.
  void Emulate(const mpc::LinkSpeed& link);

  mpc::Channel& next() { return ChannelTo((role_ + 1) % 3); }
  mpc::Channel& previous() { return ChannelTo((role_ + 2) % 3); }
  std::uint64_t bytes_sent() { return next().meter().bytes_sent + previous().meter().bytes_sent; }

  // Returns when all three have called it.
  absl::Status Meet();

  // Every party sends `bytes` to each of the others, all at once: the seconds that this took here.
  absl::StatusOr<double> Stream(std::size_t bytes);

 private:
  explicit PartyLinks(unsigned role) : role_(role) {}
  mpc::Channel& ChannelTo(unsigned role) {
    if (emulated_[role] != nullptr) return *emulated_[role];
    return *links_[role];
  }
  absl::Status ConnectBoth(const std::string& key_directory, const BenchPorts& ports);

  const unsigned role_;
  mpc::IoThread io_;
  std::array<std::unique_ptr<mpc::TlsChannel>, 3> links_;  // by role; our own is empty
  std::unique_ptr<mpc::EmulatedUplink> uplink_;
  std::array<std::unique_ptr<mpc::EmulatedChannel>, 3> emulated_;
};

}  // namespace care::engine
