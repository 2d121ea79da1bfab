// mpc/net/certificate_authority.h
//
// Makes a federation's certificates: one authority, and under it a certificate for each node and for each
// organisation's analysts. For trials and small federations; a federation with its own public key
// infrastructure issues the same kinds of certificates there: P-256 keys, the common name says who it is
// (a party's name, or "analyst@" and a party's name), and the federation file pins the authority.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::mpc {

struct CertifiedKey {
  std::string certificate_pem;
  std::string private_key_pem;  // secret
};

class CertificateAuthority {
 public:
  static absl::StatusOr<CertificateAuthority> Create(std::string_view name, int days);
  // One that was made before.
  static absl::StatusOr<CertificateAuthority> Load(const std::string& certificate_pem,
                                                   const std::string& private_key_pem);
  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
  ~CertificateAuthority();

  const std::string& certificate_pem() const { return certificate_pem_; }
  // Its key, to issue more certificates later; whoever has it can join the federation as anybody.
  const std::string& private_key_pem() const { return private_key_pem_; }
  // SHA-256 of the certificate (DER) in lower-case hex: what the federation file pins.
  const std::string& fingerprint() const { return fingerprint_; }

  // A certificate for both ends of TLS, valid for the loopback names. Negative days: expired that long ago.
  absl::StatusOr<CertifiedKey> Issue(std::string_view common_name, int days) const;
  // The same for a key that exists: the certificate alone is new.
  absl::StatusOr<CertifiedKey> IssueFor(const std::string& private_key_pem, std::string_view common_name,
                                        int days) const;

 private:
  struct State;
  explicit CertificateAuthority(std::unique_ptr<State> state);
  absl::Status Describe();
  std::unique_ptr<State> state_;
  std::string certificate_pem_;
  std::string private_key_pem_;
  std::string fingerprint_;
};

}  // namespace care::mpc
