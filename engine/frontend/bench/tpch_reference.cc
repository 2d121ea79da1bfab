#include "engine/frontend/bench/tpch_reference.h"

#include <openssl/sha.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/bench/tpch_answers.h"
#include "engine/frontend/bench/tpch_workload.h"
#include "engine/frontend/generate/tpch_data.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"

namespace care::engine {
namespace {

constexpr const char* kDigest = "sha256 ";  // then digest and number of rows

std::string Sha256Of(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(std::string(reinterpret_cast<const char*>(digest), sizeof digest));
}

absl::Status WriteNodes(const std::string& directory) {
  int port = 7401;
  for (const std::string_view party : kTpchParties) {
    const std::string name(party);
    CARE_RETURN_IF_ERROR(ReplaceFile(
        absl::StrCat(directory, "/", name, ".toml"),
        absl::StrCat("party = \"", name, "\"\nfederation = \"federation.toml\"\nlisten = \"127.0.0.1:",
                     port++, "\"\ncertificate = \"", name, ".pem\"\nprivate_key = \"", name,
                     ".key\"\nauthority = \"authority.pem\"\ndata_directory = \"", name, ".state\"\n",
                     TpchNodeTables(party)),
        kPublicFile));
  }
  return absl::OkStatus();
}

absl::Status AskPostgres(TemporaryPostgres& postgres, const std::string& directory) {
  CARE_RETURN_IF_ERROR(postgres.Execute(absl::StrCat(
      "CREATE DATABASE tpch;\nALTER DATABASE tpch SET search_path = ", std::string(kTpchSearchPath), ";")));
  CARE_RETURN_IF_ERROR(
      postgres.Execute(absl::StrCat("SET search_path = public;\n", TpchPostgresDdl()), "tpch"));
  CARE_RETURN_IF_ERROR(postgres.LoadCsv(directory, TpchTables(), "tpch"));
  // Without an index its plan of Q17, Q20 and Q21 reads lineitem again for each row.
  CARE_RETURN_IF_ERROR(
      postgres.Execute("CREATE INDEX ON lineitem (l_partkey, l_suppkey);\n"
                       "CREATE INDEX ON lineitem (l_suppkey);\nCREATE INDEX ON orders (o_custkey);\n"
                       "CREATE INDEX ON partsupp (ps_suppkey);\nANALYZE;",
                       "tpch"));
  std::string digests;
  for (const QueryText& query : TpchQueryTexts()) {
    CARE_ASSIGN_OR_RETURN(const TextTable answer, postgres.Query(query.sql, "tpch"));
    const std::string text = AnswerText(answer);
    absl::StrAppend(&digests, query.name, " ", answer.rows.size(), " ", Sha256Of(text), "\n");
    CARE_RETURN_IF_ERROR(ReplaceFile(TpchAnswerFile(directory, query.name), text, kPublicFile));
  }
  return ReplaceFile(directory + "/answers.sha256", digests, kPublicFile);
}

absl::Status WriteKnownAnswers(const std::string& directory, double scale, std::uint64_t seed) {
  for (const KnownTpchAnswer& known : KnownTpchAnswers()) {
    if (known.scale != scale || known.seed != seed) continue;
    CARE_RETURN_IF_ERROR(ReplaceFile(TpchAnswerFile(directory, known.query),
                                     absl::StrCat(kDigest, known.sha256, " ", known.rows, "\n"),
                                     kPublicFile));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> PrepareTpch(const std::string& parent, double scale, std::uint64_t seed) {
  const std::string directory = absl::StrCat(parent, "/tpch-", scale, "-seed", seed, "-v", kTpchDataVersion);
  const std::string done = directory + "/done";
  if (std::filesystem::exists(done)) return directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make the directory ", directory));
  auto postgres = TemporaryPostgres::Start();
  TpchOptions options;
  options.directory = directory;
  options.scale = scale;
  options.seed = seed;
  options.authority_sha256 = std::string(2 * SHA256_DIGEST_LENGTH, '0');
  options.csv = postgres.ok();
  CARE_RETURN_IF_ERROR(GenerateTpchData(options));
  CARE_RETURN_IF_ERROR(WriteNodes(directory));
  if (postgres.ok()) {
    CARE_RETURN_IF_ERROR(AskPostgres(**postgres, directory));
    for (const std::string& table : TpchTables())
      std::filesystem::remove(absl::StrCat(directory, "/", table, ".csv"), error);
  } else {
    CARE_RETURN_IF_ERROR(WriteKnownAnswers(directory, scale, seed));
  }
  CARE_RETURN_IF_ERROR(ReplaceFile(done, "", kPublicFile));
  return directory;
}

bool IsExpectedAnswer(const std::string& file_text, const std::string& answer_text) {
  if (!file_text.starts_with(kDigest)) return file_text == answer_text;
  const std::vector<std::string> words = absl::StrSplit(file_text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  return words.size() > 1 && words[1] == Sha256Of(answer_text);
}

std::uint64_t RowsOfAnswer(const std::string& file_text) {
  std::uint64_t rows = 0;
  if (file_text.starts_with(kDigest)) {
    const std::vector<std::string> words =
        absl::StrSplit(file_text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
    return words.size() > 2 && absl::SimpleAtoi(words[2], &rows) ? rows : 0;
  }
  rows = static_cast<std::uint64_t>(std::count(file_text.begin(), file_text.end(), '\n'));
  return rows > 0 ? rows - 1 : 0;  // without the line of names
}

}  // namespace care::engine
