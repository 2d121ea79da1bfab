// `care generate`: the example's data, and TPC-H's.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/bin/commands.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/generate/hospitals_data.h"
#include "engine/frontend/generate/messy_data.h"
#include "engine/frontend/generate/tpch_data.h"

namespace care::bin {
namespace {

void AddTpch(CLI::App& generate, int& exit_code) {
  auto options = std::make_shared<engine::TpchOptions>();
  options->authority_sha256 = std::string(64, '0');
  CLI::App* command = generate.add_subcommand(
      "tpch", "The tables of TPC-H over three owners: sales, supply, shipping; nation and region are public");
  command->add_option("DIRECTORY", options->directory, "Where the databases and federation.toml go")->required();
  command->add_option("--scale", options->scale, "1 is six million lines of orders")
      ->check(CLI::Range(0.0005, 100.0))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "The data follow from it alone")->capture_default_str();
  command->add_option("--authority-sha256", options->authority_sha256,
                      "Fingerprint for the federation file, as `care keygen` prints it; default: zeros");
  command->add_flag("--csv", options->csv, "Also CSV files, for PostgreSQL");
  command->callback([options, &exit_code] {
    std::error_code error;
    std::filesystem::create_directories(options->directory, error);
    const absl::Status status = engine::GenerateTpchData(*options);
    if (status.ok()) return;
    PrintError(status);
    exit_code = kFailed;
  });
}

void AddHospitals(CLI::App& generate, int& exit_code) {
  auto options = std::make_shared<engine::HospitalsOptions>();
  options->authority_sha256 = std::string(64, '0');
  CLI::App* command = generate.add_subcommand(
      "hospitals", "Diagnoses and medications of patients that two hospitals share, for the published health queries");
  command->add_option("DIRECTORY", options->directory, "Where the databases and federation.toml go")->required();
  command->add_option("--patients", options->patients, "Patients of the two together")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "The data follow from it alone")->capture_default_str();
  command->add_option("--authority-sha256", options->authority_sha256,
                      "Fingerprint for the federation file, as `care keygen` prints it; default: zeros");
  command->add_flag("--csv", options->csv, "Also CSV files, for PostgreSQL");
  command->callback([options, &exit_code] {
    std::error_code error;
    std::filesystem::create_directories(options->directory, error);
    const absl::Status status = engine::GenerateHospitalsData(*options);
    if (status.ok()) return;
    PrintError(status);
    exit_code = kFailed;
  });
}

}  // namespace

void AddGenerate(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<engine::CoachingDataOptions>();
  auto messy = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("generate", "Make the data of the coaching-app example, of TPC-H, or of two hospitals");
  AddTpch(*command, exit_code);
  AddHospitals(*command, exit_code);
  command->add_option("--directory", options->directory, "Where the databases and federation.toml go");
  command->add_option("--patients", options->patients, "Patients of the hospital")->capture_default_str();
  command->add_option("--insured", options->insured, "Persons insured")->capture_default_str();
  command->add_option("--claims", options->claims, "Claim lines")->capture_default_str();
  command->add_option("--persons", options->persons, "Persons at the bureau")->capture_default_str();
  command->add_option("--seed", options->seed, "The data follow from it alone")->capture_default_str();
  command->add_option("--authority-sha256", options->authority_sha256,
                      "Fingerprint for the federation file, as `care keygen` prints it");
  command->add_flag("--csv", options->csv, "Also CSV files, for PostgreSQL");
  command->add_flag("--messy", *messy,
                    "As owners really have them, with the node files' sections that say what counts; for each party as "
                    "SQLite, a folder of CSV files, and a script for psql");
  command->footer("All of it is invented: no person is behind any row.");
  command->callback([options, messy, command, &exit_code] {
    if (!command->get_subcommands().empty()) return;
    if (options->directory.empty()) throw CLI::RequiredError("--directory");
    std::error_code error;
    std::filesystem::create_directories(options->directory, error);
    const absl::Status status =
        *messy ? engine::GenerateMessyData(*options) : engine::GenerateCoachingData(*options, {});
    if (status.ok()) return;
    PrintError(status);
    exit_code = kFailed;
  });
}

}  // namespace care::bin
