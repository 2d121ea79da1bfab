#include "engine/frontend/pgwire/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

constexpr int kIterations = 10'000;
constexpr int kMostIterations = 10'000'000;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNonceBytes = 18;
constexpr std::size_t kLongestPassword = 1'000;
constexpr std::size_t kDigestBytes = SHA256_DIGEST_LENGTH;
constexpr char kScheme[] = "SCRAM-SHA-256$";

std::string Hmac(std::string_view key, std::string_view text) {
  std::string digest(kDigestBytes, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

std::string Sha256(std::string_view text) {
  std::string digest(kDigestBytes, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Base64(std::string_view bytes) {
  std::string text;
  absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()), &text);
  return text;
}

bool FromBase64(std::string_view text, std::string* bytes) {
  return absl::Base64Unescape(absl::string_view(text.data(), text.size()), bytes);
}

absl::Status Malformed() { return absl::InvalidArgumentError("a message of the password exchange is not understood"); }

// Takes "name=value" off the front, up to a comma or the end.
bool TakeAttribute(std::string_view& rest, char name, std::string_view* value) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return false;
  const std::size_t comma = rest.find(',');
  *value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return true;
}

}  // namespace

absl::StatusOr<std::string> RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    return absl::InternalError("the system gives no random numbers");
  }
  return bytes;
}

absl::StatusOr<ScramVerifier> MakeVerifier(std::string_view password) {
  if (password.empty()) return absl::InvalidArgumentError("the password is empty");
  if (password.size() > kLongestPassword) {
    return absl::InvalidArgumentError(absl::StrCat("a password has at most ", kLongestPassword, " characters"));
  }
  if (!std::all_of(password.begin(), password.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) {
    return absl::InvalidArgumentError(
        "a password is made of printable ASCII characters: clients do not agree on how to write others");
  }
  ScramVerifier verifier;
  verifier.iterations = kIterations;
  CARE_ASSIGN_OR_RETURN(verifier.salt, RandomBytes(kSaltBytes));
  std::string salted(kDigestBytes, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(verifier.salt.data()),
                        static_cast<int>(verifier.salt.size()), verifier.iterations, EVP_sha256(),
                        static_cast<int>(salted.size()), reinterpret_cast<unsigned char*>(salted.data())) != 1) {
    return absl::InternalError("the verifier cannot be computed");
  }
  verifier.stored_key = Sha256(Hmac(salted, "Client Key"));
  verifier.server_key = Hmac(salted, "Server Key");
  OPENSSL_cleanse(salted.data(), salted.size());
  return verifier;
}

std::string FormatVerifier(const ScramVerifier& verifier) {
  return absl::StrCat(kScheme, verifier.iterations, ":", Base64(verifier.salt), "$", Base64(verifier.stored_key), ":",
                      Base64(verifier.server_key));
}

absl::StatusOr<ScramVerifier> ParseVerifier(std::string_view text) {
  const absl::Status wrong = absl::InvalidArgumentError("not a SCRAM-SHA-256 verifier; `care user add` makes them");
  if (!text.starts_with(kScheme)) return wrong;
  text.remove_prefix(sizeof kScheme - 1);
  const std::size_t colon = text.find(':'), dollar = text.find('$'), last = text.rfind(':');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || colon > dollar || last < dollar) {
    return wrong;
  }
  ScramVerifier verifier;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), colon), &verifier.iterations) || verifier.iterations < 1 ||
      verifier.iterations > kMostIterations ||
      !FromBase64(text.substr(colon + 1, dollar - colon - 1), &verifier.salt) ||
      !FromBase64(text.substr(dollar + 1, last - dollar - 1), &verifier.stored_key) ||
      !FromBase64(text.substr(last + 1), &verifier.server_key) || verifier.salt.empty() ||
      verifier.stored_key.size() != kDigestBytes || verifier.server_key.size() != kDigestBytes) {
    return wrong;
  }
  return verifier;
}

bool LooksLikeOurs(const ScramVerifier& verifier) {
  return verifier.iterations == kIterations && verifier.salt.size() == kSaltBytes;
}

ScramVerifier MockVerifier(std::string_view user, std::string_view secret) {
  ScramVerifier verifier;
  verifier.iterations = kIterations;
  verifier.salt = Hmac(secret, absl::StrCat("salt of ", std::string(user))).substr(0, kSaltBytes);
  // No password is known to have these keys: nobody knows the secret.
  verifier.stored_key = Hmac(secret, absl::StrCat("stored key of ", std::string(user)));
  verifier.server_key = Hmac(secret, absl::StrCat("server key of ", std::string(user)));
  return verifier;
}

absl::StatusOr<std::string> ScramExchange::First(std::string_view mechanism, std::string_view client_first) {
  const bool binds = mechanism == kScramPlus;
  if ((!binds && mechanism != kScram) || (binds && endpoint_hash_.empty())) {
    return absl::InvalidArgumentError("the client chose a password exchange that was not offered");
  }
  // gs2-header: "n,," or "y,," or "p=tls-server-end-point,,"; no authorization identity.
  std::string header;
  if (binds) {
    header = "p=tls-server-end-point,,";
  } else {
    // "y": the client can bind and believes that we cannot. Where we offered it, somebody took the offer away.
    if (client_first.starts_with("y") && !endpoint_hash_.empty()) {
      return absl::InvalidArgumentError("the client was not told that this node supports channel binding");
    }
    header = client_first.starts_with("y") ? "y,," : "n,,";
  }
  if (!client_first.starts_with(header)) return Malformed();
  channel_binding_ = Base64(absl::StrCat(header, binds ? endpoint_hash_ : std::string()));
  std::string_view rest = client_first.substr(header.size());
  client_first_bare_ = std::string(rest);
  std::string_view user, nonce;  // the name was given when the session started; clients of this protocol send none
  if (!TakeAttribute(rest, 'n', &user) || !TakeAttribute(rest, 'r', &nonce) || nonce.empty()) return Malformed();
  CARE_ASSIGN_OR_RETURN(const std::string own, RandomBytes(kNonceBytes));
  nonce_ = absl::StrCat(std::string(nonce), Base64(own));
  server_first_ = absl::StrCat("r=", nonce_, ",s=", Base64(verifier_.salt), ",i=", verifier_.iterations);
  return server_first_;
}

absl::StatusOr<std::string> ScramExchange::Final(std::string_view client_final) {
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return Malformed();
  const std::string without_proof(client_final.substr(0, proof_at));
  std::string_view rest = client_final, binding, nonce;
  if (!TakeAttribute(rest, 'c', &binding) || !TakeAttribute(rest, 'r', &nonce)) return Malformed();
  if (binding != channel_binding_) {
    return absl::PermissionDeniedError("the client and this node do not see the same certificate");
  }
  std::string proof;
  if (nonce != nonce_ || !FromBase64(client_final.substr(proof_at + 3), &proof) || proof.size() != kDigestBytes) {
    return Malformed();
  }
  const std::string signed_text = absl::StrCat(client_first_bare_, ",", server_first_, ",", without_proof);
  const std::string signature = Hmac(verifier_.stored_key, signed_text);
  for (std::size_t at = 0; at < proof.size(); ++at) proof[at] = static_cast<char>(proof[at] ^ signature[at]);
  const std::string stored = Sha256(proof);
  if (CRYPTO_memcmp(stored.data(), verifier_.stored_key.data(), kDigestBytes) != 0) {
    return absl::PermissionDeniedError("the password is wrong");
  }
  return absl::StrCat("v=", Base64(Hmac(verifier_.server_key, signed_text)));
}

}  // namespace care::engine::pgwire
