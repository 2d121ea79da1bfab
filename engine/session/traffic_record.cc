#include "engine/session/traffic_record.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {
constexpr std::size_t kSampleBytes = 64;
}

absl::Status ListeningChannel::Receive(std::span<std::uint8_t> message) {
  CARE_RETURN_IF_ERROR(inner_.Receive(message));
  Hear(message);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint8_t>> ListeningChannel::ReceiveMessage(std::size_t max_bytes) {
  auto message = inner_.ReceiveMessage(max_bytes);
  if (message.ok()) Hear(*message);
  return message;
}

void ListeningChannel::Hear(std::span<const std::uint8_t> message) {
  if (!listening_) return;
  bytes_ += message.size();
  ++messages_;
  for (const std::uint8_t byte : message) ++histogram_[byte];
  const std::size_t take = std::min(kSampleBytes - sample_.size(), message.size());
  sample_.insert(sample_.end(), message.begin(), message.begin() + static_cast<std::ptrdiff_t>(take));
}

double EntropyBitsPerByte(const std::array<std::uint64_t, 256>& histogram) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : histogram) total += count;
  double entropy = 0;
  for (const std::uint64_t count : histogram) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(total);
    entropy -= share * std::log2(share);
  }
  return entropy;
}

absl::Status WriteTrafficRecord(const std::string& data_directory, const std::string& session_id,
                                const std::map<std::string, const ListeningChannel*>& peers,
                                const std::vector<Disclosure>& disclosures, const std::vector<OpenedValues>& opened,
                                const std::vector<std::string>& party_names) {
  nlohmann::json record = {{"session", session_id},
                           {"peers", nlohmann::json::object()},
                           {"opened", nlohmann::json::array()}};
  for (const auto& [name, channel] : peers) {
    record["peers"][name] = {
        {"bytes", channel->bytes()},
        {"messages", channel->messages()},
        {"entropy_bits_per_byte", EntropyBitsPerByte(channel->histogram())},
        {"histogram", channel->histogram()},
        {"sample_hex",
         absl::BytesToHexString(std::string(channel->sample().begin(), channel->sample().end()))}};
  }
  for (const Disclosure& disclosure : disclosures) {
    std::uint64_t values = 0;
    for (const OpenedValues& entry : opened) {
      if (entry.id == disclosure.id) values = entry.values;
    }
    record["opened"].push_back(
        {{"id", disclosure.id},
         {"what", disclosure.what},
         {"recipient", disclosure.recipient < party_names.size() ? party_names[disclosure.recipient] : "all"},
         {"max_values", disclosure.max_values},
         {"values", values}});
  }
  const std::filesystem::path path = std::filesystem::path(data_directory) / "last_traffic.json";
  const std::filesystem::path draft = path.string() + ".new";
  {
    std::ofstream file(draft);
    file << DumpJson(record) << '\n';
    if (!file.flush()) return absl::ResourceExhaustedError(absl::StrCat("cannot write ", draft.string()));
  }
  std::error_code error;
  std::filesystem::rename(draft, path, error);
  if (error) return absl::ResourceExhaustedError(absl::StrCat("cannot write ", path.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace care::engine
