#include "mpc/net/certificate_facts.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_reading.h"
#include "mpc/net/openssl_handles.h"

namespace care::mpc {
namespace {

absl::StatusOr<BioPtr> OpenForReading(const std::string& path) {
  errno = 0;
  BioPtr bio(BIO_new_file(path.c_str(), "r"));
  if (bio != nullptr) return bio;
  const int error = errno;
  ERR_clear_error();
  return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(error)));
}

absl::StatusOr<CertificatePtr> ReadCertificate(const std::string& path) {
  CARE_ASSIGN_OR_RETURN(BioPtr bio, OpenForReading(path));
  CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate != nullptr) return certificate;
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(path, " is not a PEM certificate"));
}

std::string DayText(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown day";
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%d", &parts);
  return text;
}

// Negative if `time` is past.
int DaysUntil(const ASN1_TIME* time) {
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, time) != 1) return -1;
  return days == 0 && seconds < 0 ? -1 : days;
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificateFacts(const std::string& path,
                                                      const std::string& authority_path) {
  CARE_ASSIGN_OR_RETURN(const CertificatePtr certificate, ReadCertificate(path));
  CertificateFacts facts;
  facts.name = CommonNameOf(certificate.get());
  facts.not_before = DayText(X509_get0_notBefore(certificate.get()));
  facts.not_after = DayText(X509_get0_notAfter(certificate.get()));
  facts.days_left = DaysUntil(X509_get0_notAfter(certificate.get()));
  facts.has_begun = X509_cmp_current_time(X509_get0_notBefore(certificate.get())) < 0;
  facts.fingerprint = FingerprintOf(certificate.get());
  CertificatePtr authority;
  if (!authority_path.empty()) {
    CARE_ASSIGN_OR_RETURN(authority, ReadCertificate(authority_path));
  }
  X509* signer = authority_path.empty() ? certificate.get() : authority.get();
  facts.signed_by_authority = X509_verify(certificate.get(), X509_get0_pubkey(signer)) == 1;
  ERR_clear_error();
  return facts;
}

absl::Status CheckKeyMatches(const std::string& certificate_path, const std::string& private_key_path) {
  CARE_ASSIGN_OR_RETURN(const CertificatePtr certificate, ReadCertificate(certificate_path));
  CARE_ASSIGN_OR_RETURN(BioPtr bio, OpenForReading(private_key_path));
  // No prompt for a passphrase: a node could not answer it either.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  const bool matches = key != nullptr && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(private_key_path, " is not a PEM key without a passphrase"));
  }
  if (!matches) {
    return absl::InvalidArgumentError(absl::StrCat("the private key ", private_key_path,
                                                   " does not belong to the certificate ", certificate_path));
  }
  return absl::OkStatus();
}

}  // namespace care::mpc
