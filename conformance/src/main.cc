// djcache-conformance: reads cases, replays them, reports. See conformance/README.md.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "src/backup/guard.h"
#include "src/cases/load.h"
#include "src/replay/location_servers.h"
#include "src/report/report.h"
#include "src/run/differences.h"
#include "src/run/run_plan.h"

namespace djcache::conformance {
namespace {

constexpr int exit_failures = 1, exit_usage = 2;
const auto process_begun = std::chrono::steady_clock::now();

// The folder of the suite: beside this program if it is installed, otherwise in the source tree.
std::string default_cases() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto installed = program.parent_path() / DJCACHE_INSTALLED_CASES;
  if (!error && std::filesystem::is_directory(installed, error)) {
    return installed.lexically_normal().string();
  }
  return DJCACHE_CASES_DIR;
}

int complain(const std::string& what) {
  std::fprintf(stderr, "djcache-conformance: %s\n", what.c_str());
  return exit_usage;
}

void print_problems(const LoadedCases& loaded) {
  for (const FileProblem& problem : loaded.problems) {
    std::fprintf(stderr, "%s: %s\n", problem.file.c_str(), problem.what.c_str());
  }
}

int check(const LoadedCases& loaded) {
  std::printf("%zu cases in %zu files, %zu bad files\n", loaded.cases.size(), loaded.files.size(),
              loaded.problems.size());
  return loaded.problems.empty() ? 0 : exit_usage;
}

void list(const Plan& plan) {
  for (const Case& c : plan.cases) {
    std::string labels;
    for (const std::string& label : c.labels) labels += (labels.empty() ? "" : " ") + label;
    std::printf("%s  [%s]\n    %s\n", c.id.c_str(), labels.c_str(), c.claim.c_str());
  }
  std::printf("%zu cases\n", plan.cases.size());
}

// CTest must show a bad file as a failure, not as missing tests.
void list_ctest(const Plan& plan, const LoadedCases& loaded, const Options& options,
                const std::string& program) {
  std::printf("%s", plan.problem.empty() ? ctest_list(plan, options, program).c_str() : "");
  std::string files;
  for (const std::string& path : options.paths) files += " [==[" + path + "]==]";
  std::printf("add_test(conformance.files [==[%s]==] --check%s)\n", program.c_str(), files.c_str());
  std::printf("set_tests_properties(conformance.files PROPERTIES TIMEOUT 60 LABELS conformance)\n");
  print_problems(loaded);
}

bool write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) complain(path + " cannot be written");
  return static_cast<bool>(out);
}

