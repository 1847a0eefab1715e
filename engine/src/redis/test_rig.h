// Rig: a redis backend over a pool whose connections are driven by hand: the bytes that an
// operation sends, and how it ends after given replies.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "calls.h"
#include "redis/reading.h"
#include "redis/redis_backend.h"

namespace djcache::redis::test {

using Lines = std::vector<std::string>;

inline std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}
inline std::string command(const Lines& arguments) {
  std::string bytes = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& argument : arguments) bytes += bulk(argument);
  return bytes;
}

struct Rig {
  explicit Rig(std::size_t connections = 1, std::size_t pools_count = 1,
               std::size_t pending_max_bytes = 64u << 20) {
    link::PoolConfig config;
    config.host = "there";
    config.connection.endpoint = "there:6379/0";
    config.connection.caps.bulk_bytes = 1000;
    config.connections_max = connections;
    config.pending_max_bytes = pending_max_bytes;
    std::vector<link::Pool*> raw;
    for (std::size_t i = 0; i < pools_count; ++i) {
      config.port = static_cast<std::uint16_t>(6379 + i);
      pools.push_back(std::make_unique<link::Pool>(config, waker, 1 + i));
      raw.push_back(pools.back().get());
    }
    backend = std::make_unique<RedisBackend>(raw, calls, 7);
  }

  // A call that records how it ended: "no", "yes 7 'bytes' [a, _] key=k", "timeout: detail".
  struct Probe final : Call {
    Probe(Rig& owner, std::string with_name, std::size_t many)
        : rig(owner), name(std::move(with_name)), values(many) {}
    void finish(const Outcome& outcome) override {
      rig.ended.push_back(name + " " + describe(outcome, values));
      if (!given_up()) rig.code = outcome.error != nullptr ? outcome.error->code : Errc{};
      release();
    }
    void give_up(const Error&) override {}
    Rig& rig;
    std::string name;
    std::size_t values;
  };

  static std::string describe(const Outcome& outcome, std::size_t values) {
    if (outcome.error != nullptr) return "error: " + outcome.error->detail;
    std::string text = outcome.flag ? "yes" : "no";
    if (outcome.integer != 0) text += " " + std::to_string(outcome.integer);
    if (outcome.bytes.data() != nullptr) text += " '" + std::string(outcome.bytes) + "'";
    if (outcome.body != nullptr) text += " movable";
    if (outcome.many != nullptr) {
      text += " [";
      for (std::size_t i = 0; i < values; ++i) {
        std::string_view bytes;
        if (i > 0) text += ", ";
        text += outcome.many->next(bytes) ? std::string(bytes) : "_";
      }
      text += "]";
    }
    return text;
  }

  Call* call(std::string name = "a", std::size_t many = 0) {
    return calls.make<Probe>(*this, std::move(name), many);
  }

  // Makes the connection of a key ready to send.
  void open(link::Connection& connection) {
    if (connection.state() == link::Connection::State::ready) return;
    connection.on_turn(1000);
    ASSERT_EQ(connection.take_action(), link::Connection::Action::connect);
    connection.on_connected(1000);
    (void)take(connection);
    say(connection, "+PONG\r\n");
    ASSERT_EQ(connection.state(), link::Connection::State::ready);
  }
  static std::string take(link::Connection& connection) {
    std::string bytes;
    link::OutBuffer::Piece piece;
    while (connection.pieces(&piece, 1) > 0) {
      bytes.append(piece.data, piece.size);
      connection.wrote(piece.size);
    }
    return bytes;
  }
  // The bytes issued on the connection of `key` since the last call.
  std::string sent(std::string_view key = "", std::size_t pool = 0) {
    link::Connection& connection = pools[pool]->route(key);
    open(connection);
    return take(connection);
  }
  void say(link::Connection& connection, std::string_view bytes) {
    const auto borrowed = std::make_unique<char[]>(bytes.size() + 1);
    std::memcpy(borrowed.get(), bytes.data(), bytes.size());
    connection.on_bytes(1000, {borrowed.get(), bytes.size()});
    link::Completion end;
    while (connection.next(end)) end.handler->end(*pools[0], connection, end);
  }
  void answer(std::string_view bytes, std::string_view key = "", std::size_t pool = 0) {
    say(pools[pool]->route(key), bytes);
  }
  Lines take_ended() { return std::exchange(ended, {}); }

  struct Sleeper final : link::Waker {
    void spoil() override {}
    void wake(link::Connection&) override {}
    void urge(link::Connection&) override {}
  } waker;
  Calls calls{[] {}};
  std::vector<std::unique_ptr<link::Pool>> pools;
  std::unique_ptr<RedisBackend> backend;
  Lines ended;
  Errc code{};
};

inline Key key(std::string_view made) { return {made, made}; }
inline Expiry seconds(std::int64_t count) { return {false, count * 1000}; }
inline constexpr Expiry forever{true, 0};

}  // namespace djcache::redis::test
