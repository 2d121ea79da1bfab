#include "engine/frontend/generate/coaching_data.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/frontend/generate/coaching_claims.h"
#include "engine/frontend/generate/coaching_people.h"
#include "engine/frontend/generate/coaching_schema.h"
#include "engine/frontend/generate/random_stream.h"
#include "engine/frontend/generate/table_writer.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kRowsPerReport = 16'384;

class ExampleGenerator {
 public:
  ExampleGenerator(const CoachingDataOptions& options, const GenerateProgress& progress)
      : options_(options), progress_(progress), tables_(DescribeCoachingTables(options)) {}

  absl::Status Generate() {
    CARE_ASSIGN_OR_RETURN(people_, InventPeople(options_));
    CARE_RETURN_IF_ERROR(WriteHospital());
    CARE_RETURN_IF_ERROR(WriteInsurer());
    CARE_RETURN_IF_ERROR(WriteBureau());
    const std::string path = absl::StrCat(options_.directory, "/federation.toml");
    std::ofstream file(path, std::ios::trunc);
    file << CoachingFederation(options_);
    file.close();
    return file.fail() ? absl::UnavailableError(absl::StrCat("cannot write ", path)) : absl::OkStatus();
  }

 private:
  absl::Status Open(const std::string& schema) {
    CARE_ASSIGN_OR_RETURN(writer_, TableWriter::Create(options_.directory, schema, options_.csv));
    schema_ = schema;
    return absl::OkStatus();
  }

  absl::Status Begin(const std::string& name, std::uint64_t expected_rows) {
    const auto table = std::find_if(tables_.begin(), tables_.end(), [&](const ExampleTable& t) {
      return t.schema == schema_ && t.name == name;
    });
    CARE_CHECK(table != tables_.end());
    full_name_ = absl::StrCat(schema_, ".", name);
    row_bound_ = table->row_bound;
    rows_ = 0;
    expected_rows_ = expected_rows;
    return writer_->BeginTable(*table);
  }

  absl::Status Row(std::initializer_list<ExampleCell> cells) {
    cells_.assign(cells);
    if (++rows_ % kRowsPerReport == 0 && progress_) progress_(full_name_, rows_, std::max(expected_rows_, rows_));
    return writer_->Row(cells_);
  }

  absl::Status End() {
    CARE_CHECK(rows_ <= row_bound_);
    if (progress_) progress_(full_name_, rows_, rows_);
    return writer_->EndTable();
  }

  absl::Status WriteHospital() {
    CARE_RETURN_IF_ERROR(Open("hospital"));
    CARE_RETURN_IF_ERROR(Begin("patients", options_.patients));
    RandomStream random(options_.seed, 3);
    for (const ExamplePerson& person : people_.people) {
      if (!person.patient) continue;
      const std::string bsn = FormatBsn(person.bsn);
      CARE_RETURN_IF_ERROR(
          Row({ExampleCell::Of(bsn), ExampleCell::Of(std::int64_t{person.uses_app}),
               person.index_day == kNoDay ? ExampleCell::Null() : ExampleCell::Of(std::int64_t{person.index_day}),
               ExampleCell::Of(random.Chance(540) ? "F" : "M"),
               random.Chance(8) ? ExampleCell::Null() : ExampleCell::Of(random.Chance(520) ? "crohn" : "colitis")}));
    }
    CARE_RETURN_IF_ERROR(End());
    CARE_RETURN_IF_ERROR(WriteVisits());
    CARE_RETURN_IF_ERROR(WriteQuality());
    return writer_->Finish();
  }

  // Some episodes are there twice, under two numbers.
  absl::Status WriteVisits() {
    CARE_RETURN_IF_ERROR(Begin("visits", options_.patients * 5));
    RandomStream random(options_.seed, 4);
    std::int64_t visit_id = 0;
    std::uint64_t number = 0;
    for (const ExamplePerson& person : people_.people) {
      if (!person.patient) continue;
      const std::string bsn = FormatBsn(person.bsn);
      const std::int32_t around = person.index_day == kNoDay ? DaysFromCivil({2022, 6, 30}) : person.index_day;
      std::vector<std::pair<std::int64_t, std::string_view>> visits;
      for (std::uint64_t i = 0; i < number % 7 + 2; ++i) {
        const std::uint64_t draw = random.Below(100);
        visits.emplace_back(random.Between(around - 400, around + 400), draw < 62   ? "outpatient"
                                                                        : draw < 72 ? "inpatient"
                                                                        : draw < 93 ? "phone"
                                                                                    : "emergency");
      }
      if (number % 10 == 9) visits.push_back(visits.front());
      std::sort(visits.begin(), visits.end());
      for (const auto& [day, kind] : visits) {
        CARE_RETURN_IF_ERROR(Row({ExampleCell::Of(++visit_id), ExampleCell::Of(bsn), ExampleCell::Of(day),
                                  ExampleCell::Of(kind)}));
      }
      ++number;
    }
    return End();
  }

