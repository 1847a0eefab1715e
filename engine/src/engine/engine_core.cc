#include "engine/engine_core.h"

#include <algorithm>
#include <cstdio>

#include "codec/embedded.h"
#include "dummy/dummy_backend.h"
#include "engine/random_seed.h"
#include "memory/memory_backend.h"
#include "redis/redis_backend.h"
#include "settings/closest_name.h"

namespace djcache::detail {

namespace {

// From above 0 to 1.
std::function<double()> random_fractions() {
  return [state = random_seed() | 1]() mutable {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<double>((state >> 11) + 1) * 0x1p-53;
  };
}

link::Millis millis(std::chrono::milliseconds duration) {
  return duration.count() > 0 ? static_cast<link::Millis>(duration.count()) : 0;
}

link::PoolConfig pool_config(const settings::ServerPlan& server, const Options& options) {
  using Transport = settings::ServerUrl::Transport;
  link::PoolConfig config;
  config.unix_socket = server.transport == Transport::unix_socket;
  config.host = config.unix_socket ? server.path : server.host;
  config.port = config.unix_socket ? 0 : server.port;
  config.connections_max = std::max<std::size_t>(1, options.connections_max);
  config.leases_max = options.leases_max;
  config.pending_max = options.pending_max;
  config.pending_max_bytes = options.pending_max_bytes;
  link::ConnectionConfig& connection = config.connection;
  connection.endpoint = server.endpoint();
  if (server.service) {
    connection.endpoint = server.host + '/' + std::to_string(server.db) +
                          (server.service->primary ? "" : " (replicas)");
  }
  connection.credentials = server.credentials;
  if (!server.credentials) {
    connection.username = server.username;
    connection.password = server.password;
  }
  if (server.service) {
    config.service = link::ServiceConfig{server.service->name, server.service->sentinels,
                                         server.service->primary};
  }
  connection.primary = server.service && server.service->primary;
  if (server.transport == Transport::tls) {
    config.tls = server.tls;
    connection.unverified = !server.tls.verify;
  }
  connection.db = server.db;
  connection.client_name = server.client_name.value_or(options.client_name);
  connection.connect_limit = millis(server.connect_limit);
  connection.stall_limit = millis(options.stall_limit);
  connection.backoff_min = millis(options.backoff_min);
  connection.backoff_max = millis(options.backoff_max);
  connection.caps.bulk_bytes = options.value_max_bytes;
  connection.caps.elements = options.reply_max_elements;
  return config;
}

bool in_use(const net::PoolDriver& driver) {
  return driver.has_sockets() || driver.pool().totals().operations > 0;
}

bool any_in_use(const std::vector<net::PoolDriver*>& drivers) {
  return std::any_of(drivers.begin(), drivers.end(),
                     [](const net::PoolDriver* each) { return in_use(*each); });
}

bool overlap(const std::vector<net::PoolDriver*>& some,
             const std::vector<net::PoolDriver*>& others) {
  return std::find_first_of(some.begin(), some.end(), others.begin(), others.end()) != some.end();
}

}  // namespace

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
  // The closures go last: destroying them may run code of the user, which finds the engine gone.
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

// Not kept: a program that asks for names of its users' making must not fill the table.
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
  // Asked for itself: the last time there may have been no memory for it.
  const bool listed = std::any_of(pools_.begin(), pools_.end(),
                                  [&](const auto& entry) { return entry->driver == driver; });
  if (!listed) pools_.push_back(std::make_shared<PoolEntry>(weak_from_this(), *driver));
  return *driver;
}

// --- TLS.

// The files that aliases name are read once, here, where an alias can still be told what is wrong
// with them.
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

// --- Sentinels.

sentinel::Service& EngineCore::service_for(const link::ServiceConfig& config) {
  ServiceIdentity identity{config.name, config.sentinels};
  identity.second.read_replicas = false;
  std::shared_ptr<sentinel::Service>& service = services_[identity];
  if (service == nullptr) {
    service = std::make_shared<sentinel::Service>(
        config.name, identity.second.addresses,
        sentinel::Service::Surroundings{.client =
                                            [this, identity](const sentinel::Address& address) {
                                              return client_of(address, identity.second);
                                            },
                                        .now = &net::Runtime::coarse_now,
                                        .random = random_fractions(),
                                        .moved =
                                            [this, identity] {
                                              for (net::PoolDriver* driver : drivers_of(identity)) {
                                                driver->cut("the primary is elsewhere now");
                                              }
                                            }});
  }
  return *service;
}

