// mpc/net/certificate_facts.h
//
// What a certificate file says, for whoever has to find out why a node does not start or is refused: whose it
// is, when it ends, and whether the federation's authority signed it. TlsIdentity loads the same files to use
// them; here nothing fails at the first fault.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace care::mpc {

struct CertificateFacts {
  std::string name;        // the common name
  std::string not_before;  // "2026-11-25", UTC
  std::string not_after;
  int days_left = 0;                 // negative once it has expired
  bool has_begun = true;             // false: it is not valid yet
  bool signed_by_authority = false;  // the signature, whatever the dates say
  std::string fingerprint;           // SHA-256 of the certificate, lower-case hex
};

// `authority_path` empty: the certificate is the authority itself.
absl::StatusOr<CertificateFacts> ReadCertificateFacts(const std::string& path,
                                                      const std::string& authority_path);

// Whether the private key belongs to the certificate. Says nothing of the key but that.
absl::Status CheckKeyMatches(const std::string& certificate_path, const std::string& private_key_path);

}  // namespace care::mpc
