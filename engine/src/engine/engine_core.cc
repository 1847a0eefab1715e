#include "engine/engine_core.h"

#include <algorithm>
#include <cstdio>

#include "codec/embedded.h"
#include "dummy/dummy_backend.h"
#include "engine/pool_config.h"
#include "engine/random_seed.h"
#include "memory/memory_backend.h"
#include "redis/redis_backend.h"
#include "settings/closest_name.h"

namespace djcache::detail {

std::shared_ptr<EngineCore> EngineCore::make(uv_loop_t& loop, Settings settings) {
  return std::shared_ptr<EngineCore>(new EngineCore(loop, std::move(settings)));
}

EngineCore::EngineCore(uv_loop_t& loop, Settings settings)
    : settings_(std::move(settings)),
      plan_(settings::resolve(settings_)),
      calls_(std::make_shared<Calls>([this] { runtime_.request_turn(); }, &net::Runtime::now_us)),
      runtime_(loop, *this) {
  read_tls_files();
  check_ = settings::verdict(plan_.findings);
  if (settings_.caches.empty()) settings_.caches.try_emplace("default");  // on memory, as in Django
  if (!settings_.on_settings_warning) return;
  for (const SettingsFinding& finding : plan_.findings) {
    if (finding.severity == SettingsFinding::Severity::warning) {
      settings_.on_settings_warning(finding);
    }
  }
}

EngineCore::~EngineCore() { shut_down(); }

std::vector<CacheStatistics> EngineCore::statistics() const {
  std::vector<CacheStatistics> all;
  for (const auto& [name, alias] : aliases_) {
    all.push_back(Alias::handle(alias).statistics());
  }
  return all;
}

void EngineCore::shut_down() {
  if (runtime_.stopped()) return;
  const net::Mailbox::Letters letters = runtime_.stop();
  const net::Mailbox::Letters last = std::exchange(last_letters_, {});
  const auto disarm = [](Alias& alias) {
    alias.calls = nullptr;
    alias.backend = nullptr;
    alias.disconnect = nullptr;
  };
  for (auto& [identity, alias] : sentinels_) disarm(*alias);
  services_.clear();
  for (auto& [name, alias] : aliases_) disarm(*alias);
  for (auto& weak : broken_) {
    if (const auto alias = weak.lock()) disarm(*alias);
  }
  // Closures go last: destroying them may run code of the user, which must find the engine gone.
  const std::vector<Job> jobs = std::exchange(jobs_, {});
  calls_->drop_all();
}

// --- From settings to backends.

std::shared_ptr<Alias> EngineCore::alias(std::string_view name) {
  if (const auto it = aliases_.find(name); it != aliases_.end()) return it->second;
  const auto planned = plan_.aliases.find(name);
  if (planned == plan_.aliases.end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, plan] : plan_.aliases) known.push_back(each);
    return broken_alias(std::string(name),
                        {Errc::unknown_alias, "CACHES has no alias '" + std::string(name) + "'" +
                                                  settings::suggestion(name, known)});
  }
  if (planned->second.broken) return broken_alias(std::string(name), *planned->second.broken);
  return make_alias(std::string(name), settings_.caches.find(name)->second, planned->second);
}

// Not kept, so that a program which asks for names made by its users cannot fill the table.
std::shared_ptr<Alias> EngineCore::broken_alias(std::string name, Error error) {
  auto alias = std::make_shared<Alias>(std::move(name), CacheSettings{});
  alias->broken = std::move(error);
  alias->calls = calls_;
  alias->disconnect = [core = weak_from_this()](const DisconnectOptions& options,
                                                DisconnectDone done) {
    if (const auto alive = core.lock()) alive->disconnect({}, false, options, std::move(done));
  };
  broken_.push_back(alias);
  std::erase_if(broken_, [](const std::weak_ptr<Alias>& each) { return each.expired(); });
  return alias;
}

std::shared_ptr<Alias> EngineCore::make_alias(std::string name, const CacheSettings& settings,
                                              const settings::AliasPlan& plan) {
  auto alias = build_alias(name, settings, plan);
  aliases_.emplace(std::move(name), alias);
  return alias;
}

std::shared_ptr<Alias> EngineCore::build_alias(const std::string& name,
                                               const CacheSettings& settings,
                                               const settings::AliasPlan& plan) {
  auto alias = std::make_shared<Alias>(name, settings);
  alias->calls = calls_;
  alias->limit_ms = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(plan.command_limit.count(), 1, 3'600'000));
  alias->moves_keep_ttl = plan.moves_keep_ttl;
  alias->on_warning = settings_.on_warning;
  alias->statistics.backend = settings::to_string(plan.kind);
  alias->stampede.clock = &net::Runtime::coarse_now;
  alias->stampede.random = random_fractions();
  backends_.push_back(make_backend(*alias, settings.options, plan));
  alias->backend = backends_.back().get();
  alias->disconnect = [core = weak_from_this(), backend = alias->backend](
                          const DisconnectOptions& how, DisconnectDone done) {
    if (const auto alive = core.lock()) {
      alive->disconnect(alive->drivers_of(*backend), false, how, std::move(done));
    }
  };
  return alias;
}

