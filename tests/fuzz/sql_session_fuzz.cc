// A client of PostgreSQL's protocol. The first byte says whether the bytes are a whole connection, from its
// startup packet on, or what a client sends who has logged in; then the catalogue is the real one. Whatever
// comes, the session answers, and gives back all the memory that it held.

#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/pgwire/catalogue.h"
#include "tests/unit/pgwire/memory_session.h"

namespace care::engine::pgwire {
namespace {

constexpr char kFederation[] = R"(
name = "care"
version = 1
compute = ["a", "b", "c"]
authority_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
[[party]]
name = "a"
address = "127.0.0.1:1"
[[party]]
name = "b"
address = "127.0.0.1:2"
[[party]]
name = "c"
address = "127.0.0.1:3"
[[table]]
name = "a.t"
subject = "k"
row_bound = 10
[[table.column]]
name = "k"
type = "text"
key = "k"
nullable = false
)";

// A real catalogue, and a user whose key is known, so that a login costs no PBKDF2.
class FuzzServices final : public SessionServices {
 public:
  FuzzServices() : catalogue_(Catalogue::Make(planner::ParseFederation(kFederation).value()).value()) {
    verifier_.iterations = 1;
    verifier_.salt = "salt";
    verifier_.stored_key.resize(SHA256_DIGEST_LENGTH);
    SHA256(reinterpret_cast<const unsigned char*>(client_key_.data()), client_key_.size(),
           reinterpret_cast<unsigned char*>(verifier_.stored_key.data()));
    verifier_.server_key = client_key_;
  }

  absl::StatusOr<Reply> Ask(const Question& question, Asker& asker) override {
    return fake_.Ask(question, asker);
  }
  absl::StatusOr<std::vector<DescribedColumn>> Describe(const Question& question) override {
    return fake_.Describe(question);
  }
  absl::StatusOr<ResultSet> AskCatalogue(const CatalogueQuestion& question) override {
    return catalogue_->Ask(question);
  }
  bool IsCatalogueRelation(std::string_view name) const override { return catalogue_->HasRelation(name); }
  CommonBudget& memory() override { return fake_.memory_; }
  ScramVerifier VerifierOf(const std::string& user) override {
    return user == "anna" ? verifier_ : MockVerifier(user, "node");
  }
  const std::string& endpoint_hash() const override { return fake_.endpoint_hash(); }
  bool tls_optional() const override { return true; }
  const std::string& default_purpose() const override { return fake_.default_purpose(); }
  const std::string& database() const override { return fake_.database(); }
  void Cancel(std::uint32_t, std::uint32_t) override {}
  std::chrono::milliseconds LoggedIn(const std::string&, const std::string&, bool) override {
    return std::chrono::milliseconds(0);
  }
  bool Admit(std::uint32_t) override { return true; }

  void LogIn(Session& session, MemoryOutput& output) {
    session.Handle({0, std::string("\0\3\0\0user\0anna\0\0", 15)});
    output.sent.clear();
    session.Handle({'p', absl::StrCat(kScram, std::string("\0\0\0\0\x0d", 5), "n,,n=,r=nonce")});
    const std::string server_first = output.sent.substr(9);
    const std::vector<std::string> parts = absl::StrSplit(server_first, ',');
    const std::string without_proof = "c=biws," + parts[0];
    const std::string text = absl::StrCat("n=,r=nonce,", server_first, ",", without_proof);
    std::string proof(SHA256_DIGEST_LENGTH, '\0'), proof_text;
    HMAC(EVP_sha256(), verifier_.stored_key.data(), static_cast<int>(verifier_.stored_key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(proof.data()), nullptr);
    for (std::size_t at = 0; at < proof.size(); ++at)
      proof[at] = static_cast<char>(proof[at] ^ client_key_[at]);
    absl::Base64Escape(proof, &proof_text);
    session.Handle({'p', absl::StrCat(without_proof, ",p=", proof_text)});
    if (!session.authenticated()) std::abort();
    output.sent.clear();
    fake_.asked.clear();
    fake_.described.clear();
  }

 private:
  FakeServices fake_;
  const std::unique_ptr<Catalogue> catalogue_;
  const std::string client_key_ = std::string(SHA256_DIGEST_LENGTH, 'k');
  ScramVerifier verifier_;
};

void ServeLoggedIn(FuzzServices& services, std::string_view bytes) {
  MemoryOutput output;
  Session session(services, output, {"127.0.0.1", true, 7, 11});
  services.LogIn(session, output);
  FrameReader frames;
  frames.ExpectMessages();
  frames.Authenticated();
  frames.Append(bytes);
  while (true) {
    const auto message = frames.Next();
    if (!message.ok() || !message->has_value()) break;
    if (session.Handle(**message) != Session::Next::kContinue) break;
  }
}

}  // namespace
}  // namespace care::engine::pgwire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace care::engine::pgwire;
  if (size == 0) return 0;
  static FuzzServices services;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) == 0) {
    ServeBytes(services, bytes);
  } else {
    ServeLoggedIn(services, bytes);
  }
  if (services.memory().taken() != 0) std::abort();
  return 0;
}
