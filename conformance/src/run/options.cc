#include "src/run/options.h"

#include <CLI/CLI.hpp>

#include <djcache/version.h>

#include <thread>

namespace djcache::conformance {
namespace {

// Each option takes one value per occurrence, so that paths may follow it.
void add_selection(CLI::App& app, Options& options) {
  app.add_option("paths", options.paths, "case files or folders of them (default: the suite)");
  app.add_option("--case", options.cases, "only cases whose id matches, with * for anything")
      ->allow_extra_args(false);
  app.add_option("--group", options.groups, "only these groups")->allow_extra_args(false);
  app.add_option("--label", options.labels, "only cases that have all these labels")
      ->allow_extra_args(false);
  app.add_option("--not-label", options.not_labels, "no case that has one of these labels")
      ->allow_extra_args(false);
  app.add_option("--backend", options.backends, "only these backends")->allow_extra_args(false);
  app.add_option("--flavour", options.flavours, "only these flavours of the API")
      ->allow_extra_args(false);
  app.add_option("--serializer", options.serializers, "only these serializers")
      ->allow_extra_args(false);
  app.add_option("--server", options.servers,
                 "only these servers: redis, valkey, or a binary's name; followed by -tls: by TLS; "
                 "-mtls: with a client certificate; -sentinel: by what a Sentinel says")
      ->allow_extra_args(false);
}

void add_servers(CLI::App& app, Options& options) {
  auto* location =
      app.add_option("--location", options.location,
                     "a server of yours (redis://... or unix://...) instead of own ones; "
                     "its database must be empty");
  auto* allow_flush = app.add_flag("--allow-flush", options.allow_flush,
                                   "the database of --location may be emptied; its keys are "
                                   "saved in a file first, and put back at the end")
                          ->needs(location);
  app.add_option("--dump-folder", options.dump_folder,
                 "where --allow-flush writes that file (default: the current folder)")
      ->needs(allow_flush)
      ->check(CLI::ExistingDirectory);
  app.add_option("--restore", options.restore,
                 "put back the keys of a file that --allow-flush left, and run nothing; "
                 "--location names the server if it wants credentials")
      ->excludes(allow_flush);
  app.add_option("--server-binary", options.server_binaries,
                 "a redis-server or valkey-server to start (default: redis-server, and "
                 "valkey-server when $DJCACHE_VALKEY_SERVER or PATH has one)")
      ->allow_extra_args(false)
      ->excludes(location);
}

void add_running(CLI::App& app, Options& options) {
  app.add_option("--adapter", options.adapters,
                 "a program that speaks PROTOCOL.md: its client is judged instead of djcache; "
                 "--flavour may name djcache's, too")
      ->allow_extra_args(false);
  app.add_option("--adapter-limit", options.adapter_limit_s, "seconds that one answer may take")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--differences", options.differences,
                 "the differences that are known, with their reasons: listed cases must fail")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  app.add_flag("--compare-states", options.compare_states,
               "what the flavours of a run leave on the same server must be the same");
  app.add_option("--jobs,-j", options.jobs, "processes (default: one per processor)")
      ->check(CLI::Range(1, 256));
  app.add_option("--case-limit", options.case_limit_s, "seconds that one case may take")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_flag("--in-process", options.in_process, "no processes: for a debugger");
  app.add_flag("--verbose,-v", options.verbose, "one line for each case, and what was skipped");
}

void add_output(CLI::App& app, Options& options) {
  app.add_flag("--list", options.list, "list the cases and what they claim; runs nothing");
  app.add_flag("--list-ctest", options.list_ctest, "list as CTest commands; runs nothing");
  app.add_flag("--check", options.check, "only check the files; runs nothing");
  app.add_option("--junit", options.junit, "write a JUnit report");
  app.add_option("--html", options.html, "write one page with the whole matrix");
  app.add_option("--badges", options.badges, "write an SVG badge of each subject into this folder")
      ->check(CLI::ExistingDirectory);
  auto* json = app.add_option("--json", options.json, "write the results for a program");
  app.add_flag("--state", options.state, "in --json, the state of the servers after each case, too")
      ->needs(json);
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
  CLI::App app(
      "Replays Django's cache contract against djcache.\n"
      "Exit code: 0 all passed, 1 a case failed, 2 bad usage or a bad file.");
  app.set_version_flag("--version", std::string("djcache-conformance ") + DJCACHE_VERSION_STRING);
  Options options;
  add_selection(app, options);
  add_servers(app, options);
  add_running(app, options);
  add_output(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    return {};
  }
  if (options.jobs == 0) options.jobs = static_cast<int>(std::thread::hardware_concurrency());
  if (options.jobs < 1) options.jobs = 1;
  return options;
}

}  // namespace djcache::conformance