djcache::Client EngineCore::client_of(const sentinel::Address& sentinel,
                                      const SentinelOptions& options) {
  std::shared_ptr<Alias>& alias = sentinels_[{sentinel, options}];
  if (alias == nullptr) {
    using namespace std::chrono_literals;
    settings::ServerPlan server;
    server.host = sentinel.host;
    server.port = sentinel.port;
    server.username = options.username;
    server.password = options.password;
    server.connect_limit = std::chrono::milliseconds(sentinel::Service::answer_ms);
    if (options.tls) {
      server.transport = settings::ServerUrl::Transport::tls;
      server.tls = *options.tls;
    }
    settings::AliasPlan plan{.kind = settings::BackendKind::redis, .servers = {server}};
    plan.command_limit = server.connect_limit;
    alias = build_alias("a Sentinel", CacheSettings{}, plan);
  }
  return Alias::handle(alias).client({});
}

// Of all roles, and of the Sentinels.
std::vector<net::PoolDriver*> EngineCore::drivers_of(const ServiceIdentity& identity) const {
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) {
    const auto& service = driver->pool().config().service;
    if (service && service->name == identity.first &&
        service->sentinels.addresses == identity.second.addresses) {
      drivers.push_back(driver.get());
    }
  }
  return drivers;
}

// Services to whose servers no connection is left need no Sentinels.
void EngineCore::rest_services() {
  for (const auto& [identity, service] : services_) {
    if (!service->watching() || service->awaited()) continue;
    if (!any_in_use(drivers_of(identity))) service->rest();
  }
}

// The pools of Sentinels that were connected to, while these drained, only to ask where a server
// is, or to listen; they have been told to disconnect. What is issued meanwhile needs them.
std::vector<net::PoolDriver*> EngineCore::leave_sentinels_of(
    const std::vector<net::PoolDriver*>& drained) {
  std::vector<net::PoolDriver*> left;
  const link::Millis now = runtime_.now();
  for (const auto& [identity, service] : services_) {
    const auto drivers = drivers_of(identity);
    if (!overlap(drivers, drained) || service->awaited() || any_in_use(drivers)) continue;
    service->rest();
    for (const auto& [address_and_options, alias] : sentinels_) {
      if (!(address_and_options.second == identity.second)) continue;
      for (net::PoolDriver* driver : drivers_of(*alias->backend)) {
        if (!in_use(*driver)) continue;
        retire(*driver, now, now);
        left.push_back(driver);
      }
    }
  }
  return left;
}

void EngineCore::retire(net::PoolDriver& driver, link::Millis now, link::Millis deadline) {
  try {
    driver.pool().disconnect(now, deadline);
  } catch (const std::bad_alloc&) {
    spoil();
  }
}

std::vector<net::PoolDriver*> EngineCore::drivers_of(const Backend& backend) const {
  const std::vector<link::Pool*> pools = backend.pools();
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) {
    if (std::find(pools.begin(), pools.end(), &driver->pool()) != pools.end()) {
      drivers.push_back(driver.get());
    }
  }
  // What it knows from Sentinels is theirs to tell: their connections go with its own.
  for (const link::Pool* pool : pools) {
    if (!pool->config().service) continue;
    for (const auto& [identity, alias] : sentinels_) {
      const auto& known = pool->config().service->sentinels.addresses;
      if (std::find(known.begin(), known.end(), identity.first) == known.end()) continue;
      for (net::PoolDriver* each : drivers_of(*alias->backend)) {
        if (std::find(drivers.begin(), drivers.end(), each) == drivers.end()) {
          drivers.push_back(each);
        }
      }
    }
  }
  return drivers;
}

// --- What the runtime reports.

void EngineCore::on_completion(net::PoolDriver& driver, link::Connection& connection,
                               link::Completion& completion) {
  if (completion.call != nullptr) [[likely]] {
    return completion.handler->end(driver.pool(), connection, completion);
  }
  link::Tenant* const tenant = connection.tenant();
  if (tenant == nullptr) return;  // it has given the connection back meanwhile
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
  // The last commands of one whose producer has resolved may be on their way over a connection that
  // was made since, and that others use, too.
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

// --- Disconnect.

void EngineCore::disconnect_all(const DisconnectOptions& options, DisconnectDone done) {
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) drivers.push_back(driver.get());
  net::Mailbox::Letters letters = runtime_.close_mailbox();
  if (last_letters_.empty()) last_letters_.swap(letters);
  for (auto& letter : letters) last_letters_.push_back(std::move(letter));
  disconnect(std::move(drivers), true, options, std::move(done));
}

