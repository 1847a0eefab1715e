#include <djcache/harness/scripted_peer.h>

#include <gtest/gtest.h>

#include <memory>

#include <djcache/harness/handle_census.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

// A minimal client on the peer's loop.
class Client {
 public:
  Client(uv_loop_t& loop, const ScriptedPeer& peer) {
    stream_.handle.data = this;
    connect_.data = this;
    const auto on_connect = [](uv_connect_t* request, int status) {
      static_cast<Client*>(request->data)->on_connected(status);
    };
    if (peer.unix_path().empty()) {
      sockaddr_in address{};
      uv_ip4_addr("127.0.0.1", peer.port(), &address);
      uv_tcp_init(&loop, &stream_.tcp);
      uv_tcp_connect(&connect_, &stream_.tcp, reinterpret_cast<sockaddr*>(&address), on_connect);
    } else {
      uv_pipe_init(&loop, &stream_.pipe, 0);
      uv_pipe_connect(&connect_, &stream_.pipe, peer.unix_path().c_str(), on_connect);
    }
    stream_.handle.data = this;
  }

  void send(const std::string& bytes) {
    if (!connected) {
      unsent_ += bytes;
      return;
    }
    struct Write {
      uv_write_t request{};
      std::string bytes;
    };
    auto* write = new Write{.bytes = bytes};
    const uv_buf_t buffer =
        uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
    uv_write(&write->request, &stream_.stream, &buffer, 1,
             [](uv_write_t* request, int) { delete reinterpret_cast<Write*>(request); });
  }

  void close() {
    if (uv_is_closing(&stream_.handle) == 0) uv_close(&stream_.handle, nullptr);
  }

  std::string received;
  int reads = 0;
  bool connected = false;
  int end = 0;  // UV_EOF, UV_ECONNRESET, ...

 private:
  void on_connected(int status) {
    connected = status == 0;
    end = status;
    if (!connected) return;
    uv_read_start(
        &stream_.stream,
        [](uv_handle_t*, std::size_t, uv_buf_t* buffer) {
          static char bytes[65536];
          *buffer = uv_buf_init(bytes, sizeof bytes);
        },
        [](uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
          auto* self = static_cast<Client*>(stream->data);
          if (size > 0) {
            self->received.append(buffer->base, static_cast<std::size_t>(size));
            ++self->reads;
          } else if (size < 0) {
            self->end = static_cast<int>(size);
          }
        });
    if (!unsent_.empty()) send(unsent_);
  }

  union {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } stream_{};
  uv_connect_t connect_{};
  std::string unsent_;
};

class ScriptedPeerTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    auto listening = ScriptedPeer::listen(runner.loop(), {.unix_socket = GetParam()});
    ASSERT_TRUE(listening) << listening.problem;
    peer = std::move(listening.value);
  }
  void TearDown() override {
    for (auto& client : clients) client->close();
    if (peer != nullptr) {
      bool closed = false;
      peer->close([&] { closed = true; });
      EXPECT_TRUE(until([&] { return closed; })) << runner.problem();
    }
    const auto report = runner.teardown();
    EXPECT_TRUE(report.ok) << report.problem;
  }
  Client& connect() {
    clients.push_back(std::make_unique<Client>(runner.loop(), *peer));
    return *clients.back();
  }
  bool until(const LoopRunner::Predicate& predicate) { return runner.run_until(predicate); }

  LoopRunner runner;
  std::unique_ptr<ScriptedPeer> peer;
  std::vector<std::unique_ptr<Client>> clients;
};

INSTANTIATE_TEST_SUITE_P(Over, ScriptedPeerTest, ::testing::Bool(),
                         [](const auto& param_info) { return param_info.param ? "Unix" : "Tcp"; });

