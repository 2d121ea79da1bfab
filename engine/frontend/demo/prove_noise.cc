#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/frontend/demo/asking.h"
#include "engine/frontend/demo/demo_acts.h"
#include "engine/frontend/demo/print.h"
#include "engine/frontend/demo/questions.h"
#include "engine/frontend/demo/running_federation.h"
#include "engine/frontend/shell/print_answer.h"
#include "engine/session/messages.h"
#include "engine/session/traffic_record.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

struct Noise {
  std::array<std::uint64_t, 256> histogram{};
  std::string sample_hex;
};

// As many bytes as were received, from the operating system's generator.
absl::StatusOr<Noise> RealNoise(std::uint64_t bytes, std::size_t sample_bytes) {
  Noise noise;
  std::vector<std::uint8_t> chunk(std::size_t{1} << 16);
  for (std::uint64_t done = 0; done < bytes;) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), bytes - done));
    if (RAND_bytes(chunk.data(), static_cast<int>(count)) != 1)
      return absl::UnavailableError("no random bytes");
    for (std::size_t at = 0; at < count; ++at) {
      ++noise.histogram[chunk[at]];
      if (done == 0 && at < sample_bytes)
        absl::StrAppend(&noise.sample_hex, absl::Hex(chunk[at], absl::kZeroPad2));
    }
    done += count;
  }
  return noise;
}

std::string InLines(const std::string& hex) {
  std::string text;
  for (std::size_t at = 0; at < hex.size(); at += 64)
    absl::StrAppend(&text, "      ", hex.substr(at, 64), "\n");
  return text;
}

// What came more often than chance allows, and why it may: an owner's rearrangement of rows travels as
// positions, and a position is below the number of rows.
void ShowSurplus(const std::array<std::uint64_t, 256>& histogram, std::uint64_t bytes) {
  std::array<std::uint64_t, 256> sorted = histogram;
  std::sort(sorted.begin(), sorted.end());
  const double usual = static_cast<double>(sorted[128]);
  const double chance = 8 * std::sqrt(usual + 1);  // eight standard deviations
  double surplus = 0;
  for (const std::uint64_t count : histogram) {
    const double more = static_cast<double>(count) - usual;
    if (more > chance) surplus += more;
  }
  if (surplus == 0) return;
  Print(
      absl::StrFormat("    unlike noise, some byte values come more often than chance allows, by %.2f %% of "
                      "all bytes: messages that\n"
                      "    are positions of rows in a random order. The order is uniformly random whatever "
                      "the data are, but a\n"
                      "    position is below the public number of rows, and that shows in its bits.\n",
                      100 * surplus / static_cast<double>(bytes)));
}

absl::Status ShowPeer(const std::string& peer, const nlohmann::json& entry) {
  CARE_ASSIGN_OR_RETURN(const std::uint64_t bytes, NumberField(entry, "bytes"));
  CARE_ASSIGN_OR_RETURN(const std::uint64_t messages, NumberField(entry, "messages"));
  CARE_ASSIGN_OR_RETURN(const std::string sample, TextField(entry, "sample_hex"));
  std::array<std::uint64_t, 256> histogram{};
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    histogram[value] = entry.at("histogram").at(value).get<std::uint64_t>();
  }
  CARE_ASSIGN_OR_RETURN(const Noise noise, RealNoise(bytes, sample.size() / 2));
  Print(absl::StrFormat("\nFrom the %s: %d bytes in %d messages\n", peer, bytes, messages));
  Print(absl::StrFormat("    entropy, bits a byte    received %.6f    noise %.6f\n",
                        EntropyBitsPerByte(histogram), EntropyBitsPerByte(noise.histogram)));
  Print(absl::StrCat("    the first bytes received\n", InLines(sample), "    as many bytes of noise\n",
                     InLines(noise.sample_hex)));
  ShowSurplus(histogram, bytes);
  return absl::OkStatus();
}

}  // namespace

absl::Status ProveNoise(const DemoOptions& options, const FederationDirectory& directory) {
  const std::string& party = options.eavesdrop;
  const NodeSettings settings{
      .purpose = "eavesdrop", .threshold = kDemoThreshold, .record_traffic_of = party};
  CARE_RETURN_IF_ERROR(directory.WriteNodeFiles(settings));
  CARE_ASSIGN_OR_RETURN(const auto federation,
                        RunningFederation::Start(options.program, directory, settings.purpose));
  const Asking hospital(options.program, directory.NodeFile("hospital", settings.purpose));
  const std::vector<DemoQuestion> questions = Questions();
  for (const DemoQuestion& question : questions) {
    if (question.name != "02_cost_of_care") continue;
    Print(
        absl::StrCat("Question: ", question.plain, "\nAsked by the hospital; what the node of the ", party,
                     " received is counted after TLS has decrypted it, from where its keys were made.\n\n"));
    CARE_ASSIGN_OR_RETURN(const Answer answer, hospital.Query(question.sql));
    Print(FormatTable(answer));
  }
  const std::string path = directory.StateDirectory(party, settings.purpose) + "/last_traffic.json";
  const std::string text = ReadTextFile(path);
  if (text.empty())
    return absl::NotFoundError(absl::StrCat("the node of ", party, " left no record at ", path));
  CARE_ASSIGN_OR_RETURN(const nlohmann::json record, ParseJson(text));
  if (!record.contains("peers") || !record.contains("opened"))
    return absl::InternalError("a record without peers");
  for (const auto& [peer, entry] : record["peers"].items()) CARE_RETURN_IF_ERROR(ShowPeer(peer, entry));

  Print(absl::StrCat("\nOpened to the ", party, ", all of it:\n"));
  bool any = false;
  for (const nlohmann::json& opened : record["opened"]) {
    CARE_ASSIGN_OR_RETURN(const std::string recipient, TextField(opened, "recipient"));
    CARE_ASSIGN_OR_RETURN(const std::string what, TextField(opened, "what"));
    CARE_ASSIGN_OR_RETURN(const std::uint64_t values, NumberField(opened, "values"));
    CARE_ASSIGN_OR_RETURN(const std::uint64_t most, NumberField(opened, "max_values"));
    if (recipient != party && recipient != "all") continue;
    any = true;
    Print(absl::StrFormat("    %s: %d values (the leakage report allows %d)\n", what, values, most));
  }
  if (!any) Print("    nothing\n");
  return absl::OkStatus();
}

}  // namespace care::engine
