#include "settings/resolve.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "settings/check.h"
#include "settings/report.h"
#include "settings/tls_options.h"
#include "settings/where.h"

namespace djcache {
namespace settings {
namespace {

using Severity = SettingsFinding::Severity;
using std::chrono::milliseconds;

// Appends a line if the finding is an error.
void add_error(const SettingsFinding& finding, std::optional<Error>& all) {
  if (finding.severity != Severity::error) return;
  if (all) {
    all->detail += '\n';
  } else {
    all = Error{Errc::invalid_settings, {}};
  }
  all->detail += finding.place + ": " + finding.text;
}

using Limit = std::optional<std::chrono::milliseconds>;

milliseconds first_of(std::initializer_list<Limit> limits, milliseconds fallback) {
  for (const Limit& limit : limits) {
    if (limit) return *limit;
  }
  return fallback;
}

// As in redis-py, a URL wins over OPTIONS, and connecting uses socket_timeout unless it has a limit
// of its own. djcache's own options win over both.
milliseconds connect_limit(const ServerUrl& url, const Options& options) {
  return first_of({options.connect_limit, url.socket_connect_timeout,
                   options.socket_connect_timeout, url.socket_timeout, options.socket_timeout},
                  connect_limit_default);
}
milliseconds command_limit(const Limit& of_url, const Options& options) {
  return first_of({options.command_limit, of_url, options.socket_timeout}, command_limit_default);
}

void resolve_server(const Where& where, const std::string& which, const std::string& text,
                    const Options& options, AliasPlan& plan, Report& report) {
  Problem warning;
  auto url = parse_server_url(text, options, &warning);
  if (!url) return report.error(where, which + url.error().detail);
  if (!warning.empty()) report.warning(where, which + warning);
  if (url->transport == ServerUrl::Transport::tls) {
    if (Problem problem = check_tls(url->tls); !problem.empty()) {
      return report.error(where, which + problem);
    }
  } else if (options.tls) {
    return report.error(where,
                        which + "the options of TLS need a server that is written rediss://");
  }
  if (!options.sentinel && url->is_master) {
    return report.error(where, which + "'is_master' needs SENTINELS");
  }
  const auto limit = connect_limit(*url, options);
  ServerPlan server{*std::move(url), limit, {}, {}};
  if (options.sentinel) {
    if (server.transport == ServerUrl::Transport::unix_socket) {
      return report.error(where, which + "with SENTINELS it names a service: redis://mymaster/0");
    }
    server.service = {server.host, *options.sentinel, server.is_master.value_or(true)};
  }
  plan.servers.push_back(std::move(server));
}

// django-redis' SentinelClient derives a primary and its replicas from one service.
void add_replicas(const Options& options, AliasPlan& plan) {
  if (!options.sentinel || !options.sentinel->read_replicas || plan.servers.size() != 1) return;
  plan.servers.push_back(plan.servers.front());
  plan.servers.back().service->primary = false;
}

void resolve_servers(const Where& where, const CacheSettings& cache, AliasPlan& plan,
                     Report& report) {
  const auto servers = split_location(cache.location);
  const bool complained_about =
      std::any_of(cache.findings.begin(), cache.findings.end(),
                  [&](const SettingsFinding& finding) { return finding.place == where.text(); });
  if (servers.empty() && !complained_about) {
    report.error(where, "expected the URL of a server, such as redis://127.0.0.1:6379/0");
  }
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const std::string which = "server " + std::to_string(i + 1) + ": ";
    resolve_server(where, which, servers[i], cache.options, plan, report);
  }
  if (plan.servers.empty()) return;
  if (cache.options.sentinel && cache.options.sentinel->addresses.empty()) {
    return report.error(where, "which Sentinels know this service? SENTINELS is missing");
  }
  add_replicas(cache.options, plan);
  if (plan.servers.front().service && !plan.servers.front().service->primary) {
    return report.error(where, "server 1: the first server takes all writes, so it is no replica");
  }
  if (cache.credentials) {
    const auto shared = std::make_shared<const CredentialsSource>(cache.credentials);
    for (ServerPlan& server : plan.servers) server.credentials = shared;
  }
  plan.command_limit = command_limit(plan.servers.front().socket_timeout, cache.options);
}

// Whether a finding still applies: the setting may have been replaced in code since it was read.
bool still_true(const SettingsFinding& finding, const CacheSettings& cache) {
  return !(cache.key_function && finding.place.ends_with("['KEY_FUNCTION']"));
}

AliasPlan resolve_alias(const std::string& alias, const CacheSettings& cache, Report& report) {
  AliasPlan plan;
  const Where where = Where::alias(alias);
  const auto kind = backend_kind(cache);
  if (!kind) return report.error(where.in("BACKEND"), kind.error().detail), plan;
  plan.kind = *kind;
  plan.command_limit = command_limit({}, cache.options);
  plan.moves_keep_ttl = moves_keep_ttl(cache.backend);
  if (*kind == BackendKind::memory) plan.store = store_settings(cache);
  check_cache(where, *kind, cache, report);
  if (*kind == BackendKind::redis) resolve_servers(where.in("LOCATION"), cache, plan, report);
  return plan;
}

// Caches that share a store must agree: only the first of them could configure it.
void check_shared_stores(Plan& plan) {
  std::map<std::string, const std::pair<const std::string, AliasPlan>*> owners;
  for (const auto& entry : plan.aliases) {
    const auto& [alias, mine] = entry;
    if (mine.kind != BackendKind::memory || mine.broken) continue;
    const auto& [other, theirs] = *owners.try_emplace(mine.store.name, &entry).first->second;
    const std::string option = disagreement(theirs.store, mine.store);
    if (option.empty()) continue;
    Report(alias, plan.findings)
        .error(Where::alias(alias).in("OPTIONS").in(option),
               "must be as in " + Where::alias(other).text() +
                   ", which has the same LOCATION: they share one store");
  }
}

// Marks the aliases of the findings from `first` on.
void mark_broken(Plan& plan, std::size_t first) {
  for (std::size_t i = first; i < plan.findings.size(); ++i) {
    const auto at = plan.aliases.find(plan.findings[i].alias);
    if (at != plan.aliases.end()) add_error(plan.findings[i], at->second.broken);
  }
}

}  // namespace

Plan resolve(const Settings& settings) {
  Plan plan;
  for (const auto& [alias, cache] : settings.caches) {
    Report report(alias, plan.findings);
    for (const SettingsFinding& finding : cache.findings) {
      if (still_true(finding, cache)) plan.findings.push_back(finding);
    }
    plan.aliases.emplace(alias, resolve_alias(alias, cache, report));
  }
  if (plan.aliases.try_emplace("default").second && !settings.caches.empty()) {
    Report("default", plan.findings)
        .error(Where::alias("default"), "is missing; Django needs this alias, too");
  }
  mark_broken(plan, 0);
  const std::size_t of_one_alias = plan.findings.size();
  check_shared_stores(plan);
  mark_broken(plan, of_one_alias);
  return plan;
}

milliseconds command_limit(const CacheSettings& cache) {
  std::vector<SettingsFinding> unheard;
  Report report({}, unheard);
  return resolve_alias({}, cache, report).command_limit;
}

Result<void> verdict(const std::vector<SettingsFinding>& findings) {
  std::optional<Error> all;
  for (const SettingsFinding& finding : findings) add_error(finding, all);
  return all ? Result<void>(*std::move(all)) : Result<void>();
}

}  // namespace settings

std::vector<SettingsFinding> Settings::findings() const {
  return settings::resolve(*this).findings;
}

Result<void> Settings::check() const { return settings::verdict(findings()); }

}  // namespace djcache
