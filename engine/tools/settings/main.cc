// djcache-settings: explains a CACHES dictionary. See engine/docs/settings.md.
#include <djcache/settings.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "probe.h"

namespace {

using djcache::SettingsFinding;

constexpr const char* usage =
    "usage: djcache-settings [--probe] [--backend NAME=KNOWN]... FILE [ALIAS...]\n"
    "\n"
    "FILE is what json.dumps(settings.CACHES) writes. Says what each alias (or each that is "
    "named)\n"
    "resolves to, what is wrong and what has no effect. No password is shown.\n"
    "  --probe               connect: which server it is, how far away, which verbs its user "
    "may run, and\n"
    "                        how the connection is encrypted; nothing is changed there\n"
    "  --backend NAME=KNOWN  NAME is a class of the project that stores what KNOWN stores\n"
    "Exit code: 0 all is well, warnings or not; 1 an alias does not work; 2 it was called "
    "wrongly.\n";

struct Arguments {
  bool good = true, help = false, probe = false;
  std::string file;
  std::vector<std::string> aliases;
  djcache::Settings::ReadOptions names;
};

void take_backend(std::string_view text, Arguments& arguments) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return void(arguments.good = false);
  arguments.names.backends.emplace(text.substr(0, equals), text.substr(equals + 1));
}

Arguments read(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--probe") {
      arguments.probe = true;
    } else if (word == "--backend") {
      take_backend(++i < words.size() ? words[i] : "", arguments);
    } else if (word.starts_with("-")) {
      arguments.good = false;
    } else if (arguments.file.empty()) {
      arguments.file = word;
    } else {
      arguments.aliases.push_back(word);
    }
  }
  arguments.good = arguments.good && !arguments.file.empty();
  return arguments;
}

// Prints the findings about an alias. Returns whether it works.
bool tell_findings(const std::vector<SettingsFinding>& findings, const std::string& alias) {
  bool works = true;
  for (const SettingsFinding& finding : findings) {
    if (finding.alias != alias) continue;
    const bool error = finding.severity == SettingsFinding::Severity::error;
    std::printf("  %s: %s: %s\n", error ? "error" : "warning", finding.place.c_str(),
                finding.text.c_str());
    works = works && !error;
  }
  return works;
}

// The servers in LOCATION, each as a cache of its own. Separators inside a URL are percent-encoded,
// so splitting at them is safe.
std::vector<djcache::CacheSettings> servers_of(const djcache::CacheSettings& cache) {
  std::vector<djcache::CacheSettings> servers;
  for (std::string_view rest : cache.location) {
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(";,"), rest.size());
      if (end > 0) servers.push_back(cache);
      if (end > 0) servers.back().location = {std::string(rest.substr(0, end))};
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return servers;
}

bool probe_all(const djcache::CacheSettings& cache) {
  bool good = true;
  int number = 0;
  for (const djcache::CacheSettings& server : servers_of(cache)) {
    good = tools::probe(server, "server " + std::to_string(++number)) && good;
  }
  return good;
}

bool tell(const djcache::Settings& settings, const Arguments& arguments, const std::string& alias) {
  const std::string explained = settings.explain(alias);
  std::fputs(explained.c_str(), stdout);
  const auto at = settings.caches.find(alias);
  if (at == settings.caches.end() && !settings.caches.empty()) {
    return tell_findings(settings.findings(), alias), false;
  }
  const bool works = tell_findings(settings.findings(), alias);
  const bool redis = explained.find(": redis\n") != std::string::npos;
  return works && (!arguments.probe || !redis || probe_all(at->second));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments = read({argv + 1, argv + argc});
  if (arguments.help) return std::fputs(usage, stdout), 0;
  if (!arguments.good) return std::fputs(usage, stderr), 2;
  const auto settings = djcache::Settings::from_json_file(arguments.file, arguments.names);
  if (!settings.ok()) return std::fprintf(stderr, "%s\n", settings.error().detail.c_str()), 1;
  if (arguments.aliases.empty()) {
    arguments.aliases.push_back("default");
    for (const auto& [alias, cache] : settings->caches) {
      if (alias != "default") arguments.aliases.push_back(alias);
    }
  }
  bool all_work = true;
  for (const std::string& alias : arguments.aliases) {
    all_work = tell(*settings, arguments, alias) && all_work;
  }
  return all_work ? 0 : 1;
}
