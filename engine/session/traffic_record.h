// engine/session/traffic_record.h
//
// What a node really received, for an operator who wants to see that shares and masked messages look like
// noise: per peer the counts, how often each byte value came, and the first 64 bytes. Listening starts after the
// keys are made: the bytes before that are keys.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/session/query_engine.h"
#include "mpc/net/channel.h"

namespace care::engine {

class ListeningChannel final : public mpc::Channel {
 public:
  explicit ListeningChannel(mpc::Channel& inner) : inner_(inner) {}

  void StartListening() { listening_ = true; }

  absl::Status Send(std::span<const std::uint8_t> message) override { return inner_.Send(message); }
  absl::Status Receive(std::span<std::uint8_t> message) override;
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override;
  void Abort(const absl::Status& why) override { inner_.Abort(why); }
  mpc::ChannelMeter meter() const override { return inner_.meter(); }

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t messages() const { return messages_; }
  const std::array<std::uint64_t, 256>& histogram() const { return histogram_; }
  const std::vector<std::uint8_t>& sample() const { return sample_; }

 private:
  void Hear(std::span<const std::uint8_t> message);

  mpc::Channel& inner_;
  bool listening_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t messages_ = 0;
  std::array<std::uint64_t, 256> histogram_{};
  std::vector<std::uint8_t> sample_;
};

// Shannon entropy of the byte values, in bits a byte: 8 for noise without end.
double EntropyBitsPerByte(const std::array<std::uint64_t, 256>& histogram);

// Replaces last_traffic.json in the data directory:
//   {"session", "peers": {name: {"bytes", "messages", "entropy_bits_per_byte", "histogram", "sample_hex"}},
//    "opened": [{"id", "what", "recipient", "max_values", "values"}]}
absl::Status WriteTrafficRecord(const std::string& data_directory, const std::string& session_id,
                                const std::map<std::string, const ListeningChannel*>& peers,
                                const std::vector<Disclosure>& disclosures, const std::vector<OpenedValues>& opened,
                                const std::vector<std::string>& party_names);

}  // namespace care::engine
