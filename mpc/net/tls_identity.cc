#include "mpc/net/tls_identity.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_reading.h"

namespace care::mpc {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

absl::StatusOr<BioPtr> OpenForReading(const std::string& path, std::string_view what) {
  errno = 0;
  BioPtr bio(BIO_new_file(path.c_str(), "r"));
  if (bio == nullptr) {
    const int error = errno;
    ERR_clear_error();
    const char* hint = error == EACCES ? "; run this as the user whose file it is, or name another file"
                                       : "; `care keygen` makes certificates";
    return absl::NotFoundError(
        absl::StrCat("cannot read ", std::string(what), " ", path, ": ", std::strerror(error), hint));
  }
  return bio;
}

absl::StatusOr<CertificatePtr> ReadCertificate(const std::string& path, std::string_view what) {
  CARE_ASSIGN_OR_RETURN(BioPtr bio, OpenForReading(path, what));
  CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat(std::string(what), " ", path, " is not a PEM certificate"));
  }
  return certificate;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::string_view what) {
  CARE_ASSIGN_OR_RETURN(BioPtr bio, OpenForReading(path, what));
  std::string text(kLargestFile + 1, '\0');
  const int size = BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  ERR_clear_error();
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (text.size() > kLargestFile) {
    return absl::InvalidArgumentError(absl::StrCat(std::string(what), " ", path, " is too large"));
  }
  return text;
}

}  // namespace

struct TlsIdentity::State {
  SslContextPtr context;
  KeyPtr key;
};

TlsIdentity::TlsIdentity() : state_(std::make_unique<State>()) {}
TlsIdentity::~TlsIdentity() = default;

ssl_ctx_st* TlsIdentity::native() const { return state_->context.get(); }

absl::StatusOr<std::shared_ptr<const TlsIdentity>> TlsIdentity::Load(const TlsFiles& files) {
  CARE_ASSIGN_OR_RETURN(const std::string authorities_pem,
                        ReadSmallFile(files.authority_path, "the authority's certificate"));
  const std::vector<CertificatePtr> authorities = CertificatesOf(authorities_pem);
  if (authorities.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the authority's certificate ", files.authority_path, " is not a PEM certificate"));
  }
  CARE_ASSIGN_OR_RETURN(CertificatePtr certificate, ReadCertificate(files.certificate_path, "the certificate"));
  CARE_ASSIGN_OR_RETURN(BioPtr key_file, OpenForReading(files.private_key_path, "the private key"));
  KeyPtr key(PEM_read_bio_PrivateKey(key_file.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat("the private key ", files.private_key_path, " is not a PEM key"));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat("the private key ", files.private_key_path,
                                                   " does not belong to the certificate ", files.certificate_path));
  }
  std::vector<X509*> trusted;
  std::vector<std::string> wanted = files.more_authorities;
  if (!files.authority_sha256.empty()) wanted.insert(wanted.begin(), files.authority_sha256);
  for (const std::string& fingerprint : wanted) {
    const auto found = std::find_if(authorities.begin(), authorities.end(), [&](const CertificatePtr& authority) {
      return FingerprintOf(authority.get()) == fingerprint;
    });
    if (found == authorities.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the authority ", files.authority_path, " has fingerprint ",
                       FingerprintOf(authorities.front().get()), ", but the federation file pins ", fingerprint,
                       ": use the federation's authority, or have all parties agree on a new federation file"));
    }
    trusted.push_back(found->get());
  }
  if (wanted.empty()) trusted.push_back(authorities.front().get());

  std::shared_ptr<TlsIdentity> identity(new TlsIdentity());
  State& state = *identity->state_;
  state.context.reset(SSL_CTX_new(TLS_method()));
  SSL_CTX* context = state.context.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") !=
          1 ||
      SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1 ||
      SSL_CTX_use_certificate(context, certificate.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return absl::InternalError(absl::StrCat("cannot set up TLS: ", TakeOpenSslError()));
  }
  for (X509* authority : trusted) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) != 1) {
      return absl::InternalError(absl::StrCat("cannot set up TLS: ", TakeOpenSslError()));
    }
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Every certificate serves both ends; which end a party plays depends on who dialled.
  SSL_CTX_set_purpose(context, X509_PURPOSE_ANY);
  state.key = std::move(key);
  identity->name_ = CommonNameOf(certificate.get());
  identity->public_key_ = PublicKeyOf(certificate.get());
  identity->fingerprint_ = FingerprintOf(certificate.get());
  identity->not_after_ = TimeText(X509_get0_notAfter(certificate.get()));
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) == 1) {
    identity->days_left_ = days == 0 && seconds < 0 ? -1 : days;
  }
  return std::shared_ptr<const TlsIdentity>(std::move(identity));
}

absl::Status TlsIdentity::CheckIssuer() const {
  std::unique_ptr<X509_STORE_CTX, OpenSslDelete<&X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), SSL_CTX_get_cert_store(native()),
                                                SSL_CTX_get0_certificate(native()), nullptr) != 1) {
    return absl::InternalError("cannot set up the check of a certificate");
  }
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const int code = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (code == X509_V_ERR_CERT_NOT_YET_VALID) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate of \"", name_, "\" is not valid yet; compare this machine's clock with the others'"));
  }
  return absl::UnauthenticatedError(absl::StrCat("the certificate of \"", name_,
                                                 "\" was not issued by the federation's authority, or is not valid (",
                                                 X509_verify_cert_error_string(code), ")"));
}

absl::StatusOr<std::string> TlsIdentity::Sign(std::string_view message) const {
  DigestContextPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1) {
    return absl::InternalError(absl::StrCat("cannot sign: ", TakeOpenSslError()));
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     message.size()) != 1) {
    return absl::InternalError(absl::StrCat("cannot sign: ", TakeOpenSslError()));
  }
  signature.resize(size);
  return signature;
}

bool VerifySignature(std::string_view public_key, std::string_view message, std::string_view signature) {
  const auto* der = reinterpret_cast<const unsigned char*>(public_key.data());
  KeyPtr key(d2i_PUBKEY(nullptr, &der, static_cast<long>(public_key.size())));
  DigestContextPtr context(EVP_MD_CTX_new());
  const bool valid =
      key != nullptr && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace care::mpc