void EngineCore::disconnect(std::vector<net::PoolDriver*> drivers, bool whole_engine,
                            const DisconnectOptions& options, DisconnectDone done) {
  if (stopped()) return;
  // Nothing is listened to any more where the servers go, or the Sentinels themselves.
  for (const auto& [identity, service] : services_) {
    if (overlap(drivers_of(identity), drivers)) service->rest();
  }
  const link::Millis now = runtime_.now();
  Job job;
  job.deadline = options.mode == DisconnectMode::abort ? now : now + millis(options.limit);
  job.drivers = std::move(drivers);
  job.done = std::move(done);
  if (whole_engine) job.parked = calls_->enrolled();
  job.awaits_turn = calls_->has_deferred();
  // Also when there is nothing to close: the report never comes inside this call.
  runtime_.request_turn();
  for (net::PoolDriver* driver : job.drivers) driver->pool().prepare_disconnect();
  jobs_.reserve(jobs_.size() + 1);
  // So far nothing has happened, and from here on the report will come.
  for (net::PoolDriver* driver : job.drivers) retire(*driver, now, job.deadline);
  jobs_.push_back(std::move(job));
  runtime_.rearm();
}

void EngineCore::look_after_jobs() {
  bool finished = false;
  for (Job& job : jobs_) {
    if (!job.parked.empty()) {
      std::erase_if(job.parked, [&](Ticket ticket) { return calls_->find(ticket) == nullptr; });
      // A producer that resolved while draining may have needed a new connection: that goes, too,
      // unless somebody has issued an operation since, which is none of this disconnect's business.
      if (job.parked.empty()) {
        const link::Millis now = runtime_.now();
        for (net::PoolDriver* driver : job.drivers) {
          driver->pool().disconnect_unused(now, std::max(now, std::min(job.deadline, now + 1000)));
        }
      }
    }
    job.finished = job.finished || is_finished(job);
    finished = finished || job.finished;
  }
  // With nothing else to do the last handles go before the report, which the end of their closing
  // brings.
  if (runtime_.has_host() && quiet()) {
    runtime_.release_host();
    calls_->rest();
  }
  // Busy with nothing but its own housekeeping, the runtime comes back here on its next turn.
  const bool last_handles_stay = runtime_.has_host() && !others_at_work();
  if (finished && !runtime_.host_closing() && !last_handles_stay) report_finished_jobs();
}

bool EngineCore::is_finished(Job& job) {
  if (!job.parked.empty() || job.awaits_turn) return false;
  for (net::PoolDriver* driver : job.drivers) {
    if (driver->pool().disconnecting()) return false;
  }
  if (!job.counted) count(job);
  job.drivers = leave_sentinels_of(job.drivers);
  return job.drivers.empty();
}

void EngineCore::count(Job& job) {
  for (net::PoolDriver* driver : job.drivers) {
    const DisconnectReport& report = driver->pool().report();
    job.leases.reserve(job.leases.size() + report.leases.size());
  }
  for (net::PoolDriver* driver : job.drivers) {
    const DisconnectReport& report = driver->pool().report();
    job.connections += report.connections;
    job.completed += report.completed;
    job.aborted += report.aborted;
    job.limit_reached = job.limit_reached || report.limit_reached;
    job.leases.insert(job.leases.end(), report.leases.begin(), report.leases.end());
  }
  job.counted = true;
}

bool EngineCore::quiet() const { return !runtime_.busy() && !others_at_work(); }

// Something besides the disconnects that have finished needs the loop.
bool EngineCore::others_at_work() const {
  if (runtime_.sockets() > 0 || calls_->waiting() > 0) return true;
  // Also what nobody waits for any more: while it fills a pool, nothing new would bring the end of
  // it.
  if (runtime_.operations_left()) return true;
  return std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return !job.finished; });
}

void EngineCore::report_finished_jobs() {
  // A report may disconnect again, or destroy the engine.
  while (!stopped()) {
    const auto it =
        std::find_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.finished; });
    if (it == jobs_.end()) return;
    Job job = std::move(*it);
    jobs_.erase(it);
    if (!job.done) continue;
    DisconnectReport report;
    report.connections = job.connections;
    report.completed = job.completed;
    report.aborted = job.aborted;
    report.limit_reached = job.limit_reached;
    report.leases = std::move(job.leases);
    job.done(std::move(report));
  }
}

}  // namespace djcache::detail
