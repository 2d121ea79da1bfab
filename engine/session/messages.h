// engine/session/messages.h
//
// Control messages between nodes, and between a node and its analysts: one JSON object a message. What arrives
// was written by somebody else, so every field is fetched by name and type and a surprise is an error, never a
// crash. Protocol messages (shares) do not pass here.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

inline constexpr std::size_t kMaxControlBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxResultBytes = std::size_t{256} << 20;

absl::Status SendJson(mpc::Channel& channel, const nlohmann::json& message);
// Zero: as long as the channel's own limit.
absl::StatusOr<nlohmann::json> ReceiveJson(mpc::TlsChannel& channel, std::chrono::milliseconds limit,
                                           std::size_t max_bytes = kMaxControlBytes);
absl::StatusOr<nlohmann::json> ParseJson(std::string_view text);
std::string DumpJson(const nlohmann::json& message);  // invalid UTF-8 is replaced

absl::StatusOr<std::string> TextField(const nlohmann::json& object, const char* name);
absl::StatusOr<std::uint64_t> NumberField(const nlohmann::json& object, const char* name);
bool FlagField(const nlohmann::json& object, const char* name);  // false if absent or not a boolean

// A status with the party where it began.
nlohmann::json StatusToJson(const absl::Status& status);
absl::Status StatusFromJson(const nlohmann::json& object);

}  // namespace care::engine
