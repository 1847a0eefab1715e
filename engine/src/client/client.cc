// The raw client on the shared connections of a cache.
#include <djcache/client.h>
#include <djcache/subscriber.h>

#include <algorithm>

#include "client/exchange.h"
#include "client/lease_core.h"
#include "client/listener.h"

namespace djcache {

using namespace client;
using namespace cache;

namespace {

// The pool that the client's options select; null: the alias has no server.
link::Pool* pool_of(const Alias& alias, const ClientOptions& options) {
  return alias.backend != nullptr ? alias.backend->pool({.primary = options.write}) : nullptr;
}

std::string place_of(const CallSite& where) {
  const std::string_view file = where.file;
  return std::string(file.substr(file.rfind('/') + 1)) + ":" + std::to_string(where.line);
}

std::optional<Error> first_refusal(std::string_view bytes, const auto& commands, On where) {
  std::size_t at = 0;
  for (const auto& command : commands) {
    auto error = refusal(static_cast<Conduct>(command.conduct), name_at(bytes, at), where);
    if (error) return error;
    at += command.bytes;
  }
  return std::nullopt;
}

// `limited`: the caller set a limit, which replaces those of the commands.
std::vector<Command> commands_of(const auto& commands, bool limited) {
  std::vector<Command> all;
  for (const auto& each : commands) {
    all.push_back({each.bytes, static_cast<Conduct>(each.conduct), limited ? 0 : each.blocks_ms});
  }
  return all;
}

// Redis up to 7.0 queues it like any other command; what later servers answer depends on the
// version.
Error no_auth_in_multi() {
  return {Errc::invalid_argument, "AUTH between MULTI and EXEC: send it before or after them"};
}

bool any_blocks(const auto& commands) {
  return std::any_of(commands.begin(), commands.end(), [](const auto& each) {
    return static_cast<Conduct>(each.conduct) == Conduct::blocks;
  });
}

constexpr const char* no_commands = "a pipeline without commands: add() some first";

}  // namespace

Client Cache::client(const ClientOptions& options) const { return Client(alias_, options); }

// --- Pipeline.

Pipeline& Pipeline::add(Arguments arguments) {
  const Conduct conduct = conduct_of(arguments);
  const std::size_t bytes = append(bytes_, arguments);
  commands_.push_back({static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX)),
                       blocking_ms(conduct, arguments), static_cast<std::uint8_t>(conduct)});
  return *this;
}

void Pipeline::clear() {
  bytes_.clear();
  commands_.clear();
}

// --- Client.

Ticket Client::command(Arguments arguments, const CommandOptions& options, Callback<Reply> done) {
  return begin<Reply>(*alias_, std::move(done), ToReply{}, [&](Alias& alias, Call* call) {
    link::Pool* const pool = pool_of(alias, options_);
    if (pool == nullptr) return alias.calls->defer(call, no_server(alias));
    const std::string_view name = arguments.empty() ? std::string_view() : arguments[0];
    if (auto refused = refusal(conduct_of(arguments), name, On::shared)) {
      return alias.calls->defer(call, *std::move(refused));
    }
    std::string bytes;
    append(bytes, arguments);
    if (!admit(*alias.calls, *pool, bytes.size(), call)) return;
    send(*pool, pool->route(options.affinity),
         {.bytes = bytes,
          .limit_ms = limit_of(alias, options.limit),
          .idempotent = options.idempotent},
         call);
  });
}

Ticket Client::run(const Pipeline& pipeline, const CommandOptions& options,
                   Callback<std::vector<Reply>> done) {
  auto replies = std::make_shared<std::vector<Reply>>();
  return begin<std::vector<Reply>>(
      *alias_, std::move(done), ToReplies{replies}, [&](Alias& alias, Call* call) {
        link::Pool* const pool = pool_of(alias, options_);
        if (pool == nullptr) return alias.calls->defer(call, no_server(alias));
        if (pipeline.empty()) return alias.calls->settle(call, Outcome{});
        if (auto refused = first_refusal(pipeline.bytes_, pipeline.commands_, On::shared)) {
          return alias.calls->defer(call, *std::move(refused));
        }
        if (!admit(*alias.calls, *pool, pipeline.bytes_.size(), call, pipeline.size())) return;
        const Way way{pool, &pool->route(options.affinity), limit_of(alias, options.limit),
                      options.idempotent};
        send_each(*alias.calls, way, pipeline.bytes_,
                  commands_of(pipeline.commands_, options.limit.has_value()), replies, call);
      });
}

