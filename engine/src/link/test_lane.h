// Lane: a connection, and everything a driver does for it, by hand: bytes and milliseconds in;
// bytes, actions and completions out. For the tests of the state machine.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "link/connection.h"
#include "link/pool.h"
#include "resp/test_replies.h"

namespace djcache::link::test {

using Lines = std::vector<std::string>;
using State = Connection::State;
using Action = Connection::Action;

// link/ never dereferences the pointer, so numbers will do.
inline Call* call_of(std::uintptr_t id) { return reinterpret_cast<Call*>(id * 64); }
inline std::uintptr_t id_of(const Call* call) {
  return reinterpret_cast<std::uintptr_t>(call) / 64;
}

inline ConnectionConfig plain() {
  ConnectionConfig config;
  config.endpoint = "there:6379/0";
  return config;
}

struct Issue {
  std::uint32_t limit_ms = 500;
  bool idempotent = false;
  std::uint32_t replies = 1;
  bool barrier = false;
  bool script = false;
  bool loose = false;
  const Handler* handler = nullptr;
};

inline Slot commit(OutBuffer& out, std::uintptr_t id, std::string_view command,
                   const Issue& how = {}) {
  std::memcpy(out.reserve(command.size()), command.data(), command.size());
  out.commit(command.size());
  Slot slot;
  slot.call = call_of(id);
  slot.bytes = static_cast<std::uint32_t>(command.size());
  slot.replies = how.replies;
  slot.limit_ms = how.limit_ms;
  slot.idempotent = how.idempotent;
  slot.barrier = how.barrier;
  slot.script = how.script;
  slot.loose = how.loose;
  slot.handler = how.handler;
  return slot;
}

// "7 $text" or "7 timeout: detail".
inline std::string describe(const Completion& end) {
  EXPECT_NE(end.reply == nullptr, end.error == nullptr);
  std::string text = std::to_string(id_of(end.call)) + " ";
  if (end.reply != nullptr) return text + resp::test::describe(*end.reply);
  static constexpr std::pair<Errc, const char*> names[] = {
      {Errc::timeout, "timeout"},
      {Errc::connect_failed, "connect_failed"},
      {Errc::unavailable, "unavailable"},
      {Errc::auth_failed, "auth_failed"},
      {Errc::tls_failed, "tls_failed"},
      {Errc::no_primary, "no_primary"},
      {Errc::disconnected, "disconnected"},
      {Errc::server_error, "server_error"},
      {Errc::connection_lost, "connection_lost"},
      {Errc::protocol_error, "protocol_error"}};
  for (const auto& [code, name] : names) {
    if (code == end.error->code) text += name;
  }
  return text + ": " + end.error->detail;
}

// Records what a pool asks of its driver.
struct Wakes final : Waker {
  void wake(Connection& connection) override { woken.push_back(&connection); }
  void urge(Connection& connection) override { urged.push_back(&connection); }
  void spoil() override { ++spoiled; }
  int spoiled = 0;
  std::vector<Connection*> woken;
  std::vector<Connection*> urged;
};

// A tenant that counts its notifications.
struct Guest final : Tenant {
  explicit Guest(std::string at) : where(std::move(at)) {}
  void on_push(const resp::Reply&) override {}
  void on_loss(const Error&) override {}
  void on_retired() noexcept override { ++retired; }
  void on_gone() override { ++gone; }
  std::string place() const override { return where; }
  std::string where;
  int retired = 0;
  int gone = 0;
};

// Sends "one\n", "two\n", ... to the end; then ends as configured.
struct Steps final : Detour {
  Steps(std::vector<std::string> with, Step with_end) : commands(std::move(with)), end(with_end) {}
  Step next(const Heard& heard, std::string& out) override {
    if (heard.last != nullptr) heard_.push_back(resp::test::describe(*heard.last));
    if (at == commands.size()) {
      if (end.kind == Step::Kind::failed) out = "ERR in the end";
      return end;
    }
    out = commands[at++];
    return {Step::Kind::send, static_cast<std::int64_t>(std::count(out.begin(), out.end(), '\n'))};
  }
  std::vector<std::string> commands;
  Step end;
  std::size_t at = 0;
  Lines heard_;
};

struct Lane {
  explicit Lane(ConnectionConfig with = plain()) : config(std::move(with)) {}

  ConnectionConfig config;
  PoolTotals totals;
  Connection connection{config, totals, 0};
  Millis now = 1000;
  Lines ended;                                       // completions of next()
  std::vector<Action> actions;                       // requested actions
  std::vector<std::string> steps{"one\n", "two\n"};  // of detours
  Detour::Step steps_end{Detour::Step::Kind::integer, 7};

  // Issues a command without ending the turn.
  void issue(std::uintptr_t id, std::string_view command, const Issue& how = {}) {
    connection.push(commit(connection.out(), id, command, how));
  }
  void turn() {
    connection.on_turn(now);
    look();
  }
  // Takes all completions and actions.
  void look() {
    Completion end;
    do {
      while (connection.next(end)) {
        if (end.refused.empty()) {
          ended.push_back(describe(end));
          continue;
        }
        ended.push_back(std::to_string(id_of(end.call)) + " refused: " + std::string(end.refused));
        connection.go_around(std::make_unique<Steps>(steps, steps_end));
      }
      const Action action = connection.take_action();
      if (action == Action::none) return;
      actions.push_back(action);
    } while (true);
  }
  // The bytes that the socket would write now, of which it takes at most `most`.
  std::string take(std::size_t most = SIZE_MAX) {
    std::string taken;
    OutBuffer::Piece pieces[4];
    while (taken.size() < most) {
      const std::size_t count = connection.pieces(pieces, std::size(pieces));
      if (count == 0) break;
      const std::size_t size = std::min(pieces[0].size, most - taken.size());
      taken.append(pieces[0].data, size);
      connection.wrote(size);
    }
    return taken;
  }
  void say(std::string_view bytes) {
    const auto borrowed = std::make_unique<char[]>(bytes.size() + 1);
    std::memcpy(borrowed.get(), bytes.data(), bytes.size());
    connection.on_bytes(now, {borrowed.get(), bytes.size()});
    look();
  }
  void tick(Millis later) {
    now += later;
    connection.on_tick(now);
    look();
  }
  void lose(std::string_view reason = "connection reset by peer") {
    connection.on_lost(reason);
    look();
  }
  void closed() {
    connection.on_closed(now);
    look();
  }
  void refuse(std::string_view reason = "connection refused") {
    connection.on_connect_failed(now, reason);
    look();
  }
  void retire(Millis limit) {
    connection.retire(now, now + limit);
    look();
  }
  void connected() {
    connection.on_connected(now);
    look();
  }
  // From a requested connect until commands may be sent.
  void open() {
    turn();
    ASSERT_EQ(connection.state(), State::connecting);
    connected();
    while (connection.state() == State::handshaking) {
      ASSERT_NE(take(), "");
      say("+OK\r\n");
    }
    ASSERT_EQ(connection.state(), State::ready);
    actions.clear();
  }
  // From a requested close until commands may be sent again.
  void reopen() {
    closed();
    if (connection.state() == State::backing_off) {
      ASSERT_NE(connection.next_tick(), never);
      tick(connection.next_tick() - now);
    }
    open();
  }
  Lines take_ended() { return std::exchange(ended, {}); }
  void expect_nothing_left() const {
    EXPECT_EQ(totals.operations, 0u);
    EXPECT_EQ(totals.bytes, 0u);
    EXPECT_EQ(connection.pipeline().size(), 0u);
  }
};

}  // namespace djcache::link::test
