// mpc/net/tls_identity.h
//
// Who this end of a TLS connection is and whom it trusts: its certificate and key, and the one authority that
// the federation file pins. Peers' names are the common names of certificates under that authority; host
// names play no part, because a federation knows parties and not machines.
//
// The settings are the same everywhere: TLS 1.3 alone, both ends show certificates, no session resumption (each
// query makes new keys), AES-128-GCM first because that is what processors do fastest.
//
// The node's key also signs agreements: ECDSA over SHA-256, verified with the public key of the certificate
// that the peer showed in this very TLS session.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ssl_ctx_st;

namespace care::mpc {

struct TlsFiles {
  std::string certificate_path;
  std::string private_key_path;
  std::string authority_path;
  std::string authority_sha256;  // from the federation file; empty: the authority file is taken as it is
  // Others whose certificates are accepted too, while a federation changes its authority. The authority file then
  // holds several certificates.
  std::vector<std::string> more_authorities;
};

class TlsIdentity {
 public:
  static absl::StatusOr<std::shared_ptr<const TlsIdentity>> Load(const TlsFiles& files);
  ~TlsIdentity();

  const std::string& name() const { return name_; }  // the certificate's common name
  const std::string& public_key() const { return public_key_; }  // SubjectPublicKeyInfo, DER
  const std::string& fingerprint() const { return fingerprint_; }  // SHA-256 of the certificate, hex
  const std::string& not_after() const { return not_after_; }      // "Nov 23 22:10:44 2026 GMT"
  // Days until the certificate expires, counted when it was loaded; negative after that.
  int days_left() const { return days_left_; }

  // Unauthenticated if none of the trusted authorities issued the certificate: peers would refuse it.
  absl::Status CheckIssuer() const;
  absl::StatusOr<std::string> Sign(std::string_view message) const;

  ssl_ctx_st* native() const;

 private:
  struct State;
  TlsIdentity();
  std::unique_ptr<State> state_;
  std::string name_;
  std::string public_key_;
  std::string fingerprint_;
  std::string not_after_;
  int days_left_ = 0;
};

// True if `signature` is the owner of `public_key` (SubjectPublicKeyInfo, DER) signing the message.
bool VerifySignature(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace care::mpc
