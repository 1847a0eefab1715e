// LeaseCore: a leased connection, from its request until it is returned.
//
// Pure. Shared by the Lease and the call that waits for the connection.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/conduct.h"
#include "client/exchange.h"

namespace djcache::detail {

class LeaseCore final : public link::Tenant, public std::enable_shared_from_this<LeaseCore> {
 public:
  LeaseCore(std::shared_ptr<Alias> alias, link::Pool* pool, std::string place)
      : alias_(std::move(alias)), pool_(pool), place_(std::move(place)) {}
  ~LeaseCore() { give_back(); }

  // Requests the connection: `call` ends with the lease.
  void take(Call* call, std::uint32_t limit_ms);
  struct ToLease {
    std::shared_ptr<LeaseCore> core;
    Result<Lease> operator()(const Outcome&) { return Lease(std::move(core)); }
  };
  void give_back();

  // Why no command can be sent any more.
  std::optional<Error> refusal() const;
  // Records how a command that is sent changes the state of the connection.
  void note(client::Conduct conduct);
  bool in_multi() const { return in_multi_; }

  // A blocking command was given up. The server is still executing it and would remove an element
  // that its caller never receives; only closing the connection prevents that.
  void abandon();
  // `done`, which runs after the connection has been closed if a blocking command is given up.
  template <class T, class Convert>
  Callback<T> closing_first(Callback<T> done, Convert convert);

  Alias& alias() { return *alias_; }
  link::Pool& pool() { return *pool_; }
  link::Connection& connection() { return *connection_; }

 private:
  void on_push(const resp::Reply&) override {}
  void on_loss(const Error&) override {}
  void on_retired() noexcept override { retired_ = true; }
  void on_gone() override { connection_ = nullptr; }
  std::string place() const override { return place_; }

  std::shared_ptr<Alias> alias_;
  link::Pool* pool_;
  link::Connection* connection_ = nullptr;
  std::string place_;
  bool retired_ = false;
  bool returned_ = false;
  bool abandoned_ = false;
  bool changed_ = false;  // by SELECT, for instance
  bool watching_ = false;
  bool in_multi_ = false;
};

template <class T, class Convert>
Callback<T> LeaseCore::closing_first(Callback<T> done, Convert convert) {
  return [weak = weak_from_this(), done = std::move(done),
          convert = std::move(convert)](Result<T> result) mutable {
    const auto core = weak.lock();
    const Errc code = result.ok() ? Errc{} : result.error().code;
    if (result.ok() || core == nullptr || (code != Errc::timeout && code != Errc::cancelled)) {
      if (done) done.call(std::move(result));
      return;
    }
    core->abandon();
    // The socket closes at the end of this turn.
    Calls& calls = *core->alias().calls;
    calls.issue(calls.make<ResultCall<T, Convert>>(std::move(done), std::move(convert)),
                [&](Call* call) { calls.defer(call, std::move(result).error()); });
  };
}

}  // namespace djcache::detail
