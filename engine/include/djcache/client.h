/// @file
/// Client: any redis command over the connections of a cache, where the cache's verbs are not
/// enough.
///
/// engine/docs/client.md has the rules; engine/docs/recipes.md has whole programs.
#pragma once

#include <djcache/cache.h>
#include <djcache/reply.h>

namespace djcache {

class Lease;
class Subscriber;
struct SubscriberOptions;

/// The words of a command: `{"ZADD", key, "7", "anna"}`. Read before the call returns.
using Arguments = KeyList;

/// The place in the source that took a lease or a subscriber, for DisconnectReport::leases.
struct CallSite {
  const char* file = "";  ///< static text
  int line = 0;           ///< from 1

  /// The place of the caller. (clang 14 has no std::source_location.)
  static constexpr CallSite here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Options of Cache::client().
struct ClientOptions {
  bool write = true;  ///< false: commands go to a replica, where LOCATION has more than one server
};

/// Options of a command, a pipeline or a transaction.
struct CommandOptions {
  /// The longest it may take; omitted, the alias' command_limit. At least a millisecond, at most an
  /// hour; out-of-range values saturate.
  std::optional<std::chrono::milliseconds> limit{};
  /// The command may be sent a second time if the connection is lost before its reply.
  bool idempotent = false;
  /// Commands with the same affinity keep their order, as verbs of the same key do. With one
  /// connection, the default, all commands keep their order. Read before the call returns.
  std::string_view affinity{};
};

/// Options of Client::close().
struct CloseOptions {
  bool close_pool = false;         ///< also disconnect the pools of the alias
  DisconnectOptions disconnect{};  ///< how, with close_pool
};

/// Commands that are sent together. Build it once, send it any number of times.
class DJCACHE_API Pipeline {
 public:
  /// Appends a command; its words are copied. Nothing is checked until it is sent.
  Pipeline& add(Arguments arguments);
  /// The number of commands.
  std::size_t size() const { return commands_.size(); }
  /// Whether there are no commands.
  bool empty() const { return commands_.empty(); }
  /// Removes all commands.
  void clear();

 private:
  friend class Client;
  friend class Lease;
  struct Command {
    std::uint32_t bytes;
    std::uint32_t blocks_ms;  // the additional time of a blocking command
    std::uint8_t conduct;
  };
  std::string bytes_;
  std::vector<Command> commands_;
};

/// Sends any redis command over the shared connections of an alias: a light handle, made by
/// Cache::client().
///
/// @code
/// djcache::Client client = cache.client({});
/// client.command({"ZADD", client.make_key("scores"), "7", "anna"},
///                [](Result<Reply> added) { ... });
/// @endcode
///
/// Copy it freely; a move is a copy. Only aliases on redis have a raw client: on others every call
/// reports `not_supported`. Commands keep their order among each other and with the cache's verbs
/// (with Options::connections_max above 1: those of one affinity do).
///
/// A command that would block a shared connection or change its state (`BLPOP`, `WATCH`, `SELECT`
/// and others) is refused with `not_supported` before a byte is sent: take a Lease for it, and a
/// Subscriber for `SUBSCRIBE` and `MONITOR`. Callbacks and common errors are those of Cache.
class DJCACHE_API Client {
 public:
  Client(const Client&) = default;
  Client& operator=(const Client&) = default;
  ~Client() = default;

  /// Sends a command.
  ///
  /// Result: its reply. An error reply is an Error with the server's text as its detail:
  /// `server_error`, `wrong_type`, `permission_denied` and others. Also `invalid_argument` for a
  /// command without words.
  Ticket command(Arguments arguments, Callback<Reply> done) {
    return command(arguments, CommandOptions{}, std::move(done));
  }
  /// @overload
  Ticket command(Arguments arguments, const CommandOptions& options, Callback<Reply> done);

  /// Sends several commands in one write.
  ///
  /// Result: one reply for each, in order; a command that the server refuses has a Reply of type
  /// error in its place. Not atomic: other clients' commands may run in between, and if the
  /// connection is lost the first commands may have been executed. The result of an empty pipeline
  /// is an empty list.
  Ticket run(const Pipeline& pipeline, const CommandOptions& options,
             Callback<std::vector<Reply>> done);
  /// Sends several commands between MULTI and EXEC: nothing runs in between.
  ///
  /// Result: one reply for each. If one is refused when it is queued, none is executed
  /// (`server_error`). One that fails while it is executed has a Reply of type error; redis does
  /// not undo the others. `options.idempotent` applies to all of them. Also `invalid_argument` for
  /// an empty pipeline.
  Ticket transaction(const Pipeline& pipeline, const CommandOptions& options,
                     Callback<std::vector<Reply>> done);

