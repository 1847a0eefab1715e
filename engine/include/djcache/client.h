// Client: any redis command over the connections of a cache, when the cache's own verbs are not enough.
//
//   djcache::Client client = cache.client({});
//   client.command({"ZADD", client.make_key("scores"), "7", "anna"}, [](Result<Reply> added) { ... });
//
// Only for aliases on redis; on others every operation is `not_supported`. Commands go over the pool's
// shared connections, in the order of their calls among each other and with the cache's verbs (with
// connections_max above 1: those of one affinity). What blocks a connection or changes its state
// would hit everybody who shares it, and is refused: WATCH, BLPOP, SELECT and their like need a Lease, a
// connection of one's own; SUBSCRIBE and MONITOR a Subscriber. Callbacks follow the rules of Cache's.
// engine/docs/client.md has the whole.
#pragma once

#include <djcache/cache.h>
#include <djcache/reply.h>

namespace djcache {

class Lease;
class Subscriber;
struct SubscriberOptions;

// The words of a command, borrowed until the call returns.
using Arguments = KeyList;

// Where in the program a call stands. (clang 14 has no std::source_location.)
struct CallSite {
  const char* file = "";
  int line = 0;
  static constexpr CallSite here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

struct ClientOptions {
  bool write = true;  // false: a replica, where LOCATION has more than one server
};
struct CommandOptions {
  std::optional<std::chrono::milliseconds> limit{};  // omitted: the alias' command_limit
  // May be sent a second time when the connection was lost before its reply.
  bool idempotent = false;
  // Of commands with the same affinity the order is kept, as for the verbs of a key; with one
  // connection, the default, it is kept for all.
  std::string_view affinity{};
};
struct CloseOptions {
  bool close_pool = false;  // also disconnect the pools of the alias
  DisconnectOptions disconnect{};
};

// Commands to be sent together, built once and sent as often as wanted.
class DJCACHE_API Pipeline {
 public:
  Pipeline& add(Arguments arguments);
  std::size_t size() const { return commands_.size(); }
  bool empty() const { return commands_.empty(); }
  void clear();

 private:
  friend class Client;
  friend class Lease;
  struct Command {
    std::uint32_t bytes;
    std::uint32_t blocks_ms;  // longer than other commands
    std::uint8_t conduct;
  };
  std::string bytes_;
  std::vector<Command> commands_;
};

class DJCACHE_API Client {
 public:
  Client(const Client&) = default;  // moving copies
  Client& operator=(const Client&) = default;
  ~Client() = default;

  // An error reply becomes an Error, with the server's text as its detail.
  Ticket command(Arguments arguments, Callback<Reply> done) {
    return command(arguments, CommandOptions{}, std::move(done));
  }
  Ticket command(Arguments arguments, const CommandOptions& options, Callback<Reply> done);

  // All of them in one write, one reply for each; a command that the server refuses has a Reply of
  // type error in its place. Not atomic: others' commands may come between, and when the connection
  // is lost the first ones may have been executed.
  Ticket run(const Pipeline& pipeline, const CommandOptions& options,
             Callback<std::vector<Reply>> done);
  // The same between MULTI and EXEC: nothing comes between, and if one is refused when it is queued
  // none is executed (`server_error`). Commands that fail when they are executed have a Reply of type
  // error; redis does not undo the others. `options.idempotent` speaks for all of them.
  Ticket transaction(const Pipeline& pipeline, const CommandOptions& options,
                     Callback<std::vector<Reply>> done);

  // A connection of one's own. It has answered once when `done` is told. Errors: `overloaded` when
  // leases_max of the pool are out.
  Ticket lease(const CommandOptions& options, Callback<Lease> done,
               CallSite where = CallSite::here());
  // Channels to listen to, on a connection of their own. subscriber.h.
  Subscriber subscribe(SubscriberOptions options, CallSite where = CallSite::here());
  // Every command that the server executes, until the subscriber ends. For debugging: it slows the
  // server down.
  Subscriber monitor(SubscriberOptions options, CallSite where = CallSite::here());

  // --- What the cache uses.
  std::string make_key(std::string_view key, std::optional<std::int64_t> version = {}) const;
  Result<std::string> encode(const Value& value) const;
  Result<Value> decode(std::string_view stored) const;

  // As django-redis-ex' client.close(): with close_pool disconnects the pools of the alias, without
  // does nothing. The client stays usable.
  void close(const CloseOptions& options, DisconnectDone done);
  bool cancel(Ticket ticket);

 private:
  friend class Cache;
  Client(std::shared_ptr<detail::Alias> alias, const ClientOptions& options)
      : alias_(std::move(alias)), options_(options) {}
  std::shared_ptr<detail::Alias> alias_;
  ClientOptions options_;
};

namespace detail {
class LeaseCore;
}

// A connection that nobody else uses, for commands that block or change its state. Not copied;
// destroying it gives the connection back: it is kept for the next lease if nothing is pending and no
// command has left a state behind, and closed otherwise. Its commands are never sent a second time: once
// the connection is lost, they fail with `connection_lost`, all later ones too. One that was moved from
// is not usable(): its operations destroy their callbacks uncalled.
class DJCACHE_API Lease {
 public:
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();

  // MULTI, EXEC, WATCH, blocking commands, SELECT and so on are allowed here. A command that blocks has
  // as its limit, unless told otherwise, the time it names plus the command_limit; an hour if it
  // names none. Given up (cancelled, or past its limit) it would go on at the server and take what
  // nobody is told of: the lease's connection is closed, and then the callback runs.
  Ticket command(Arguments arguments, Callback<Reply> done) {
    return command(arguments, CommandOptions{}, std::move(done));
  }
  Ticket command(Arguments arguments, const CommandOptions& options, Callback<Reply> done);
  // As Client::run. Of commands that block the same holds; those behind one have its time, too.
  Ticket run(const Pipeline& pipeline, const CommandOptions& options,
             Callback<std::vector<Reply>> done);
  // Commands do not block in it. nullopt: a key that was WATCHed on this lease has changed, nothing was executed.
  Ticket transaction(const Pipeline& pipeline, const CommandOptions& options,
                     Callback<std::optional<std::vector<Reply>>> done);

  // False: the connection was lost or disconnected, or the engine is gone.
  bool usable() const;
  // As destroying it.
  void give_back();

 private:
  friend class Client;
  friend class detail::LeaseCore;
  explicit Lease(std::shared_ptr<detail::LeaseCore> core) : core_(std::move(core)) {}
  std::shared_ptr<detail::LeaseCore> core_;
};

}  // namespace djcache
