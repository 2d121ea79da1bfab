// engine/frontend/pgwire/client_tls.h
//
// How this node shows itself to clients of PostgreSQL's protocol: TLS 1.3, and 1.2 with AEAD suites because some
// BI tools offer no better. Clients show no certificate; they prove a password.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace boost::asio::ssl {
class context;
}

namespace care::engine::pgwire {

struct ClientTls {
  std::shared_ptr<boost::asio::ssl::context> context;
  std::string endpoint_hash;  // tls-server-end-point of the certificate (RFC 5929)
};

absl::StatusOr<ClientTls> LoadClientTls(const std::string& certificate_path, const std::string& private_key_path);

}  // namespace care::engine::pgwire