Ticket Client::transaction(const Pipeline& pipeline, const CommandOptions& options,
                           Callback<std::vector<Reply>> done) {
  struct ToList {
    Result<std::vector<Reply>> operator()(const Outcome& outcome) const {
      if (outcome.flag) return to_tree(*outcome.reply).elements;
      return Error{Errc::server_error, "the transaction was aborted by the server"};
    }
  };
  return begin<std::vector<Reply>>(
      *alias_, std::move(done), ToList{}, [&](Alias& alias, Call* call) {
        link::Pool* const pool = pool_of(alias, options_);
        if (pool == nullptr) return alias.calls->defer(call, no_server(alias));
        if (pipeline.empty()) {
          return alias.calls->defer(call, {Errc::invalid_argument, no_commands});
        }
        if (auto refused = first_refusal(pipeline.bytes_, pipeline.commands_, On::transaction)) {
          return alias.calls->defer(call, *std::move(refused));
        }
        const std::string bytes = in_transaction(pipeline.bytes_);
        if (!admit(*alias.calls, *pool, bytes.size(), call)) return;
        send(*pool, pool->route(options.affinity),
             {.bytes = bytes,
              .reading = &redis::exec,
              .replies = static_cast<std::uint32_t>(pipeline.size() + 2),
              .limit_ms = limit_of(alias, options.limit),
              .idempotent = options.idempotent},
             call);
      });
}

Ticket Client::lease(const CommandOptions& options, Callback<Lease> done, CallSite where) {
  if (!usable(*alias_)) return {};
  link::Pool* const pool = pool_of(*alias_, options_);
  auto core = std::make_shared<detail::LeaseCore>(alias_, pool, place_of(where));
  return begin<Lease>(*alias_, std::move(done), detail::LeaseCore::ToLease{core},
                      [&](Alias& alias, Call* call) {
                        if (pool == nullptr) return alias.calls->defer(call, no_server(alias));
                        core->take(call, limit_of(alias, options.limit));
                      });
}

Subscriber Client::subscribe(SubscriberOptions options, CallSite where) {
  auto listener = std::make_shared<detail::Listener>(alias_, std::move(options), place_of(where));
  listener->start(pool_of(*alias_, options_), detail::Listener::What::channels);
  return Subscriber(std::move(listener));
}

Subscriber Client::monitor(SubscriberOptions options, CallSite where) {
  auto listener = std::make_shared<detail::Listener>(alias_, std::move(options), place_of(where));
  listener->start(pool_of(*alias_, options_), detail::Listener::What::everything);
  return Subscriber(std::move(listener));
}

std::string Client::make_key(std::string_view key, std::optional<std::int64_t> version) const {
  return Alias::handle(alias_).make_key(key, version);
}

Result<std::string> Client::encode(const Value& value) const {
  if (alias_->codec == nullptr) return no_server(*alias_);
  codec::Encoded encoded;
  Error error;
  if (!alias_->codec->encode(value, alias_->scratch, encoded, error)) return error;
  return std::string(encoded.head).append(encoded.body);
}

Result<Value> Client::decode(std::string_view stored) const {
  if (alias_->codec == nullptr) return no_server(*alias_);
  Result<Value> value(std::in_place);
  Error error;
  if (!alias_->codec->decode(stored, *value, error)) return error;
  return value;
}

void Client::close(const CloseOptions& options, DisconnectDone done) {
  if (!usable(*alias_)) return;
  if (options.close_pool && alias_->disconnect) {
    return alias_->disconnect(options.disconnect, std::move(done));
  }
  Calls& calls = *alias_->calls;
  Callback<void> report = [done = std::move(done)](Result<void>) mutable {
    if (done) done(DisconnectReport{});
  };
  calls.issue(calls.make<ResultCall<void, ToNothing>>(std::move(report), ToNothing{}),
              [&](Call* call) { calls.defer_success(call); });
}

bool Client::cancel(Ticket ticket) { return Alias::handle(alias_).cancel(ticket); }

// --- Lease: how its commands are sent; what becomes of the connection is in lease_core.cc.

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    core_ = std::move(other.core_);
  }
  return *this;
}

Lease::~Lease() { give_back(); }

void Lease::give_back() {
  if (core_ != nullptr) core_->give_back();
}

bool Lease::usable() const { return core_ != nullptr && !core_->refusal(); }

