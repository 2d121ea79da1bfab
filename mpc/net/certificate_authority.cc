#include "mpc/net/certificate_authority.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_reading.h"

namespace care::mpc {
namespace {

constexpr long kSecondsPerDay = 86400;
constexpr std::size_t kMaxCommonName = 64;  // X.520

absl::Status OpenSslFailure(std::string_view what) {
  return absl::InternalError(absl::StrCat("cannot make ", std::string(what), ": ", TakeOpenSslError()));
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

absl::StatusOr<std::string> CertificatePem(X509* certificate) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) return OpenSslFailure("a certificate");
  return TakeText(bio.get());
}

absl::StatusOr<std::string> PrivateKeyPem(EVP_PKEY* key) {
  BioPtr bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpenSslFailure("a private key");
  }
  return TakeText(bio.get());
}

absl::StatusOr<KeyPtr> ReadKey(const std::string& pem) {
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError("there is no PEM private key");
  return key;
}

bool AddExtension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Everything of a certificate but its extensions and signature.
absl::StatusOr<CertificatePtr> NewCertificate(std::string_view common_name, EVP_PKEY* key, int days) {
  if (common_name.empty() || common_name.size() > kMaxCommonName) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name \"", std::string(common_name), "\" must have 1 to ", kMaxCommonName, " bytes"));
  }
  CertificatePtr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1) {
    return OpenSslFailure("a certificate");
  }
  std::array<unsigned char, 16> serial;
  if (RAND_bytes(serial.data(), serial.size()) != 1) return OpenSslFailure("a serial number");
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x01);  // positive and of full length
  std::unique_ptr<BIGNUM, OpenSslDelete<&BN_free>> number(BN_bin2bn(serial.data(), serial.size(), nullptr));
  if (number == nullptr || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) == nullptr) {
    return OpenSslFailure("a serial number");
  }
  // Clocks differ between organisations: valid since yesterday.
  const long begin = days < 0 ? (static_cast<long>(days) - 1) * kSecondsPerDay : -kSecondsPerDay;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begin);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(days) * kSecondsPerDay);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const std::string name(common_name);
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return OpenSslFailure("a certificate's name");
  }
  return certificate;
}

}  // namespace

struct CertificateAuthority::State {
  KeyPtr key;
  CertificatePtr certificate;
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<State> state) : state_(std::move(state)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

absl::StatusOr<CertificateAuthority> CertificateAuthority::Create(std::string_view name, int days) {
  auto state = std::make_unique<State>();
  state->key.reset(EVP_EC_gen("P-256"));
  if (state->key == nullptr) return OpenSslFailure("the authority's key");
  CARE_ASSIGN_OR_RETURN(state->certificate, NewCertificate(name, state->key.get(), days));
  X509* certificate = state->certificate.get();
  if (X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) != 1 ||
      !AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(certificate, certificate, NID_subject_key_identifier, "hash") ||
      X509_sign(certificate, state->key.get(), EVP_sha256()) == 0) {
    return OpenSslFailure("the authority's certificate");
  }
  CertificateAuthority authority(std::move(state));
  CARE_RETURN_IF_ERROR(authority.Describe());
  return authority;
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::Load(const std::string& certificate_pem,
                                                                const std::string& private_key_pem) {
  auto state = std::make_unique<State>();
  std::vector<CertificatePtr> certificates = CertificatesOf(certificate_pem);
  CARE_ASSIGN_OR_RETURN(state->key, ReadKey(private_key_pem));
  if (certificates.empty()) return absl::InvalidArgumentError("there is no PEM certificate of the authority");
  state->certificate = std::move(certificates.front());
  if (X509_check_private_key(state->certificate.get(), state->key.get()) != 1 ||
      X509_check_ca(state->certificate.get()) == 0) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the authority's key does not belong to its certificate");
  }
  CertificateAuthority authority(std::move(state));
  CARE_RETURN_IF_ERROR(authority.Describe());
  return authority;
}

absl::Status CertificateAuthority::Describe() {
  fingerprint_ = FingerprintOf(state_->certificate.get());
  if (fingerprint_.empty()) return OpenSslFailure("the authority's fingerprint");
  CARE_ASSIGN_OR_RETURN(certificate_pem_, CertificatePem(state_->certificate.get()));
  CARE_ASSIGN_OR_RETURN(private_key_pem_, PrivateKeyPem(state_->key.get()));
  return absl::OkStatus();
}

absl::StatusOr<CertifiedKey> CertificateAuthority::Issue(std::string_view common_name, int days) const {
  KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpenSslFailure("a key");
  CARE_ASSIGN_OR_RETURN(const std::string pem, PrivateKeyPem(key.get()));
  return IssueFor(pem, common_name, days);
}

absl::StatusOr<CertifiedKey> CertificateAuthority::IssueFor(const std::string& private_key_pem,
                                                            std::string_view common_name, int days) const {
  CARE_ASSIGN_OR_RETURN(KeyPtr key, ReadKey(private_key_pem));
  CARE_ASSIGN_OR_RETURN(CertificatePtr certificate, NewCertificate(common_name, key.get(), days));
  X509* issuer = state_->certificate.get();
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) != 1 ||
      !AddExtension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth") ||
      !AddExtension(certificate.get(), issuer, NID_subject_key_identifier, "hash") ||
      !AddExtension(certificate.get(), issuer, NID_authority_key_identifier, "keyid") ||
      !AddExtension(certificate.get(), issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") ||
      X509_sign(certificate.get(), state_->key.get(), EVP_sha256()) == 0) {
    return OpenSslFailure("a certificate");
  }
  CertifiedKey result;
  CARE_ASSIGN_OR_RETURN(result.certificate_pem, CertificatePem(certificate.get()));
  result.private_key_pem = private_key_pem;
  return result;
}

}  // namespace care::mpc
