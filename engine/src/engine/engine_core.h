// EngineCore: the composition of one engine. Makes pools, backends and aliases from settings,
// passes completions on, and sees every disconnect through to its report.
//
// The only room that knows all others. Kept alive by Engine and by every frame of the runtime that
// is on the stack, so that a callback may destroy its engine.
#pragma once

#include <djcache/engine.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/alias.h"
#include "engine/writer.h"
#include "fork_count.h"
#include "memory/store.h"
#include "net/runtime.h"
#include "sentinel/service.h"
#include "settings/resolve.h"
#include "tls/context.h"

namespace djcache::detail {

// A pool, as the public handle refers to it.
class PoolEntry {
 public:
  PoolEntry(std::weak_ptr<EngineCore> owner, net::PoolDriver& of)
      : core(std::move(owner)), driver(&of) {}
  std::weak_ptr<EngineCore> core;
  net::PoolDriver* driver;
};

class EngineCore final : public std::enable_shared_from_this<EngineCore>,
                         private net::Runtime::Client {
 public:
  static std::shared_ptr<EngineCore> make(uv_loop_t& loop, Settings settings);
  ~EngineCore();

  const Result<void>& check() const { return check_; }
  std::shared_ptr<Alias> alias(std::string_view name);
  const std::vector<std::shared_ptr<PoolEntry>>& pools() const { return pools_; }
  std::vector<CacheStatistics> statistics() const;
  Result<void> reload_tls();
  bool cancel(Ticket ticket) { return !runtime_.stopped() && calls_->cancel(ticket); }

  // `whole_engine`: also waits for operations that wait for a producer.
  void disconnect(std::vector<net::PoolDriver*> drivers, bool whole_engine,
                  const DisconnectOptions& options, DisconnectDone done);
  void disconnect_all(const DisconnectOptions& options, DisconnectDone done);
  // Opens the mailbox. Null if that fails.
  std::shared_ptr<Writer> writer(const PosterOptions& options);
  net::Mailbox& mailbox() { return *runtime_.mailbox(); }
  // Destroys all callbacks uncalled.
  void shut_down();
  bool stopped() const { return runtime_.stopped(); }
  // This process is a forked child: the loop's epoll and the sockets belong to the parent, too.
  bool is_of_parent() const { return born_ != fork_count(); }

 private:
  using ServiceIdentity = std::pair<std::string, SentinelOptions>;
  struct Job {  // a disconnect in progress
    std::vector<net::PoolDriver*> drivers;
    DisconnectDone done;
    link::Millis deadline = link::never;
    std::vector<Ticket> parked;  // operations that wait for their producers
    bool expired = false;        // the deadline has passed, and they were ended
    bool counted = false;        // the reports of its pools were added up
    bool awaits_turn = false;    // callbacks that run on the next turn come before the report
    bool finished = false;       // only the report is left
    std::size_t connections = 0;
    std::size_t completed = 0;
    std::size_t aborted = 0;
    bool limit_reached = false;
    std::vector<std::string> leases;
  };

  EngineCore(uv_loop_t& loop, Settings settings);

  void on_completion(net::PoolDriver& driver, link::Connection& connection,
                     link::Completion& completion) override;
  void on_turn(link::Millis now) override;
  void on_tick(link::Millis now) override;
  void on_work() override {
    if (settings_.on_work) settings_.on_work();
  }
  link::Millis next_tick() const override;
  void on_out_of_memory() override { calls_->end_all(); }
  void spoil() override { calls_->spoil(); }
  bool spoiled() const override { return calls_->spoiled(); }
  void after_event() override;
  void warn_of_other_thread();
  bool waits() const override;
  std::shared_ptr<void> hold() override { return shared_from_this(); }

  std::shared_ptr<Alias> make_alias(std::string name, const CacheSettings& settings,
                                    const settings::AliasPlan& plan);
  std::shared_ptr<Alias> build_alias(const std::string& name, const CacheSettings& settings,
                                     const settings::AliasPlan& plan);
  std::shared_ptr<Alias> broken_alias(std::string name, Error error);
  std::unique_ptr<Backend> make_backend(Alias& alias, const Options& options,
                                        const settings::AliasPlan& plan);
  std::unique_ptr<Backend> make_redis(const Options& options, const settings::AliasPlan& plan);
  std::unique_ptr<Backend> make_memory(const settings::StoreSettings& wanted);
  net::PoolDriver& pool_for(link::PoolConfig config);
  void read_tls_files();
  std::optional<Error> read_tls_files(const std::optional<TlsOptions>& options);
  sentinel::Service& service_for(const link::ServiceConfig& config);
  djcache::Client client_of(const sentinel::Address& sentinel, const SentinelOptions& options);
  void rest_services();
  std::vector<net::PoolDriver*> leave_sentinels_of(const std::vector<net::PoolDriver*>& drained);
  void leave_servers_of(const ServiceIdentity& identity, sentinel::Role role);
  std::vector<sentinel::Service*> services_ending_with(
      const std::vector<net::PoolDriver*>& drivers) const;
  std::vector<net::PoolDriver*> sentinels_only_for(
      const std::vector<net::PoolDriver*>& drivers) const;
  void retire(net::PoolDriver& driver, link::Millis now, link::Millis deadline);
  static ServiceIdentity identity_of(const link::ServiceConfig& config);
  std::vector<net::PoolDriver*> drivers_that(
      const std::function<bool(const link::PoolConfig&)>& belong) const;
  std::vector<net::PoolDriver*> drivers_of(const ServiceIdentity& identity) const;
  std::vector<net::PoolDriver*> drivers_of(const SentinelOptions& sentinels) const;
  std::vector<net::PoolDriver*> drivers_of(const Backend& backend) const;
  std::vector<net::PoolDriver*> watched_by(const SentinelOptions& sentinels) const;

  void run_last_letters();
  void tell_events();
  void end_at_limit(Job& job, Ticket ticket);
  bool is_finished(Job& job);
  static void count(Job& job);
  bool quiet() const;
  bool others_at_work() const;
  void look_after_jobs();
  void report_finished_jobs();

  const std::uint32_t born_ = fork_count();
  Settings settings_;
  settings::Plan plan_;
  Result<void> check_;
  std::shared_ptr<Calls> calls_;
  std::map<std::string, std::shared_ptr<Alias>, std::less<>> aliases_;
  std::vector<std::weak_ptr<Alias>> broken_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::map<std::string, std::shared_ptr<memory::Store>> stores_;  // by LOCATION
  // Null: the files are unusable, and the aliases report that.
  std::map<TlsOptions, std::shared_ptr<tls::Context>> tls_;
  std::map<ServiceIdentity, std::shared_ptr<sentinel::Service>> services_;
  // By Sentinel, each of which is a server of its own.
  std::map<std::pair<sentinel::Address, SentinelOptions>, std::shared_ptr<Alias>> sentinels_;
  std::map<link::PoolConfig, net::PoolDriver*> by_identity_;
  std::vector<std::shared_ptr<PoolEntry>> pools_;
  std::vector<Job> jobs_;
  std::weak_ptr<Writer> writer_;
  bool warned_of_thread_ = false;
  net::Mailbox::Letters last_letters_;  // accepted before a disconnect closed the mailbox
  net::Runtime runtime_;
};

}  // namespace djcache::detail