TEST_P(ScriptedPeerTest, PlaysRequestAndReplyAndClose) {
  peer->script().expect_command({"GET", ":1:a"}).send("$1\r\nx\r\n").close();
  auto& client = connect();
  client.send(encode_command({"GET", ":1:a"}));
  ASSERT_TRUE(until([&] { return client.end != 0; })) << peer->problem();
  EXPECT_EQ(client.received, "$1\r\nx\r\n");
  EXPECT_EQ(client.end, UV_EOF);
  EXPECT_TRUE(peer->ok()) << peer->problem();
  EXPECT_TRUE(peer->finished());
  EXPECT_EQ(peer->received(), encode_command({"GET", ":1:a"}));
}

TEST_P(ScriptedPeerTest, AMismatchIsRecordedAndEndsTheConnection) {
  peer->script().expect("hello").send("never");
  auto& client = connect();
  client.send("help!");
  ASSERT_TRUE(until([&] { return client.end != 0; }));
  EXPECT_FALSE(peer->ok());
  EXPECT_EQ(
      peer->problem(),
      "connection 0, step 1 (EXPECT hello): expected \"hello\", seen \"help!\", which differs "
      "at byte 3 of the step, byte 3 of the connection");
  EXPECT_EQ(client.received, "");
}

TEST_P(ScriptedPeerTest, AClientThatLeavesEarlyIsAMismatch) {
  peer->script().expect("hello");
  auto& client = connect();
  client.send("he");
  ASSERT_TRUE(until([&] { return peer->received() == "he"; }));
  client.close();
  ASSERT_TRUE(until([&] { return !peer->ok(); }));
  EXPECT_NE(peer->problem().find("the client ended the connection after \"he\""),
            std::string::npos);
}

TEST_P(ScriptedPeerTest, SendsSlowlyOverManyTurns) {
  const std::string bytes = "$5\r\nhello\r\n";
  peer->script().expect("go").send_slowly(bytes);
  auto& client = connect();
  client.send("go");  // the client now reads: earlier bytes would arrive in one piece
  ASSERT_TRUE(until([&] { return client.received.size() == bytes.size(); }));
  EXPECT_EQ(client.received, bytes);
  EXPECT_EQ(client.reads, static_cast<int>(bytes.size()));
}

TEST_P(ScriptedPeerTest, PausesUntilTheTestResumes) {
  peer->script().expect("a").pause().send("b");
  auto& client = connect();
  client.send("a");
  ASSERT_TRUE(until([&] { return peer->paused(); }));
  runner.run_for_turns(5);
  EXPECT_EQ(client.received, "");
  peer->resume();
  EXPECT_TRUE(until([&] { return client.received == "b"; }));
}

TEST_P(ScriptedPeerTest, StalledItLetsTheClientsWritesFillUp) {
  constexpr std::size_t size = 8 * 1024 * 1024;
  peer->script().stall().discard(size).send("done");
  auto& client = connect();
  ASSERT_TRUE(until([&] { return peer->paused() && client.connected; }));
  client.send(std::string(size, 'x'));
  runner.run_for_turns(50);
  EXPECT_EQ(peer->received(), "");
  peer->resume();
  EXPECT_TRUE(until([&] { return client.received == "done"; })) << peer->problem();
  EXPECT_EQ(peer->received().size(), 1024U * 1024U) << "what is kept has a bound";
}

TEST_P(ScriptedPeerTest, HoldsSilently) {
  peer->script().hold();
  auto& client = connect();
  client.send("anything at all");
  ASSERT_TRUE(until([&] { return peer->received() == "anything at all"; }));
  EXPECT_TRUE(peer->ok());
  EXPECT_TRUE(peer->finished());
  EXPECT_EQ(peer->open_connections(), 1U);
  client.close();
  EXPECT_TRUE(until([&] { return peer->open_connections() == 0; }));
}

TEST_P(ScriptedPeerTest, FurtherConnectionsPlayTheirOwnScriptOrTheLast) {
  peer->script().send("one").close();
  peer->for_connection(1).send("two").close();
  for (const char* expected : {"one", "two", "two"}) {
    auto& client = connect();
    ASSERT_TRUE(until([&] { return client.end == UV_EOF; }));
    EXPECT_EQ(client.received, expected);
  }
  EXPECT_EQ(peer->accepted(), 3U);
}

