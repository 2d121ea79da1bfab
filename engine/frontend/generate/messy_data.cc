#include "engine/frontend/generate/messy_data.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "engine/frontend/generate/messy_schema.h"
#include "engine/frontend/generate/messy_writer.h"
#include "engine/frontend/generate/random_stream.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using Fields = std::vector<std::string>;
using MakeRows = std::function<absl::Status(const Fields&)>;

constexpr char kNoBreakSpace[] = "\xc2\xa0";

MessyCell CellOf(const std::string& field) { return field.empty() ? MessyCell() : MessyCell(field); }

// One person in eight gets a number with a leading zero: the same digits after the first, with the last one that makes
// the eleven-test hold.
std::string Renumbered(const std::string& bsn) {
  if ((bsn[6] - '0') % 8 != 0) return bsn;
  int sum = 0;
  for (int i = 1; i < 8; ++i) sum += (9 - i) * (bsn[static_cast<std::size_t>(i)] - '0');
  if (sum % 11 == 10 || sum == 0) return bsn;
  return absl::StrCat("0", bsn.substr(1, 7), sum % 11);
}

std::string WithoutZeros(const std::string& bsn) { return bsn.substr(bsn[0] == '0' ? bsn.find_first_not_of('0') : 0); }

class MessyGenerator {
 public:
  MessyGenerator(const CoachingDataOptions& options, std::string clean)
      : options_(options), clean_(std::move(clean)), random_(options.seed, 11) {}

  absl::Status Generate() {
    if (!absl::LoadTimeZone("Europe/Amsterdam", &zone_)) {
      return absl::UnavailableError("the time zone Europe/Amsterdam is not known; install the package tzdata");
    }
    CARE_RETURN_IF_ERROR(Hospital());
    CARE_RETURN_IF_ERROR(Insurer());
    return Bureau();
  }

