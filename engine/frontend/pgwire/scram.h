// engine/frontend/pgwire/scram.h
//
// SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side: the password itself never reaches the node. With
// SCRAM-SHA-256-PLUS the proof covers the certificate that this node showed (tls-server-end-point, RFC 5929), so
// that nobody in the middle can pass the exchange on.
//
// A user who does not exist gets the same exchange, with a salt that is theirs alone and always the same, and
// fails at its end as a wrong password does: who has an account cannot be found out.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::engine::pgwire {

inline constexpr char kScram[] = "SCRAM-SHA-256";
inline constexpr char kScramPlus[] = "SCRAM-SHA-256-PLUS";

struct ScramVerifier {
  int iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;
};

// Draws a salt. The password is printable ASCII: others would have to be prepared (SASLprep) as every client does.
absl::StatusOr<ScramVerifier> MakeVerifier(std::string_view password);
// "SCRAM-SHA-256$10000:salt$stored key:server key", as PostgreSQL writes it.
std::string FormatVerifier(const ScramVerifier& verifier);
absl::StatusOr<ScramVerifier> ParseVerifier(std::string_view text);
// Whether it has the iterations and the length of salt of MakeVerifier, and so of MockVerifier.
bool LooksLikeOurs(const ScramVerifier& verifier);
// For a user who does not exist: follows from the name and this node's secret.
ScramVerifier MockVerifier(std::string_view user, std::string_view secret);

class ScramExchange {
 public:
  // `endpoint_hash`: of this node's certificate; empty without TLS.
  ScramExchange(ScramVerifier verifier, std::string endpoint_hash)
      : verifier_(std::move(verifier)), endpoint_hash_(std::move(endpoint_hash)) {}

  // The answer to the client's first message.
  absl::StatusOr<std::string> First(std::string_view mechanism, std::string_view client_first);
  // The answer to its last, which proves this node to the client; PermissionDenied if the password is wrong.
  absl::StatusOr<std::string> Final(std::string_view client_final);

 private:
  const ScramVerifier verifier_;
  const std::string endpoint_hash_;
  std::string channel_binding_;  // what the client must repeat, in base64
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;
};

// From the system's generator.
absl::StatusOr<std::string> RandomBytes(std::size_t count);

}  // namespace care::engine::pgwire