TEST_P(ScriptedPeerTest, IsNotFinishedBeforeEveryScriptHadItsConnection) {
  peer->play(parse_peer_scripts("SEND a\nCLOSE\nCONNECTION\nSEND b\nCLOSE").scripts);
  auto& client = connect();
  ASSERT_TRUE(until([&] { return client.end == UV_EOF; }));
  EXPECT_TRUE(peer->ok());
  EXPECT_FALSE(peer->finished());
}

TEST_P(ScriptedPeerTest, ExpectsTheClientToEndIt) {
  peer->script().expect_handshake({.name = true}).expect_close();
  auto& client = connect();
  client.send(encode_command({"CLIENT", "SETNAME", "x"}));
  ASSERT_TRUE(until([&] { return client.received == "+OK\r\n"; }));
  EXPECT_FALSE(peer->finished());
  client.close();
  EXPECT_TRUE(until([&] { return peer->finished(); }));
  EXPECT_TRUE(peer->ok()) << peer->problem();
}

TEST_P(ScriptedPeerTest, ItsHandlesCountWithTheHarness) {
  peer->script().send_slowly("abc").hold();
  auto& client = connect();
  ASSERT_TRUE(until([&] { return client.received == "abc"; }));
  EXPECT_EQ(runner.handles_under_test().size(), 1U) << "the client alone";
}

TEST_P(ScriptedPeerTest, ClosingInTheMiddleLeavesNothing) {
  peer->script().send_slowly(std::string(100000, 'x'));
  auto& client = connect();
  ASSERT_TRUE(until([&] { return client.received.size() > 2; }));
  bool closed = false;
  peer->close([&] { closed = true; });
  EXPECT_FALSE(closed);
  ASSERT_TRUE(until([&] { return closed; }));
  EXPECT_EQ(census(runner.loop()).size(), 3U) << "the client, and the runner's own two";
  bool again = false;
  peer->close([&] { again = true; });
  EXPECT_TRUE(again);
}

TEST_P(ScriptedPeerTest, DestroyedItClosesItsHandlesOnLaterTurns) {
  peer->script().hold();
  auto& client = connect();
  ASSERT_TRUE(until([&] { return peer->accepted() == 1; }));
  bool told = false;
  peer->close([&] { told = true; });
  peer.reset();
  ASSERT_TRUE(until([&] { return client.end != 0; }));
  runner.run_for_turns(2);
  EXPECT_FALSE(told) << "destruction is silent";
}

TEST(ScriptedPeer, ResetsATcpConnection) {
  LoopRunner runner;
  auto peer = ScriptedPeer::listen(runner.loop());
  ASSERT_TRUE(peer) << peer.problem;
  EXPECT_EQ(peer->url(1), "redis://127.0.0.1:" + std::to_string(peer->port()) + "/1");
  peer->script().expect("a").reset();
  Client client(runner.loop(), *peer);
  client.send("a");
  EXPECT_TRUE(runner.run_until([&] { return client.end != 0; }));
  EXPECT_EQ(client.end, UV_ECONNRESET);
  EXPECT_TRUE(peer->ok()) << peer->problem();
  client.close();
  peer.value.reset();
  const auto report = runner.teardown();
  EXPECT_TRUE(report.ok) << report.problem;
}

TEST(ScriptedPeer, APeerLeftOpenIsNamedByTheTeardown) {
  LoopRunner runner;
  auto peer = ScriptedPeer::listen(runner.loop());
  ASSERT_TRUE(peer) << peer.problem;
  const auto report = runner.teardown();
  EXPECT_EQ(report.uv_loop_close_result, UV_EBUSY);
  EXPECT_NE(report.problem.find("(of the harness)"), std::string::npos) << report.problem;
  peer.value.reset();
  EXPECT_TRUE(runner.teardown().ok);
}

}  // namespace
}  // namespace djcache::harness