 private:
  // Each row of a clean table, without its header.
  absl::Status EachRow(const std::string& table, const MakeRows& make) {
    std::ifstream file(absl::StrCat(clean_, "/", table, ".csv"));
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) CARE_RETURN_IF_ERROR(make(absl::StrSplit(line, ',')));
    return absl::OkStatus();
  }

  std::string Padded(std::string text) {
    switch (random_.Below(6)) {
      case 0:
        return " " + text;
      case 1:
        return text + "  ";
      case 2:
        return absl::StrCat(kNoBreakSpace, text, "\t");
      default:
        return text;
    }
  }

  // Nine digits of which no person's number is made; most fail the test.
  std::string NobodysNumber() { return absl::StrCat(500'000'000 + random_.Below(99'999'999)); }

  // A moment of that day in Amsterdam, often close to midnight, written with some offset.
  std::string Moment(const std::string& day) {
    const CivilDate date = CivilFromDays(*ParseDate(day));
    absl::CivilSecond second(date.year, date.month, date.day);
    switch (random_.Below(5)) {
      case 0:
        break;
      case 1:
        second += 1'799;
        break;
      case 2:
        second += 86'399;
        break;
      case 3:
        second += 22 * 3'600 + 1'800;
        break;
      default:
        second += random_.Between(4 * 3'600, 20 * 3'600);
    }
    const absl::Time time = absl::FromCivil(second, zone_);
    return random_.Chance(500) ? absl::FormatTime("%Y-%m-%d %H:%M:%S+00", time, absl::UTCTimeZone())
                               : absl::FormatTime("%Y-%m-%d %H:%M:%S%Ez", time, absl::FixedTimeZone(-5 * 3'600));
  }

  // The hospital's number of a patient: the person's own, or one that was merged into it.
  std::string HospitalNumber(const std::string& bsn) {
    const auto olds = merged_.find(bsn);
    if (olds != merged_.end() && !random_.Chance(400)) return olds->second[random_.Below(olds->second.size())];
    return random_.Chance(100) ? WithoutZeros(bsn) : bsn;
  }

  absl::Status Hospital() {
    CARE_ASSIGN_OR_RETURN(writer_, MessyWriter::Create(options_.directory, "hospital"));
    CARE_RETURN_IF_ERROR(writer_->BeginTable("patient"));
    std::uint64_t number = 0;
    CARE_RETURN_IF_ERROR(EachRow("hospital.patients", [&](const Fields& clean) { return Patient(clean, number++); }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    CARE_RETURN_IF_ERROR(PatientMerges());
    CARE_RETURN_IF_ERROR(writer_->BeginTable("contact"));
    CARE_RETURN_IF_ERROR(EachRow("hospital.visits", [&](const Fields& clean) {
      const char* times[] = {"00:00:00", "00:00:00.000001", "09:15:00", "23:59:59.999999"};
      const std::string began = absl::StrCat(clean[2], " ", times[random_.Below(4)]);
      const MessyCell bsn = random_.Chance(15) ? (random_.Chance(500) ? MessyCell() : MessyCell(NobodysNumber()))
                                               : MessyCell(Padded(HospitalNumber(Renumbered(clean[1]))));
      return writer_->Row({clean[0], bsn, began, random_.Chance(10) ? MessyCell("telepathy") : MessyCell(Padded(clean[3]))});
    }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    CARE_RETURN_IF_ERROR(writer_->BeginTable("questionnaire"));
    CARE_RETURN_IF_ERROR(EachRow("hospital.quality", [&](const Fields& clean) {
      MessyCell score = CellOf(clean[2]);
      if (score.has_value()) {
        const std::uint64_t draw = random_.Below(30);
        if (draw == 0) score = "150";
        if (draw == 1) score = "n/a";
        if (draw == 2) score = "-0";
        if (draw > 20) score = Padded(absl::StrCat(draw > 25 ? "0" : "+", *score));
      }
      return writer_->Row({Padded(HospitalNumber(Renumbered(clean[0]))), clean[1], score});
    }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    return writer_->Finish();
  }

  absl::Status Patient(const Fields& clean, std::uint64_t number) {
    const std::string bsn = Renumbered(clean[0]);
    std::string day = clean[2];
    if (!day.empty() && number % 50 == 9) day = random_.Chance(500) ? "2022-03-27" : "2022-10-30";
    const auto row = [&](const std::string& own_bsn, const std::string& changed) {
      std::string diagnosis = clean[4];
      if (random_.Chance(20)) diagnosis = "Crohn?";
      return writer_->Row({CellOf(own_bsn.empty() ? "" : Padded(own_bsn)), clean[1],
                           day.empty() ? MessyCell() : MessyCell(Moment(day)), Padded(clean[3]),
                           diagnosis.empty() ? MessyCell() : MessyCell(Padded(diagnosis)), changed});
    };
    if (number % 20 == 3) {
      // Registered before under one or two other numbers, each with a row of its own.
      std::vector<std::string> olds = {absl::StrCat(800'000'000 + 2 * number)};
      if (number % 40 == 3) olds.push_back(absl::StrCat(800'000'001 + 2 * number));
      for (std::size_t i = 0; i < olds.size(); ++i) {
        CARE_RETURN_IF_ERROR(row(olds[i], absl::StrCat("2023-0", 3 - i, "-01 10:00:00")));
      }
      merged_.emplace(bsn, std::move(olds));
    }
    CARE_RETURN_IF_ERROR(row(bsn, absl::StrCat("2024-01-01 00:00:", 10 + random_.Below(50))));
    if (number % 25 == 4) {
      // Another version of the same row, on another day: the first one counts.
      day = "2021-06-30";
      CARE_RETURN_IF_ERROR(row(bsn, random_.Chance(500) ? "2023-12-31 23:59:59.5" : "2024-01-02 00:00:00"));
    }
    if (number % 30 == 5) return row(number % 60 == 5 ? "" : NobodysNumber(), "2024-01-01 00:00:00");
    return absl::OkStatus();
  }

  absl::Status PatientMerges() {
    CARE_RETURN_IF_ERROR(writer_->BeginTable("patient_merge"));
    for (const auto& [bsn, olds] : merged_) {
      // The later link first.
      CARE_RETURN_IF_ERROR(writer_->Row({Padded(olds.back()), WithoutZeros(bsn)}));
      if (olds.size() == 2) CARE_RETURN_IF_ERROR(writer_->Row({olds[0], Padded(olds[1])}));
      if (random_.Chance(100)) CARE_RETURN_IF_ERROR(writer_->Row({olds.back(), bsn}));
    }
    if (!merged_.empty()) {
      CARE_RETURN_IF_ERROR(writer_->Row({std::nullopt, merged_.begin()->first}));
      CARE_RETURN_IF_ERROR(writer_->Row({"unknown", merged_.begin()->first}));
      CARE_RETURN_IF_ERROR(writer_->Row({merged_.begin()->first, merged_.begin()->first}));
    }
    return writer_->EndTable();
  }

  absl::Status Insurer() {
    CARE_ASSIGN_OR_RETURN(writer_, MessyWriter::Create(options_.directory, "insurer"));
    const auto number_of = [&](const std::string& bsn) {
      if (random_.Chance(8)) return random_.Chance(500) ? MessyCell() : MessyCell(NobodysNumber());
      return MessyCell(WithoutZeros(Renumbered(bsn)));
    };
    CARE_RETURN_IF_ERROR(writer_->BeginTable("insured"));
    CARE_RETURN_IF_ERROR(EachRow("insurer.insured", [&](const Fields& clean) -> absl::Status {
      const MessyCell bsn = number_of(clean[0]);
      CARE_RETURN_IF_ERROR(
          writer_->Row({bsn, random_.Chance(10) ? MessyCell("gold") : MessyCell(Padded(clean[1]))}));
      return random_.Chance(10) ? writer_->Row({bsn, "top"}) : absl::OkStatus();
    }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    CARE_RETURN_IF_ERROR(writer_->BeginTable("enrolment"));
    CARE_RETURN_IF_ERROR(EachRow("insurer.enrolment", [&](const Fields& clean) {
      return writer_->Row({number_of(clean[0]), clean[1], clean[2]});
    }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    CARE_RETURN_IF_ERROR(writer_->BeginTable("claim_line"));
    std::uint64_t next_id = options_.claims + 1;
    CARE_RETURN_IF_ERROR(EachRow("insurer.claims", [&](const Fields& clean) { return Claim(clean, number_of, next_id); }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    return writer_->Finish();
  }

  absl::Status Claim(const Fields& clean, const std::function<MessyCell(const std::string&)>& number_of,
                     std::uint64_t& next_id) {
    const MessyCell bsn = number_of(clean[1]);
    MessyCell cents = CellOf(clean[3]);
    if (cents.has_value()) cents->erase(cents->size() - 3, 1);  // the point
    if (cents.has_value()) cents = absl::StrCat(std::strtoll(cents->c_str(), nullptr, 10));
    if (random_.Chance(5)) cents = "99999999999";
    const auto row = [&](const std::string& id, MessyCell reverses) {
      return writer_->Row({id, std::move(reverses), bsn, clean[2], cents, Padded(clean[4])});
    };
    if (!random_.Chance(40)) return row(clean[0], {});
    // Taken back: by a row before or after it; perhaps that is taken back too, or that again.
    std::vector<std::pair<std::string, MessyCell>> lines = {{clean[0], {}}};
    for (std::uint64_t depth = random_.Below(4); depth > 0; --depth) {
      lines.emplace_back(absl::StrCat(next_id++), lines.back().first);
    }
    if (random_.Chance(500)) std::swap(lines.front(), lines.back());
    if (random_.Chance(200)) lines.emplace_back(absl::StrCat(next_id++), "0");  // of a row that is not there
    for (const auto& [id, reverses] : lines) CARE_RETURN_IF_ERROR(row(id, reverses));
    return absl::OkStatus();
  }

  absl::Status Bureau() {
    CARE_ASSIGN_OR_RETURN(writer_, MessyWriter::Create(options_.directory, "bureau"));
    CARE_RETURN_IF_ERROR(writer_->BeginTable("person"));
    CARE_RETURN_IF_ERROR(EachRow("bureau.persons", [&](const Fields& clean) { return Person(clean); }));
    CARE_RETURN_IF_ERROR(writer_->EndTable());
    return writer_->Finish();
  }

  absl::Status Person(const Fields& clean) {
    const std::string bsn = Renumbered(clean[0]);
    const auto row = [&](const std::string& own_bsn, const std::string& education, const char* version) {
      std::string region = clean[3] == "friesland" ? kMessyProvince : clean[3];
      if (region == kMessyProvince && random_.Chance(500)) region = "frysla\xcc\x82n";
      const std::string year = random_.Chance(100) ? absl::StrCat(" 0", clean[2]) : clean[2];
      return writer_->Row({own_bsn.empty() ? MessyCell() : MessyCell(Padded(own_bsn)),
                           education.empty() ? MessyCell() : MessyCell(Padded(education)), year, Padded(region),
                           version});
    };
    std::string education = clean[1];
    if (random_.Chance(15)) education = "lo\xffw";
    if (random_.Chance(15)) education = "MBO, \"4\"\n";
    if (random_.Chance(20)) CARE_RETURN_IF_ERROR(row(bsn, "high", "9"));
    CARE_RETURN_IF_ERROR(row(random_.Chance(100) ? WithoutZeros(bsn) : bsn, education, random_.Chance(500) ? "2" : "10"));
    if (random_.Chance(20)) CARE_RETURN_IF_ERROR(row(bsn, "low", random_.Chance(500) ? "1" : "10"));
    return random_.Chance(10) ? row(random_.Chance(500) ? "" : NobodysNumber(), "low", "1") : absl::OkStatus();
  }

  const CoachingDataOptions& options_;
  const std::string clean_;
  RandomStream random_;
  absl::TimeZone zone_;
  std::unique_ptr<MessyWriter> writer_;
  std::map<std::string, std::vector<std::string>> merged_;  // by person: earlier numbers
};

absl::Status WriteTextFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file.fail() ? absl::UnavailableError(absl::StrCat("cannot write ", path)) : absl::OkStatus();
}

}  // namespace

absl::Status GenerateMessyData(const CoachingDataOptions& options) {
  // The invented people come from the tidy example, which is made beside and thrown away.
  CoachingDataOptions tidy = options;
  tidy.directory = absl::StrCat(options.directory, "/tidy.unfinished");
  tidy.csv = true;
  std::error_code error;
  std::filesystem::create_directories(tidy.directory, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make the directory ", tidy.directory));
  absl::Status status = GenerateCoachingData(tidy, {});
  if (status.ok()) status = MessyGenerator(options, tidy.directory).Generate();
  std::filesystem::remove_all(tidy.directory, error);
  CARE_RETURN_IF_ERROR(status);
  for (const char* party : {"hospital", "insurer", "bureau"}) {
    for (const char* kind : {"sqlite", "csv", "postgresql"}) {
      CARE_RETURN_IF_ERROR(WriteTextFile(absl::StrCat(options.directory, "/", party, ".", kind, ".toml"),
                                         MessyNodeTables(party, kind)));
    }
  }
  return WriteTextFile(absl::StrCat(options.directory, "/federation.toml"), MessyFederation(options));
}

}  // namespace care::engine
