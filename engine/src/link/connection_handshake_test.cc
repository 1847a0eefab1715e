// The connection: from idle to ready, and every way in which a handshake fails.
#include <gtest/gtest.h>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

std::string bulk(std::string_view text) { return resp::test::bulk(text); }

ConnectionConfig full() {
  ConnectionConfig config = plain();
  config.username = "ada";
  config.password = "s3cret";
  config.db = 7;
  config.client_name = "app";
  return config;
}

TEST(Handshake, NothingIsConnectedBeforeAnOperationIsIssued) {
  Lane lane;
  EXPECT_EQ(lane.connection.state(), State::idle);
  lane.turn();
  lane.tick(100'000);
  EXPECT_EQ(lane.connection.state(), State::idle);
  EXPECT_TRUE(lane.actions.empty());
  EXPECT_EQ(lane.connection.next_tick(), never);
}

TEST(Handshake, EachStepIsSentAloneAndAwaited) {
  Lane lane(full());
  lane.issue(1, "one;");
  lane.turn();
  EXPECT_EQ(lane.actions, std::vector{Action::connect});
  EXPECT_EQ(lane.connection.state(), State::connecting);
  EXPECT_EQ(lane.take(), "");
  lane.connected();
  EXPECT_EQ(lane.connection.state(), State::handshaking);
  const std::string steps[] = {"*3\r\n" + bulk("AUTH") + bulk("ada") + bulk("s3cret"),
                               "*2\r\n" + bulk("SELECT") + bulk("7"),
                               "*3\r\n" + bulk("CLIENT") + bulk("SETNAME") + bulk("app")};
  for (const std::string& step : steps) {
    EXPECT_EQ(lane.connection.state(), State::handshaking);
    EXPECT_EQ(lane.take(5), step.substr(0, 5));
    EXPECT_EQ(lane.take(), step.substr(5));
    EXPECT_EQ(lane.take(), "");
    lane.say("+O");
    EXPECT_EQ(lane.take(), "");
    lane.say("K\r\n");
  }
  EXPECT_EQ(lane.connection.state(), State::ready);
  EXPECT_EQ(lane.take(), "one;");
  EXPECT_EQ(lane.totals.statistics.connects, 1u);
  ASSERT_EQ(lane.totals.events.size(), 1u);
  EXPECT_EQ(lane.totals.events[0].kind, PoolEvent::Kind::connected);
}

TEST(Handshake, OnlyTheStepsThatAreNeededAreTaken) {
  ConnectionConfig password = plain();
  password.password = "s3cret";
  ConnectionConfig user = plain();
  user.username = "ada";
  ConnectionConfig db = plain();
  db.db = 3;
  const std::string ping = "*1\r\n" + bulk("PING");
  const std::pair<ConnectionConfig, Lines> cases[] = {
      {plain(), {ping}},
      {password, {"*2\r\n" + bulk("AUTH") + bulk("s3cret"), ping}},
      {user, {"*3\r\n" + bulk("AUTH") + bulk("ada") + bulk(""), ping}},
      {db, {"*2\r\n" + bulk("SELECT") + bulk("3"), ping}},
  };
  for (const auto& [config, steps] : cases) {
    Lane lane(config);
    lane.issue(1, "one;");
    lane.turn();
    lane.connected();
    for (const std::string& step : steps) {
      EXPECT_EQ(lane.take(), step);
      lane.say("+PONG\r\n");
    }
    EXPECT_EQ(lane.connection.state(), State::ready);
  }
}

TEST(Handshake, ALongPasswordIsSentWhole) {
  ConnectionConfig config = plain();
  config.password = std::string(10'000, 'p');
  Lane lane(config);
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  EXPECT_EQ(lane.take(), "*2\r\n" + bulk("AUTH") + bulk(config.password));
}

struct Refusal {
  std::size_t steps_before;  // answered with +OK
  std::string said;
  std::string outcome;
};

TEST(Handshake, EachRefusalEndsEveryWaitingOperationWithItsReason) {
  const Refusal refusals[] = {
      {0, "-WRONGPASS invalid username-password pair\r\n",
       "auth_failed: there:6379/0: AUTH refused: WRONGPASS: wrong user or password, or the user is "
       "off"},
      {0, "-ERR Client sent AUTH, but no password is set\r\n",
       "auth_failed: there:6379/0: AUTH refused: ERR: no password is set on the server"},
      {0, "-ERR unknown command 'AUTH', with args beginning with: 'me' 's3cret'\r\n",
       "auth_failed: there:6379/0: AUTH refused: ERR: it knows no such command: renamed in its "
       "configuration, or the port of a Sentinel, where LOCATION must name the server that it "
       "watches"},
      {0, "-s3cret\r\n", "auth_failed: there:6379/0: AUTH refused: an error"},
      {1, "-NOAUTH Authentication required.\r\n",
       "auth_failed: there:6379/0: SELECT 7 refused: NOAUTH: the server wants a password; put it "
       "into LOCATION or OPTIONS"},
      {1, "-ERR DB index is out of range\r\n",
       "connect_failed: there:6379/0: SELECT 7 refused: ERR: DB index is out of range"},
      {1, "-NOPERM no\r\n",
       "connect_failed: there:6379/0: SELECT 7 refused: NOPERM: the ACL does not let this user do "
       "it"},
      {2, "-LOADING Redis is loading\r\n",
       "unavailable: there:6379/0: CLIENT SETNAME refused: LOADING: the server is loading its "
       "data"},
      {2, "$2\r\nOK\r\n",
       "connect_failed: there:6379/0: the peer does not answer as a redis server does"},
      {0, ":1\r\n",
       "connect_failed: there:6379/0: the peer does not answer as a redis server does"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.said);
    Lane lane(full());
    lane.issue(1, "one;");
    lane.issue(2, "two;", {.idempotent = true});
    lane.turn();
    lane.connected();
    for (std::size_t i = 0; i < refusal.steps_before; ++i) {
      lane.take();
      lane.say("+OK\r\n");
    }
    lane.take();
    lane.say(refusal.said);
    EXPECT_EQ(lane.ended, (Lines{"1 " + refusal.outcome, "2 " + refusal.outcome}));
    EXPECT_EQ(lane.actions, (std::vector{Action::connect, Action::close}));
    EXPECT_EQ(lane.connection.state(), State::closing);
    EXPECT_EQ(lane.totals.statistics.connect_failures, 1u);
    ASSERT_EQ(lane.totals.events.size(), 1u);
    EXPECT_EQ(lane.totals.events[0].kind, PoolEvent::Kind::retrying);
    EXPECT_EQ(lane.totals.events[0].attempt, 1u);
    EXPECT_EQ(lane.totals.events[0].reason.find("s3cret"), std::string::npos);
    EXPECT_EQ(lane.connection.last_reason(), lane.totals.events[0].reason);
    lane.expect_nothing_left();
  }
}

TEST(Handshake, ARefusedNameIsTolerated) {
  for (const std::string said :
       {"-NOPERM this user has no permissions\r\n", "-ERR unknown command 'CLIENT'\r\n"}) {
    ConnectionConfig config = plain();
    config.client_name = "app";
    Lane lane(config);
    lane.issue(1, "one;");
    lane.turn();
    lane.connected();
    lane.take();
    lane.say(said);
    EXPECT_EQ(lane.connection.state(), State::ready);
  }
}

TEST(Handshake, APeerThatKnowsNoPingIsNoServer) {
  Lane lane;
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  EXPECT_EQ(lane.take(), "*1\r\n" + bulk("PING"));
  lane.say("-ERR unknown command 'PING'\r\n");
  ASSERT_EQ(lane.ended.size(), 1u);
  EXPECT_TRUE(lane.ended[0].starts_with("1 connect_failed: there:6379/0: PING refused: ERR"))
      << lane.ended[0];
}

TEST(Handshake, AnAclThatForbidsPingIsTolerated) {
  Lane lane;
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  lane.take();
  lane.say("-NOPERM this user has no permissions to run the 'ping' command\r\n");
  EXPECT_EQ(lane.connection.state(), State::ready);
}

TEST(Handshake, AnotherProtocolIsRecognised) {
  const std::pair<std::string, std::string> cases[] = {
      {std::string("\x15\x03\x03\0\x02\x02\x46", 7), "this port speaks TLS"},
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "is it an HTTP server?"},
  };
  for (const auto& [said, hint] : cases) {
    Lane lane;
    lane.issue(1, "one;");
    lane.turn();
    lane.connected();
    lane.take();
    lane.say(said);
    ASSERT_EQ(lane.ended.size(), 1u);
    EXPECT_TRUE(lane.ended[0].ends_with("; " + hint)) << lane.ended[0];
  }
}

TEST(Handshake, AnEndInsteadOfAnAnswerSaysWhatElseMayBeThere) {
  ConnectionConfig named = plain();
  named.client_name = "app";
  const std::pair<ConnectionConfig, std::string> cases[] = {
      {plain(), "reset, instead of an answer to PING; does this port speak TLS?"},
      {full(), "reset, instead of an answer to AUTH; does this port speak TLS?"},
      {named,
       "reset, instead of an answer to CLIENT SETNAME; does this port speak TLS? A proxy may "
       "not know CLIENT: client_name \"\" sends none"},
  };
  for (const auto& [config, text] : cases) {
    Lane lane(config);
    lane.issue(1, "one;");
    lane.turn();
    lane.connected();
    lane.take();
    lane.lose("reset");
    EXPECT_EQ(lane.ended, Lines{"1 connect_failed: there:6379/0: " + text});
  }
  Lane second(full());
  second.issue(1, "one;");
  second.turn();
  second.connected();
  second.take();
  second.say("+OK\r\n");
  second.take();
  second.lose("reset");
  EXPECT_EQ(second.ended,
            Lines{"1 connect_failed: there:6379/0: reset, instead of an answer to SELECT 7"});
  Lane unasked;
  unasked.issue(1, "one;");
  unasked.turn();
  unasked.connected();
  unasked.lose("reset");
  EXPECT_EQ(unasked.ended, Lines{"1 connect_failed: there:6379/0: reset"});
}

TEST(Handshake, AServerThatSpeaksFirstIsToldFromOneThatAnswers) {
  const std::pair<std::string, std::string> cases[] = {
      {"-ERR max number of clients reached\r\n", "refused: ERR: max number of clients reached"},
      {"+hello\r\n", "refused: a reply before any command"},
      {"220 mail.example.org ESMTP\r\n", "the peer does not speak RESP: "},
  };
  for (const auto& [said, reason] : cases) {
    Lane lane;
    lane.issue(1, "one;");
    lane.turn();
    lane.connected();
    lane.take(3);
    lane.say(said);
    ASSERT_EQ(lane.ended.size(), 1u);
    EXPECT_TRUE(lane.ended[0].starts_with("1 connect_failed: there:6379/0: " + reason))
        << lane.ended[0];
    EXPECT_EQ(lane.connection.state(), State::closing);
  }
}

TEST(Handshake, AFullServerIsToldFromOneThatRefusesCredentialsOrAName) {
  for (const ConnectionConfig& config : {full(), plain()}) {
    Lane lane(config);
    lane.issue(1, "one;");
    lane.turn();
    lane.connected();
    lane.take();
    lane.say("-ERR max number of clients reached\r\n");
    EXPECT_EQ(lane.ended,
              Lines{"1 connect_failed: there:6379/0: refused: ERR: max number of clients "
                    "reached"});
  }
}

TEST(Handshake, AConnectionClosedInTheHandshakeIsAFailedAttempt) {
  Lane lane;
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  lane.take();
  lane.lose("end of stream");
  EXPECT_EQ(lane.ended,
            Lines{"1 connect_failed: there:6379/0: end of stream, instead of an answer to "
                  "PING; does this port speak TLS?"});
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.expect_nothing_left();
}

TEST(Handshake, BytesAfterTheLastStepArePoison) {
  Lane lane;
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  lane.take();
  lane.say("+PONG\r\n+more\r\n");
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_TRUE(lane.ended.empty());  // not sent: it waits for the next connection
  EXPECT_EQ(lane.connection.pipeline().size(), 1u);
}

TEST(Handshake, TheConnectLimitCoversConnectingAndTheHandshake) {
  for (const bool handshaking : {false, true}) {
    ConnectionConfig config = plain();
    config.connect_limit = 300;
    config.backoff_min = config.backoff_max = 1'000'000;
    Lane lane(config);
    lane.issue(1, "one;", {.limit_ms = 10'000});
    lane.turn();
    lane.now += 100;
    if (handshaking) lane.connected();
    EXPECT_EQ(lane.connection.next_tick(), 1300u);
    lane.tick(199);
    EXPECT_TRUE(lane.ended.empty());
    lane.tick(1);
    EXPECT_EQ(lane.ended, Lines{"1 connect_failed: there:6379/0: no connection within 300 ms"});
    EXPECT_EQ(lane.actions, (std::vector{Action::connect, Action::close}));
    EXPECT_EQ(lane.connection.state(), handshaking ? State::closing : State::backing_off);
  }
}

TEST(Handshake, ALateSocketOfAGivenUpAttemptIsIgnored) {
  ConnectionConfig config = plain();
  config.connect_limit = 300;
  config.backoff_min = config.backoff_max = 1'000'000;
  Lane lane(config);
  lane.issue(1, "one;", {.limit_ms = 10'000});
  lane.turn();
  lane.tick(300);
  ASSERT_EQ(lane.connection.state(), State::backing_off);
  lane.connected();
  lane.refuse();
  lane.closed();
  EXPECT_EQ(lane.connection.state(), State::backing_off);
  EXPECT_EQ(lane.totals.statistics.connect_failures, 1u);
}

TEST(Handshake, NothingIsOfferedWithoutRoomForPieces) {
  Lane lane;
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  OutBuffer::Piece piece;
  EXPECT_EQ(lane.connection.pieces(&piece, 0), 0u);
  EXPECT_EQ(lane.connection.pieces(&piece, 1), 1u);
}

}  // namespace
}  // namespace djcache::link::test