// REQUIRES: the plan is not broken.
std::unique_ptr<Backend> EngineCore::make_backend(Alias& alias, const Options& options,
                                                  const settings::AliasPlan& plan) {
  const codec::Limits limits{options.value_max_bytes, options.value_max_depth};
  switch (plan.kind) {
    case settings::BackendKind::memory:
      alias.codec = codec::make_embedded_codec(limits);
      return make_memory(plan.store);
    case settings::BackendKind::dummy:
      alias.codec = std::make_unique<codec::NullCodec>();
      return std::make_unique<dummy::DummyBackend>(*calls_);
    case settings::BackendKind::redis:
      break;
  }
  alias.codec = codec::make_codec(options);
  alias.make_codec = [options](Foreign foreign) {
    Options other = options;
    other.foreign = foreign;
    return codec::make_codec(other);
  };
  return make_redis(options, plan);
}

std::unique_ptr<Backend> EngineCore::make_memory(const settings::StoreSettings& wanted) {
  std::shared_ptr<memory::Store>& store = stores_[wanted.name];
  if (store == nullptr) {
    store = std::make_shared<memory::Store>(memory::StoreOptions{
        .policy = wanted.policy, .max_bytes = wanted.max_bytes, .seed = random_seed()});
  }
  return std::make_unique<memory::MemoryBackend>(
      store,
      memory::EntryBounds{.max_entries = wanted.max_entries,
                          .cull_frequency = wanted.cull_frequency},
      *calls_, &net::Runtime::coarse_now);
}

std::unique_ptr<Backend> EngineCore::make_redis(const Options& options,
                                                const settings::AliasPlan& plan) {
  std::vector<link::Pool*> pools;
  for (const settings::ServerPlan& server : plan.servers) {
    pools.push_back(&pool_for(pool_config(server, options)).pool());
  }
  return std::make_unique<redis::RedisBackend>(std::move(pools), *calls_, random_seed());
}

net::PoolDriver& EngineCore::pool_for(link::PoolConfig config) {
  net::PoolDriver*& driver = by_identity_[config];
  if (driver == nullptr) {
    std::shared_ptr<tls::Context> tls;
    if (config.tls) tls = tls_.at(*config.tls);
    net::Locator* locator = nullptr;
    if (config.service) {
      using sentinel::Role;
      locator = &service_for(*config.service)
                     .locator(config.service->primary ? Role::primary : Role::replica);
    }
    driver = &runtime_.add(std::move(config), random_seed(), std::move(tls), locator);
  }
  // Checked separately, because the last attempt may have run out of memory here.
  const bool listed = std::any_of(pools_.begin(), pools_.end(),
                                  [&](const auto& entry) { return entry->driver == driver; });
  if (!listed) pools_.push_back(std::make_shared<PoolEntry>(weak_from_this(), *driver));
  return *driver;
}

// --- TLS.

// Reads the files that aliases name, once, so that an alias can report what is wrong with them.
void EngineCore::read_tls_files() {
  for (auto& [name, alias] : plan_.aliases) {
    for (const settings::ServerPlan& server : alias.servers) {
      if (alias.broken) break;
      std::optional<TlsOptions> of_server, of_sentinels;
      if (server.transport == settings::ServerUrl::Transport::tls) of_server = server.tls;
      if (server.service) of_sentinels = server.service->sentinels.tls;
      auto error = read_tls_files(of_server);
      if (!error) error = read_tls_files(of_sentinels);
      if (!error) continue;
      const std::string place = "CACHES['" + name + "']['OPTIONS']";
      plan_.findings.push_back({SettingsFinding::Severity::error, name, place, error->detail});
      alias.broken = Error{error->code, place + ": " + error->detail};
    }
  }
}

std::optional<Error> EngineCore::read_tls_files(const std::optional<TlsOptions>& options) {
  if (!options) return std::nullopt;
  std::shared_ptr<tls::Context>& context = tls_[*options];
  if (context != nullptr) return std::nullopt;
  auto made = tls::Context::make(*options);
  if (!made.ok()) return std::move(made).error();
  context = *std::move(made);
  return std::nullopt;
}

