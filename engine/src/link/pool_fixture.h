// Shared by the tests of the pool: its configuration, and a driver by hand.
#pragma once

#include <gtest/gtest.h>

#include "link/pool.h"
#include "link/test_lane.h"

namespace djcache::link::test {

inline PoolConfig config_of(std::size_t connections = 1) {
  PoolConfig config;
  config.host = "there";
  config.port = 6379;
  config.connection = plain();
  config.connections_max = connections;
  return config;
}

struct Pools : ::testing::Test {
  Wakes wakes;
  Millis now = 1000;

  static void issue(Pool& pool, Connection& to, std::uintptr_t id, std::string_view command = "x;",
                    const Issue& how = {}) {
    pool.prepare(to);
    pool.submit(to, commit(to.out(), id, command, how));
  }
  // Acts as the driver for one connection until it is ready.
  static void issue_continuation(Pool& pool, Connection& to) {
    Slot continuation = commit(to.out(), 2, "x;");
    continuation.continuation = true;
    pool.prepare(to);
    pool.submit(to, continuation);
  }
  void open(Connection& connection) const {
    connection.awake = false;
    connection.on_turn(now);
    ASSERT_EQ(connection.take_action(), Action::connect);
    connection.on_connected(now);
    Completion end;
    write(connection);
    connection.on_bytes(now, "+PONG\r\n");
    ASSERT_FALSE(connection.next(end));
    ASSERT_EQ(connection.state(), State::ready);
  }
  static void write(Connection& connection) {
    OutBuffer::Piece piece;
    while (connection.pieces(&piece, 1) > 0) connection.wrote(piece.size);
  }
  void answer(Connection& connection, std::string_view bytes) const {
    connection.on_bytes(now, bytes);
    Completion end;
    while (connection.next(end)) {
    }
  }
  void close(Connection& connection) const {
    ASSERT_EQ(connection.take_action(), Action::close);
    connection.on_closed(now);
  }
};

}  // namespace djcache::link::test
