// `care bench`, and `care bench-party` for the processes that it starts.

#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/bench/bench_party.h"
#include "engine/frontend/bench/benchmark.h"

namespace care::bin {
namespace {

void AddBenchParty(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<engine::BenchPartyOptions>();
  CLI::App* command = app.add_subcommand("bench-party", "One party of a benchmark")->group("");
  command->add_option("--task", options->task)->required();
  command->add_option("--role", options->role)->required()->check(CLI::Range(0, 2));
  command->add_option("--ports", options->ports)->required()->delimiter(',');
  command->add_option("--keys", options->key_directory)->required();
  command->add_option("--data", options->data_directory);
  command->add_option("--rows", options->rows);
  command->add_option("--repeats", options->repeats);
  command->callback([options, &exit_code] {
    const absl::Status status = engine::RunBenchParty(*options);
    if (status.ok()) return;
    PrintError(status);
    exit_code = kFailed;
  });
}

}  // namespace

void AddBench(CLI::App& app, int& exit_code) {
  struct Settings {
    engine::BenchOptions bench;
    std::string format = "table";
  };
  auto settings = std::make_shared<Settings>();
  std::error_code error;
  settings->bench.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  CLI::App* command = app.add_subcommand("bench", "Measure this machine: join, coaching question, planning, idle node, "
                                             "reading PostgreSQL");
  command->add_option("NAME", settings->bench.names, "Which benchmarks; without any, all")
      ->check(CLI::IsMember(engine::BenchNames()));
  command->add_option("--rows", settings->bench.rows, "Rows of each table of join-group-sum and postgresql")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command->add_option("--repeats", settings->bench.repeats, "Runs of which the fastest is shown")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--directory", settings->bench.directory,
                      "Keys and data; kept for the next run; default: bench, beside this program");
  command->add_option("--format", settings->format, "table, or json: an object a line")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->callback([settings, &exit_code] {
    engine::BenchOptions& bench = settings->bench;
    if (bench.directory.empty()) bench.directory = std::filesystem::path(bench.program).parent_path() / "bench";
    for (const std::string& name : bench.names.empty() ? engine::BenchNames() : bench.names) {
      const absl::StatusOr<engine::Figures> figures = engine::RunBenchmark(name, bench);
      if (!figures.ok()) {
        PrintError(figures.status());
        exit_code = kFailed;
        return;
      }
      const bool json = settings->format == "json";
      std::printf("%s\n", (json ? engine::FiguresAsJson(*figures) : engine::FiguresAsText(*figures)).c_str());
      std::fflush(stdout);
    }
  });
  AddBenchParty(app, exit_code);
}

}  // namespace care::bin
