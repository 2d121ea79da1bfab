#include "engine/frontend/generate/coaching_people.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/frontend/generate/coaching_schema.h"
#include "engine/frontend/generate/random_stream.h"
#include "engine/types/date.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kPrefixes = 10'000'000;  // 90000000..99999999
constexpr std::uint64_t kMostPeople = 8'000'000;  // one prefix in eleven has no valid last digit
constexpr std::size_t kNever = static_cast<std::size_t>(-1);

// The digit that completes eight to a number that passes the eleven-test, or 10 if there is none.
std::uint32_t LastDigit(std::uint32_t prefix) {
  std::uint32_t sum = 0;
  for (std::uint32_t weight = 2; weight <= 9; ++weight, prefix /= 10) sum += weight * (prefix % 10);
  return sum % 11;
}

// Unknown for one patient in forty: a group of its own, large enough to be released at the default sizes.
std::int8_t Education(RandomStream& random, bool patient, std::uint64_t patient_number) {
  if (patient ? patient_number % 40 == 7 : random.Chance(50)) return -1;
  const std::uint64_t draw = random.Below(100);
  return draw < 32 ? 0 : (draw < 74 ? 1 : 2);
}

std::uint8_t Region(RandomStream& random) {
  // Per mille of the population; zeeland is kept small.
  constexpr std::uint64_t kShare[] = {30, 25, 38, 120, 35, 65, 150, 170, 67, 80, 8, 212};
  std::uint64_t draw = random.Below(1000);
  std::uint8_t region = 0;
  while (draw >= kShare[region]) draw -= kShare[region++];
  return region;
}

// From 2021 to 2023, often the last day of a month; now and then not recorded.
std::int32_t IndexDay(RandomStream& random, std::uint64_t patient_number) {
  if (random.Chance(30)) return kNoDay;
  // Windows of these cross or touch 29 February of 2020 and 2024.
  if (patient_number % 200 == 3) return DaysFromCivil({2021, 2, 28});
  if (patient_number % 200 == 5) return DaysFromCivil({2023, 2, 28});
  const std::int32_t first = DaysFromCivil({2021, 1, 1});
  const std::int32_t day = static_cast<std::int32_t>(random.Between(first, DaysFromCivil({2023, 12, 31})));
  if (!random.Chance(60)) return day;
  const CivilDate date = CivilFromDays(day);
  return DaysFromCivil({date.year, date.month, DaysInMonth(date.year, date.month)});
}

}  // namespace

std::string FormatBsn(std::uint32_t bsn) {
  std::string text(9, '0');
  for (int i = 8; i >= 0; --i, bsn /= 10) text[static_cast<std::size_t>(i)] = static_cast<char>('0' + bsn % 10);
  return text;
}

bool PassesElevenTest(std::uint32_t bsn) { return LastDigit(bsn / 10) == bsn % 10; }

absl::StatusOr<ExamplePeople> InventPeople(const CoachingDataOptions& options) {
  // Of each hundred patients, about 92 are known to all, 4 not to the insurer, 3 not to the bureau, 1 to neither.
  const std::uint64_t both = std::min(options.insured - options.insured / 200, options.persons);
  const std::uint64_t bureau_only = options.persons - both;
  const std::uint64_t insured_only = options.insured - both;
  const std::uint64_t neither = options.patients / 100;
  const std::uint64_t total = both + bureau_only + insured_only + neither;
  if (total > kMostPeople) {
    return absl::InvalidArgumentError(absl::StrCat("the example has at most ", kMostPeople, " people"));
  }
  const std::uint64_t patients_bureau_only = std::min(options.patients * 4 / 100, bureau_only);
  const std::uint64_t patients_insured_only = std::min(options.patients * 3 / 100, insured_only);
  const std::uint64_t patients_both = options.patients - patients_bureau_only - patients_insured_only - neither;
  if (patients_both > both) {
    return absl::InvalidArgumentError("too few people are both insured and known to the bureau for so many patients");
  }

  ExamplePeople result;
  result.people.reserve(total);
  RandomStream random(options.seed, 1);
  // A step that shares no factor with the number of prefixes visits each prefix once.
  std::uint64_t prefix = random.Below(kPrefixes);
  std::uint64_t patient_number = 0;
  std::uint32_t dominant_bsn = 0;
  for (std::uint64_t i = 0; i < total; ++i) {
    ExamplePerson person;
    do {
      prefix = (prefix + 6'180'339) % kPrefixes;
      person.bsn = static_cast<std::uint32_t>(90'000'000 + prefix);
    } while (LastDigit(person.bsn) > 9);
    person.bsn = person.bsn * 10 + LastDigit(person.bsn);
    std::uint64_t place = i;
    if (place < both) {
      person.insured = person.at_bureau = true;
      person.patient = place < patients_both;
    } else if ((place -= both) < bureau_only) {
      person.at_bureau = true;
      person.patient = place < patients_bureau_only;
    } else if ((place -= bureau_only) < insured_only) {
      person.insured = true;
      person.patient = place < patients_insured_only;
    } else {
      person.patient = true;
    }
    person.education = Education(random, person.patient, patient_number);
    person.region = Region(random);
    person.birth_year = static_cast<std::uint16_t>(person.patient ? random.Between(1940, 2005)
                                                                  : random.Between(1921, 2024));
    if (person.patient) {
      person.uses_app = random.Chance(450);
      person.index_day = IndexDay(random, patient_number);
      if (patient_number == 17) {
        person.education = 1;
        person.uses_app = false;
        person.index_day = DaysFromCivil({2022, 3, 31});
        dominant_bsn = person.bsn;
      }
      ++patient_number;
    }
    result.people.push_back(person);
  }
  std::sort(result.people.begin(), result.people.end(),
            [](const ExamplePerson& a, const ExamplePerson& b) { return a.bsn < b.bsn; });
  const auto dominant = std::find_if(result.people.begin(), result.people.end(),
                                     [&](const ExamplePerson& person) { return person.bsn == dominant_bsn; });
  result.dominant = dominant == result.people.end()
                        ? kNever
                        : static_cast<std::size_t>(dominant - result.people.begin());
  return result;
}

}  // namespace care::engine