  // Quality of life: app users gain some points after their start.
  absl::Status WriteQuality() {
    CARE_RETURN_IF_ERROR(Begin("quality", options_.patients * 5 / 2));
    RandomStream random(options_.seed, 5);
    std::uint64_t number = 0;
    for (const ExamplePerson& person : people_.people) {
      if (!person.patient) continue;
      const std::string bsn = FormatBsn(person.bsn);
      const std::int32_t around = person.index_day == kNoDay ? DaysFromCivil({2022, 6, 30}) : person.index_day;
      for (std::uint64_t i = 0; i < number % 4 + 1; ++i) {
        const std::int64_t day = random.Between(around - 360, around + 360);
        const std::int64_t gain = person.uses_app && day >= around ? 6 : 0;
        const std::int64_t score = std::clamp<std::int64_t>(random.Between(35, 85) + gain, 0, 100);
        CARE_RETURN_IF_ERROR(Row({ExampleCell::Of(bsn), ExampleCell::Of(day),
                                  random.Chance(30) ? ExampleCell::Null() : ExampleCell::Of(score)}));
      }
      ++number;
    }
    return End();
  }

  absl::Status WriteInsurer() {
    CARE_RETURN_IF_ERROR(Open("insurer"));
    CARE_RETURN_IF_ERROR(Begin("insured", options_.insured));
    RandomStream random(options_.seed, 6);
    for (const ExamplePerson& person : people_.people) {
      if (!person.insured) continue;
      const std::uint64_t draw = random.Below(10);
      const std::string bsn = FormatBsn(person.bsn);
      CARE_RETURN_IF_ERROR(
          Row({ExampleCell::Of(bsn), ExampleCell::Of(draw < 5 ? "basic" : draw < 8 ? "plus" : "top")}));
    }
    CARE_RETURN_IF_ERROR(End());
    CARE_RETURN_IF_ERROR(WriteEnrolment());
    CARE_RETURN_IF_ERROR(WriteClaims());
    return writer_->Finish();
  }

  // Of a hundred: 85 insured throughout, 8 with a gap, 4 with two contracts that overlap for some months (never
  // both over the same two years), 3 in and out twice.
  absl::Status WriteEnrolment() {
    CARE_RETURN_IF_ERROR(Begin("enrolment", options_.insured * 118 / 100));
    RandomStream random(options_.seed, 7);
    const std::int64_t first = DaysFromCivil({2018, 1, 1});
    const std::int64_t last = DaysFromCivil({2025, 12, 31});
    std::uint64_t number = 0;
    for (const ExamplePerson& person : people_.people) {
      if (!person.insured) continue;
      const std::string bsn = FormatBsn(person.bsn);
      std::vector<std::pair<std::int64_t, std::int64_t>> periods;
      const std::uint64_t kind = number++ % 100;
      const std::int64_t turn = random.Between(DaysFromCivil({2020, 6, 30}), DaysFromCivil({2024, 6, 30}));
      if (kind < 85) {
        periods = {{first, last}};
      } else if (kind < 93) {
        periods = {{first, turn}, {turn + random.Between(15, 300), last}};
      } else if (kind < 97) {
        periods = {{first, turn + random.Between(15, 150)}, {turn, last}};
      } else {
        periods = {{first, turn - 300}, {turn - 200, turn}, {turn + random.Between(15, 300), last}};
      }
      for (const auto& [from, to] : periods) {
        CARE_RETURN_IF_ERROR(Row({ExampleCell::Of(bsn), ExampleCell::Of(from), ExampleCell::Of(to)}));
      }
    }
    return End();
  }

  absl::Status WriteClaims() {
    CARE_RETURN_IF_ERROR(Begin("claims", options_.claims));
    const std::vector<ExampleClaim> claims = InventClaims(options_, people_);
    // Numbers as if lines had come in any order: a step without a common factor visits each once.
    const std::uint64_t count = std::max<std::uint64_t>(claims.size(), 1);
    std::uint64_t step = count * 61 / 100 + 1;
    while (std::gcd(step, count) != 1) ++step;
    std::uint64_t number = 0;
    for (const ExampleClaim& claim : claims) {
      const std::string bsn = FormatBsn(claim.bsn);
      number = (number + step) % count;
      CARE_RETURN_IF_ERROR(
          Row({ExampleCell::Of(static_cast<std::int64_t>(number) + 1), ExampleCell::Of(bsn),
               ExampleCell::Of(std::int64_t{claim.day}),
               claim.no_amount ? ExampleCell::Null() : ExampleCell::Of(std::int64_t{claim.cents}),
               ExampleCell::Of(std::string_view(CareCategories()[claim.category]))}));
    }
    return End();
  }

  absl::Status WriteBureau() {
    CARE_RETURN_IF_ERROR(Open("bureau"));
    CARE_RETURN_IF_ERROR(Begin("persons", options_.persons));
    for (const ExamplePerson& person : people_.people) {
      if (!person.at_bureau) continue;
      const std::string bsn = FormatBsn(person.bsn);
      CARE_RETURN_IF_ERROR(
          Row({ExampleCell::Of(bsn),
               person.education < 0
                   ? ExampleCell::Null()
                   : ExampleCell::Of(std::string_view(Educations()[static_cast<std::size_t>(person.education)])),
               ExampleCell::Of(std::int64_t{person.birth_year}),
               ExampleCell::Of(std::string_view(Provinces()[person.region]))}));
    }
    CARE_RETURN_IF_ERROR(End());
    return writer_->Finish();
  }

  const CoachingDataOptions& options_;
  const GenerateProgress& progress_;
  const std::vector<ExampleTable> tables_;
  ExamplePeople people_;
  std::unique_ptr<TableWriter> writer_;
  std::string schema_;
  std::string full_name_;
  std::uint64_t row_bound_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t expected_rows_ = 0;
  std::vector<ExampleCell> cells_;
};

}  // namespace

absl::Status GenerateCoachingData(const CoachingDataOptions& options, const GenerateProgress& progress) {
  return ExampleGenerator(options, progress).Generate();
}

}  // namespace care::engine