Result<void> EngineCore::reload_tls() {
  std::string problems;
  for (const auto& [options, context] : tls_) {
    if (context == nullptr) continue;
    const Result<void> reloaded = context->reload();
    if (reloaded.ok()) continue;
    problems += (problems.empty() ? "" : "\n") + reloaded.error().detail;
  }
  if (problems.empty()) return {};
  return {Errc::invalid_settings, std::move(problems)};
}

// --- What the runtime reports.

void EngineCore::on_completion(net::PoolDriver& driver, link::Connection& connection,
                               link::Completion& completion) {
  if (completion.call != nullptr) [[likely]] {
    return completion.handler->end(driver.pool(), connection, completion);
  }
  link::Tenant* const tenant = connection.tenant();
  if (tenant == nullptr) return;  // the connection has been returned meanwhile
  if (completion.error != nullptr) {
    tenant->on_loss(*completion.error);
  } else {
    tenant->on_push(*completion.reply);
  }
}

void EngineCore::on_turn(link::Millis now) {
  calls_->let_time_pass();
  calls_->stamp(now);
  for (Job& job : jobs_) job.awaits_turn = false;
  calls_->run_deferred();
  if (!stopped() && !last_letters_.empty()) run_last_letters();
}

void EngineCore::run_last_letters() {
  net::Mailbox::Letters due = std::exchange(last_letters_, {});
  for (auto& letter : due) {
    letter();
    if (stopped()) return;
  }
}

void EngineCore::on_tick(link::Millis now) {
  calls_->expire_parked(now);
  calls_->fall_back(now);
  rest_services();
  for (const auto& [identity, service] : services_) service->on_tick(now);
  for (Job& job : jobs_) {
    if (job.deadline <= now && !job.parked.empty() && !job.expired) {
      job.expired = true;
      for (const Ticket ticket : job.parked) end_at_limit(job, ticket);
      for (net::PoolDriver* driver : job.drivers) driver->pool().disconnect_unused(now, now);
    }
  }
}

void EngineCore::end_at_limit(Job& job, Ticket ticket) {
  const bool waited =
      calls_->end_parked(ticket, {Errc::disconnected,
                                  "ended by disconnect: its producer had not resolved within the "
                                  "drain's limit"});
  job.aborted += waited ? 1 : 0;
  // Once its producer has resolved, its last commands may be in flight on a connection that was
  // made since and is shared with others.
  const bool ended =
      waited || calls_->give_up(ticket, {Errc::disconnected,
                                         "ended by disconnect: the drain reached its limit"});
  job.limit_reached = job.limit_reached || ended;
}

link::Millis EngineCore::next_tick() const {
  link::Millis next = calls_->next_deadline();
  for (const auto& [identity, service] : services_) next = std::min(next, service->due());
  for (const Job& job : jobs_) {
    if (!job.parked.empty() && !job.expired) next = std::min(next, job.deadline);
  }
  return next;
}

bool EngineCore::waits() const { return calls_->waiting() > 0 || !jobs_.empty(); }

void EngineCore::after_event() {
  if (runtime_.used_by_other_thread()) [[unlikely]] {
    warn_of_other_thread();
  }
  tell_events();
  calls_->let_time_pass();
  if (stopped()) return;
  // A burst that a callback issues on the connection of its reply comes without a turn.
  if (calls_->room() > 2 * Calls::kept_blocks) calls_->stamp(runtime_.now());
  look_after_jobs();
}

void EngineCore::tell_events() {
  while (net::PoolDriver* const driver = runtime_.next_with_news()) {
    const std::vector<PoolEvent> due = std::exchange(driver->pool().totals().events, {});
    if (!settings_.on_event) continue;
    for (const PoolEvent& event : due) {
      settings_.on_event(event);
      if (stopped()) return;
    }
  }
}

// --- Other threads.

void EngineCore::warn_of_other_thread() {
  if (std::exchange(warned_of_thread_, true)) return;
  constexpr std::string_view text =
      "an engine, its caches and pools belong to the thread that runs the loop, but another thread "
      "called them, which is a data race: post functions to the loop (Engine::poster) or use "
      "SyncEngine";
  if (settings_.on_warning) return settings_.on_warning("", text);
  std::fprintf(stderr, "djcache: %.*s\n", static_cast<int>(text.size()), text.data());
}

std::shared_ptr<Writer> EngineCore::writer(const PosterOptions& options) {
  if (stopped() || !runtime_.open_mailbox()) return nullptr;
  mailbox().bound(options.pending_max);
  mailbox().keep_loop_alive(options.keep_loop_running);
  auto writer = writer_.lock();
  if (writer == nullptr) writer_ = writer = std::make_shared<Writer>(runtime_.mailbox());
  return writer;
}

}  // namespace djcache::detail
