// tests/unit/pgwire/memory_client.h
//
// A client of PostgreSQL's protocol at the other end of a session without sockets. It logs in as a real one does,
// computing its SCRAM proof with OpenSSL, so that the exchange is checked against the standard and not against itself.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/pgwire/session.h"
#include "tests/unit/pgwire/memory_session.h"

namespace care::engine::pgwire {

inline std::string Int32(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
inline std::string Int16(std::uint16_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
inline std::string Text(const std::string& text) { return text + std::string(1, '\0'); }
inline std::string Frame(char type, const std::string& body) {
  return std::string(1, type) + Int32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

inline std::string Hmac(const std::string& key, const std::string& text) {
  std::string digest(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

struct Received {
  char type;
  std::string body;
};

// The SQLSTATE of the first error, or nothing.
inline std::string StateOf(const std::vector<Received>& messages) {
  for (const Received& message : messages) {
    if (message.type == 'E') return message.body.substr(message.body.find("C") + 1, 5);
  }
  return {};
}

class Client {
 public:
  explicit Client(FakeServices& services) : session_(services, output_, {"127.0.0.1", true, 7, 11}) {}

  Session::Next Startup(const std::string& parameters) {
    return session_.Handle({0, Int32(196608) + parameters + std::string(1, '\0')});
  }

  Session::Next LogIn(const std::string& user, const std::string& password, const std::string& parameters = {}) {
    Startup(Text("user") + Text(user) + parameters);
    const std::string first_bare = "n=,r=clientnonce";
    const std::string first = "n,," + first_bare;
    Receive();
    session_.Handle({'p', Text(kScram) + Int32(static_cast<std::uint32_t>(first.size())) + first});
    const std::string server_first = Receive().at(0).body.substr(4);
    const std::vector<std::string> parts = absl::StrSplit(server_first, ',');
    std::string salt;
    absl::Base64Unescape(parts[1].substr(2), &salt);
    std::string salted(32, '\0');
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                      reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                      std::stoi(parts[2].substr(2)), EVP_sha256(), 32,
                      reinterpret_cast<unsigned char*>(salted.data()));
    const std::string client_key = Hmac(salted, "Client Key");
    std::string stored(32, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(client_key.data()), 32,
           reinterpret_cast<unsigned char*>(stored.data()));
    const std::string without_proof = "c=biws," + parts[0];
    const std::string signature =
        Hmac(stored, absl::StrCat(first_bare, ",", server_first, ",", without_proof));
    std::string proof = client_key;
    for (std::size_t at = 0; at < proof.size(); ++at)
      proof[at] = static_cast<char>(proof[at] ^ signature[at]);
    std::string proof_text;
    absl::Base64Escape(proof, &proof_text);
    return session_.Handle({'p', absl::StrCat(without_proof, ",p=", proof_text)});
  }

  void Send(char type, const std::string& body) { session_.Handle({type, body}); }
  void Query(const std::string& sql) { Send('Q', Text(sql)); }

  std::vector<Received> Receive() {
    std::vector<Received> messages;
    std::string_view rest = output_.sent;
    while (rest.size() >= 5) {
      std::uint32_t length = 0;
      for (int at = 1; at < 5; ++at) length = length << 8 | static_cast<unsigned char>(rest[at]);
      messages.push_back({rest[0], std::string(rest.substr(5, length - 4))});
      rest.remove_prefix(1 + length);
    }
    output_.sent.clear();
    return messages;
  }
  std::string Types() {
    std::string types;
    for (const Received& message : Receive()) types.push_back(message.type);
    return types;
  }

  MemoryOutput output_;
  Session session_;
};

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : client_(services_) {
    EXPECT_EQ(client_.LogIn("anna", "secret"), Session::Next::kContinue);
    client_.Receive();
  }
  FakeServices services_;
  Client client_;
};

}  // namespace care::engine::pgwire
