// Tests of the gateway on the test's own loop. A client in a second thread sends requests over real
// sockets, with sessions that djcache itself wrote.
#include <arpa/inet.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/redis_server.h>
#include <djcache/session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "gateway.h"

namespace {

using namespace djcache;
using namespace djcache::harness;
using namespace std::chrono_literals;
using gateway::Gateway;
using testing::HasSubstr;
using testing::StartsWith;

// A blocking client. Each read has a limit.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& bytes) {
    (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Reads until the gateway closes the connection.
  std::string read_all() {
    std::string all;
    char bytes[4096];
    for (ssize_t size; (size = recv(fd_, bytes, sizeof bytes, 0)) > 0;) {
      all.append(bytes, static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  int fd_;
};

std::string get(const std::string& path, const std::string& cookie = {}, bool last = true) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" +
         (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") +
         (last ? "Connection: close\r\n\r\n" : "\r\n");
}

class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = SharedRedisServer::get();
    ASSERT_TRUE(server_) << server_.problem;
    inspector_ = Inspector::open(server_->endpoint());
    ASSERT_TRUE(inspector_) << inspector_.problem;
    CacheSettings patient{.location = {server_->url()}, .options = {.command_limit = 10s}};
    CacheSettings hasty = patient;
    hasty.options.command_limit = 20ms;
    engine_.emplace(runner_.loop(), Settings{.caches = {{"default", patient}, {"hasty", hasty}}});
  }
  void TearDown() override {
    if (!engine_) return;
    EXPECT_TRUE(server_->cont());
    if (gateway_) gateway_->close_now();
    const auto report = runner_.teardown([&](std::function<void()> done) {
      engine_->disconnect({}, [done = std::move(done)](DisconnectReport) { done(); });
    });
    EXPECT_TRUE(report.ok) << report.problem;
    EXPECT_TRUE(inspector_->wait_for_clients(0));
  }
  void serve(gateway::Options options = {}, std::string_view alias = "default") {
    gateway_.emplace(runner_.loop(), engine_->cache(alias), options);
    ASSERT_EQ(gateway_->listen(), 0);
  }
  // Runs `client` in a thread, and the loop until `client` has returned.
  std::string with_client(const std::function<std::string(Client&)>& client) {
    std::string answer;
    std::atomic<bool> ended = false;
    std::thread thread([&] {
      Client one(gateway_->port());
      answer = client(one);
      ended = true;
    });
    EXPECT_TRUE(runner_.run_until([&] { return ended.load(); }, {.limit = 20s, .check_every = 2ms}))
        << runner_.problem();
    thread.join();
    EXPECT_TRUE(runner_.run_until([&] { return gateway_->connections() == 0; }));
    return answer;
  }
  std::string ask(const std::string& bytes) {
    return with_client([&](Client& client) {
      client.send(bytes);
      return client.read_all();
    });
  }
  // Stores a session as a login does, and returns its key.
  std::string log_in(const std::string& backend = "django.contrib.auth.backends.ModelBackend") {
    SessionStore store(engine_->cache());
    store.session().update(
        {{"_auth_user_id", "42"}, {"_auth_user_backend", backend}, {"_auth_user_hash", "c0ffee"}});
    bool saved = false;
    store.save([&](Result<void> r) { saved = r.ok(); });
    EXPECT_TRUE(runner_.run_until([&] { return saved; }));
    return store.session().session_key().value_or("");
  }

  LoopRunner runner_;
  SharedRedisServer::Result server_;
  Opened<Inspector> inspector_;
  std::optional<Engine> engine_;
  std::optional<Gateway> gateway_;
};

TEST_F(GatewayTest, KnowsWhoIsLoggedIn) {
  serve();
  const std::string answer = ask(get("/whoami", "sessionid=" + log_in()));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n42\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store"));
}

TEST_F(GatewayTest, KnowsNobodyElse) {
  serve();
  const std::string other = log_in("somebody.else.Backend");
  EXPECT_THAT(ask(get("/whoami")), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask(get("/whoami", "sessionid=0123456789abcdefghijklmnopqrstuv")),
              StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask(get("/whoami", "sessionid=../../x")), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask(get("/whoami", "sessionid=" + other)), StartsWith("HTTP/1.1 401 "));
}

TEST_F(GatewayTest, DoesNotCallSomebodyLoggedOutWhenItCannotKnow) {
  serve({}, "hasty");
  const std::string cookie = "sessionid=" + log_in();
  ASSERT_TRUE(server_->stop());
  EXPECT_THAT(ask(get("/whoami", cookie)), StartsWith("HTTP/1.1 503 "));
}

TEST_F(GatewayTest, AnswersRequestsThatCameTogetherInTheirOrder) {
  serve();
  const std::string cookie = "sessionid=" + log_in();
  const std::string answer =
      ask(get("/whoami", cookie, false) + get("/nothing", "", false) + get("/whoami"));
  const auto first = answer.find(" 200 "), second = answer.find(" 404 "),
             third = answer.find(" 401 ");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
}

TEST_F(GatewayTest, ReadsARequestThatComesByteByByte) {
  serve();
  const std::string request = get("/whoami", "sessionid=" + log_in());
  EXPECT_THAT(with_client([&](Client& client) {
                for (const char byte : request) client.send(std::string(1, byte));
                return client.read_all();
              }),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(GatewayTest, RefusesWhatItDoesNotServe) {
  serve();
  EXPECT_THAT(ask("POST /whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET")));
  EXPECT_THAT(ask("POST /whoami HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      ask("POST /whoami HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("no HTTP at all\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("GET /whoami HTTP/1.1\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(GatewayTest, RefusesHeadersThatAreTooLong) {
  serve();
  EXPECT_THAT(ask(get("/whoami", "a=" + std::string(200'000, 'x'))), StartsWith("HTTP/1.1 431 "));
}

TEST_F(GatewayTest, ClosesWhoTakesTooLong) {
  serve({.idle_limit = 20ms});
  EXPECT_EQ(ask("GET /whoami HT"), "");
}

TEST_F(GatewayTest, ClosesWhoIsOneTooMany) {
  serve({.connections_max = 0});
  EXPECT_EQ(ask(""), "");
}

TEST_F(GatewayTest, LetsAVisitorGoWhileItAsks) {
  serve();
  const std::string cookie = "sessionid=" + log_in();
  ASSERT_TRUE(server_->stop());
  std::thread thread(
      [port = gateway_->port(), &cookie] { Client(port).send(get("/whoami", cookie)); });
  EXPECT_TRUE(runner_.run_until([&] { return gateway_->connections() == 1; }));
  thread.join();
  gateway_->close_now();
  EXPECT_TRUE(runner_.run_until([&] { return gateway_->connections() == 0; }));
}

TEST_F(GatewayTest, FinishesTheRequestItIsAtBeforeItCloses) {
  serve();
  const std::string cookie = "sessionid=" + log_in();
  ASSERT_TRUE(server_->stop());
  std::string answer;
  std::atomic<bool> ended = false;
  std::thread thread([&, port = gateway_->port()] {
    Client client(port);
    client.send(get("/whoami", cookie, false));
    answer = client.read_all();
    ended = true;
  });
  EXPECT_TRUE(runner_.run_until([&] { return engine_->pools()[0].info().in_flight == 1; }));
  gateway_->close_politely();
  EXPECT_TRUE(server_->cont());
  EXPECT_TRUE(runner_.run_until([&] { return ended.load(); }, {.check_every = 2ms}));
  thread.join();
  EXPECT_THAT(answer, testing::AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Connection: close")));
}

}  // namespace