// The commit of the checkout that holds the cases, if it is one.
std::string commit_of(const std::string& path) {
  std::string folder = std::filesystem::is_directory(path) ? path : path + "/..", text, shell;
  for (const char c : folder) shell += c == '\'' ? std::string("'\\''") : std::string(1, c);
  if (FILE* pipe =
          ::popen(("git -C '" + shell + "' rev-parse --short=10 HEAD 2>/dev/null").c_str(), "r")) {
    char buffer[64];
    if (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text = buffer;
    ::pclose(pipe);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "" : "commit " + text;
}

Stamp stamp_of(const Options& options, std::chrono::steady_clock::time_point begun) {
  const auto took = std::chrono::steady_clock::now() - begun;
  const std::time_t now = std::time(nullptr);
  char date[32] = "";
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
#ifdef __clang__
  const std::string compiler = "compiled by " __VERSION__;
#else
  const std::string compiler = "compiled by g++ " __VERSION__;
#endif
  return {date, commit_of(options.paths.front()), compiler,
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(took).count()) + " s"};
}

bool write_badges(const Plan& plan, const Options& options,
                  const std::vector<CaseResult>& results) {
  bool written = true;
  for (const auto& [name, svg] : badges(plan, results)) {
    written &= write_file(options.badges + "/" + name, svg);
  }
  return written;
}

bool write_reports(const Plan& plan, const Options& options,
                   const std::vector<CaseResult>& results) {
  bool written = true;
  if (!options.badges.empty()) written &= write_badges(plan, options, results);
  if (!options.junit.empty()) written &= write_file(options.junit, junit_report(plan, results));
  if (!options.html.empty())
    written &=
        write_file(options.html, html_report(plan, results, stamp_of(options, process_begun)));
  if (!options.json.empty()) {
    written &= write_file(options.json, json_report(plan, results, options.state));
  }
  return written;
}

// Runs the plan, and applies the known differences.
Played play(const Plan& plan, const Options& options, Interrupts* interrupts) {
  ProgressLine progress(plan.runs.size(), options.verbose);
  Played played = run_plan(plan, options, interrupts, [&](const Run& r, const CaseResult& c) {
    progress.step(plan.cases[r.case_index].id + " " + plan.configurations[r.configuration].name(),
                  c);
  });
  if (played.signal != 0) return played;
  if (options.compare_states) std::printf("%zu states compared\n", played.states_compared);
  for (const std::string& file : options.differences) {
    apply_differences(read_differences(file), plan, played.results);
  }
  return played;
}

int report(const Plan& plan, const Options& options, const std::vector<CaseResult>& results) {
  print_table(plan, results, options.verbose);
  const bool written = write_reports(plan, options, results);
  const Totals totals = count(results);
  std::printf("%s\n", closing_line(totals).c_str());
  if (!written) return exit_usage;
  return totals.failed > 0 ? exit_failures : 0;
}

int interrupted(int signal) {
  std::fprintf(stderr, "djcache-conformance: ended by %s\n", signal_name(signal).c_str());
  return 128 + signal;
}

// Describes the user's database, and checks whether it may be used. Returns "", or why not.
std::string use_location(Plan& plan, const Options& options, harness::Endpoint& endpoint,
                         bool& holds_keys) {
  auto location = LocationServers::open(options.location);
  if (!location) return location.problem;
  const auto look = location->look();
  if (!look.problem.empty()) return look.problem;
  holds_keys = look.keys > 0;
  if (holds_keys && !options.allow_flush) {
    return "the database holds " + std::to_string(look.keys) +
           " keys: name an empty one, or say --allow-flush";
  }
  for (Configuration& k : plan.configurations) k.server.title = look.title;
  if (!look.note.empty()) std::printf("note: %s\n", look.note.c_str());
  std::fflush(stdout);  // before a fork, whose child would print it again
  endpoint = location->endpoint();
  return {};
}

int run_at_location(Plan& plan, const Options& options) {
  Interrupts interrupts;
  harness::Endpoint endpoint;
  bool holds_keys = false;
  const std::string problem = use_location(plan, options, endpoint, holds_keys);
  if (!problem.empty()) return complain(problem);
  harness::Opened<Guard> guard;
  if (holds_keys) {
    guard = Guard::save(endpoint, options.dump_folder, [&] { return interrupts.taken() != 0; });
    if (!guard && interrupts.taken() != 0) return interrupted(interrupts.taken());
    if (!guard) return complain(guard.problem);
  }
  const Played played = play(plan, options, &interrupts);
  if (!holds_keys) leave_empty(endpoint);
  const bool kept = !holds_keys || guard->put_back();
  const int code =
      played.signal != 0 ? interrupted(played.signal) : report(plan, options, played.results);
  return kept ? code : exit_usage;
}

int run(Plan& plan, const Options& options) {
  if (!options.location.empty()) return run_at_location(plan, options);
  return report(plan, options, play(plan, options, nullptr).results);
}

int restore(const Options& options) {
  Interrupts interrupts;
  harness::Endpoint endpoint;
  if (options.location.empty()) return restore_from(options.restore, nullptr);
  const std::string problem = parse_location(options.location, endpoint);
  return problem.empty() ? restore_from(options.restore, &endpoint) : complain(problem);
}

int main(int argc, char** argv) {
  int exit_code = 0;
  auto options = parse_options(argc, argv, exit_code);
  if (!options) return exit_code;
  if (!options->restore.empty()) return restore(*options);
  if (options->paths.empty()) options->paths.push_back(default_cases());
  LoadedCases loaded = load_cases(options->paths);
  if (loaded.files.empty()) return complain("no case files in " + options->paths.front());
  if (!options->list_ctest) print_problems(loaded);
  if (options->check) return check(loaded);
  // With a bad file nothing runs: its cases would be missing from the report.
  if (!loaded.problems.empty() && !options->list_ctest) return exit_usage;
  for (const std::string& file : options->differences) {
    check_differences(read_differences(file), loaded.cases);
  }
  Plan plan = make_plan(loaded.cases, *options);
  if (options->list_ctest) return list_ctest(plan, loaded, *options, argv[0]), 0;
  if (!plan.problem.empty()) return complain(plan.problem);
  if (options->list) return list(plan), 0;
  return run(plan, *options);
}

}  // namespace
}  // namespace djcache::conformance

// Exceptions are caught here, so that unwinding restores a guarded database.
int main(int argc, char** argv) {
  try {
    return djcache::conformance::main(argc, argv);
  } catch (const std::exception& error) {
    return djcache::conformance::complain(error.what());
  }
}