  /// Takes a connection for exclusive use.
  ///
  /// Result: a Lease whose connection has answered once. Errors: `overloaded` if
  /// Options::leases_max connections of the pool are leased. Leave `where` at its default.
  Ticket lease(const CommandOptions& options, Callback<Lease> done,
               CallSite where = CallSite::here());
  /// Subscribes to channels and patterns on a connection of its own; see Subscriber. Failures are
  /// reported to SubscriberOptions::on_event. Leave `where` at its default.
  Subscriber subscribe(SubscriberOptions options, CallSite where = CallSite::here());
  /// Reports every command that the server executes (`MONITOR`), until the subscriber is destroyed.
  /// For debugging: it slows the server down. Leave `where` at its default.
  Subscriber monitor(SubscriberOptions options, CallSite where = CallSite::here());

  /// The stored key of a cache key, as Cache::make_key().
  std::string make_key(std::string_view key, std::optional<std::int64_t> version = {}) const;
  /// The bytes that the cache would store for a value. Errors: `encode_failed`, `value_too_large`,
  /// `not_supported`.
  Result<std::string> encode(const Value& value) const;
  /// The value of stored bytes. Errors: `decode_failed`, `value_too_large`, `not_supported`.
  Result<Value> decode(std::string_view stored) const;

  /// With CloseOptions::close_pool disconnects the pools of the alias, as Cache::disconnect();
  /// without it only calls `done`. The client stays usable. django-redis-ex' `client.close()`.
  void close(const CloseOptions& options, DisconnectDone done);
  /// As Engine::cancel().
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

/// A connection for exclusive use, for commands that block or change its state: `WATCH`, `BLPOP`,
/// `SELECT`. Made by Client::lease().
///
/// Not copyable. Destroying it gives the connection back: the connection is kept for the next lease
/// if nothing is pending and no command has left state behind, and closed otherwise. Commands are
/// never sent a second time: once the connection is lost they fail with `connection_lost`, and so
/// do all later ones. A moved-from lease is not usable(), and its operations destroy their
/// callbacks uncalled.
class DJCACHE_API Lease {
 public:
  Lease(Lease&&) noexcept = default;
  /// Gives back the connection held so far.
  Lease& operator=(Lease&&) noexcept;
  ~Lease();

  /// Sends a command; MULTI, EXEC, WATCH, blocking commands and SELECT are allowed here.
  ///
  /// Without CommandOptions::limit, a blocking command may take the time it names plus the alias'
  /// command_limit, or an hour if it names none. A blocking command that is cancelled or reaches
  /// its limit would continue on the server and could consume an element unnoticed, so the lease's
  /// connection is closed first, and then the callback runs. Errors: as Client::command(),
  /// `connection_lost`, `invalid_argument` after give_back(), `closed` if the engine has been
  /// destroyed.
  Ticket command(Arguments arguments, Callback<Reply> done) {
    return command(arguments, CommandOptions{}, std::move(done));
  }
  /// @overload
  Ticket command(Arguments arguments, const CommandOptions& options, Callback<Reply> done);
  /// Sends several commands in one write, as Client::run(). Commands after a blocking one get its
  /// additional time as well.
  Ticket run(const Pipeline& pipeline, const CommandOptions& options,
             Callback<std::vector<Reply>> done);
  /// Sends several commands between MULTI and EXEC, where none of them blocks.
  ///
  /// Result: as Client::transaction(), or `nullopt` if a key watched on this lease has changed:
  /// then nothing was executed. Errors: `invalid_argument` for an empty pipeline, or while a MULTI
  /// is open.
  Ticket transaction(const Pipeline& pipeline, const CommandOptions& options,
                     Callback<std::optional<std::vector<Reply>>> done);

  /// False if the connection was lost, disconnected or given back, or the engine was destroyed.
  bool usable() const;
  /// Gives the connection back now, as destroying the lease does.
  void give_back();

 private:
  friend class Client;
  friend class detail::LeaseCore;
  explicit Lease(std::shared_ptr<detail::LeaseCore> core) : core_(std::move(core)) {}
  std::shared_ptr<detail::LeaseCore> core_;
};

}  // namespace djcache