Ticket Lease::command(Arguments arguments, const CommandOptions& options, Callback<Reply> done) {
  if (core_ == nullptr) return {};
  const Conduct conduct = conduct_of(arguments);
  if (conduct == Conduct::blocks) done = core_->closing_first(std::move(done), ToReply{});
  return begin<Reply>(core_->alias(), std::move(done), ToReply{}, [&](Alias& alias, Call* call) {
    if (auto refused = core_->refusal()) return alias.calls->defer(call, *std::move(refused));
    const std::string_view name = arguments.empty() ? std::string_view() : arguments[0];
    if (auto refused = refusal(conduct, name, On::lease)) {
      return alias.calls->defer(call, *std::move(refused));
    }
    if (conduct == Conduct::authenticates && core_->in_multi()) {
      return alias.calls->defer(call, no_auth_in_multi());
    }
    std::string bytes;
    append(bytes, arguments);
    if (!admit(*alias.calls, core_->pool(), bytes.size(), call)) return;
    core_->note(conduct);
    send(core_->pool(), core_->connection(),
         {.bytes = bytes,
          .limit_ms = longer_by(cache::limit_of(alias, options.limit),
                                options.limit ? 0 : blocking_ms(conduct, arguments)),
          .barrier = conduct == Conduct::authenticates},
         call);
  });
}

Ticket Lease::run(const Pipeline& pipeline, const CommandOptions& options,
                  Callback<std::vector<Reply>> done) {
  if (core_ == nullptr) return {};
  auto replies = std::make_shared<std::vector<Reply>>();
  if (any_blocks(pipeline.commands_)) {
    done = core_->closing_first(std::move(done), ToReplies{replies});
  }
  return begin<std::vector<Reply>>(
      core_->alias(), std::move(done), ToReplies{replies}, [&](Alias& alias, Call* call) {
        if (auto refused = core_->refusal()) return alias.calls->defer(call, *std::move(refused));
        if (pipeline.empty()) return alias.calls->settle(call, Outcome{});
        if (auto refused = first_refusal(pipeline.bytes_, pipeline.commands_, On::lease)) {
          return alias.calls->defer(call, *std::move(refused));
        }
        const std::vector<Command> commands =
            commands_of(pipeline.commands_, options.limit.has_value());
        bool in_multi = core_->in_multi();
        for (const Command& each : commands) {
          if (each.conduct == Conduct::authenticates && in_multi) {
            return alias.calls->defer(call, no_auth_in_multi());
          }
          in_multi = each.conduct == Conduct::begins_multi ||
                     (in_multi && each.conduct != Conduct::ends_multi);
        }
        if (!admit(*alias.calls, core_->pool(), pipeline.bytes_.size(), call, pipeline.size()))
          return;
        for (const Command& each : commands) core_->note(each.conduct);
        const Way way{&core_->pool(), &core_->connection(), cache::limit_of(alias, options.limit),
                      false, [weak = core_->weak_from_this()] {
                        if (const auto core = weak.lock()) core->abandon();
                      }};
        send_each(*alias.calls, way, pipeline.bytes_, commands, replies, call);
      });
}

Ticket Lease::transaction(const Pipeline& pipeline, const CommandOptions& options,
                          Callback<std::optional<std::vector<Reply>>> done) {
  if (core_ == nullptr) return {};
  return begin<std::optional<std::vector<Reply>>>(
      core_->alias(), std::move(done), ToExecuted{}, [&](Alias& alias, Call* call) {
        if (auto refused = core_->refusal()) return alias.calls->defer(call, *std::move(refused));
        if (pipeline.empty()) {
          return alias.calls->defer(call, {Errc::invalid_argument, no_commands});
        }
        if (core_->in_multi()) {
          return alias.calls->defer(
              call, {Errc::invalid_argument, "a MULTI is open on this lease: EXEC or DISCARD it"});
        }
        const auto refused =
            first_refusal(pipeline.bytes_, pipeline.commands_, On::leased_transaction);
        if (refused) return alias.calls->defer(call, *refused);
        const std::string bytes = in_transaction(pipeline.bytes_);
        if (!admit(*alias.calls, core_->pool(), bytes.size(), call)) return;
        for (const auto& each : pipeline.commands_) {
          core_->note(static_cast<Conduct>(each.conduct));
        }
        core_->note(Conduct::ends_multi);
        send(core_->pool(), core_->connection(),
             {.bytes = bytes,
              .reading = &redis::exec,
              .replies = static_cast<std::uint32_t>(pipeline.size() + 2),
              .limit_ms = cache::limit_of(alias, options.limit)},
             call);
      });
}

}  // namespace djcache
