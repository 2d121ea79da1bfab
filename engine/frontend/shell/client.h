// engine/frontend/shell/client.h
//
// Asks one's own organisation's node. Who may ask is decided by the certificate: the analyst's, which lies
// beside the node's own ("analyst.hospital.pem" and ".key") unless named.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/session/answer.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

struct ClientOptions {
  std::string node_path;         // the node file: where the node listens, which federation
  std::string certificate_path;  // empty: analyst.<party>.pem beside the node's certificate
  std::string private_key_path;  // empty: analyst.<party>.key
};

struct Asked {
  std::string sql;
  std::string purpose;
  bool explain = false;
  bool as_json = false;  // the explanation
  bool record = false;   // the answer brings its record
  std::string legal_basis;
  bool analyze = false;  // run it, and explain with what was measured
};

// What a node says while it works.
struct ClientEvents {
  std::function<void(const std::string& text)> notice;
  std::function<void(double fraction, const std::string& step)> progress;
};

class Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const ClientOptions& options);

  // One question a connection.
  absl::StatusOr<Answer> Query(const Asked& asked, const ClientEvents& events);
  absl::StatusOr<std::string> Explain(const Asked& asked, const ClientEvents& events);
  // False once the connection with the node is lost or refused: then the error is not the query's.
  bool reached() const { return reached_; }

 private:
  Client() = default;
  absl::StatusOr<nlohmann::json> Ask(const Asked& asked, const char* expected, const ClientEvents& events);

  std::unique_ptr<mpc::IoThread> io_;
  std::unique_ptr<mpc::TlsChannel> channel_;
  bool reached_ = true;
};

}  // namespace care::engine
