#include <djcache/harness/inspector.h>

#include <gtest/gtest.h>

#include <algorithm>

#include <djcache/harness/redis_server.h>

namespace djcache::harness {
namespace {

class InspectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server = SharedRedisServer::get();
    ASSERT_TRUE(server) << server.problem;
    inspector = open();
    ASSERT_NE(inspector, nullptr);
  }
  std::unique_ptr<Inspector> open(int db = 0) {
    auto opened = Inspector::open(server->endpoint(db));
    EXPECT_TRUE(opened) << opened.problem;
    return std::move(opened.value);
  }
  // A client like the one under test, with a name of its own.
  std::unique_ptr<Inspector> client(const std::string& name) {
    auto opened = open();
    EXPECT_TRUE(opened->command({"CLIENT", "SETNAME", name}).is_status("OK"));
    return opened;
  }
  SharedRedisServer::Result server;
  std::unique_ptr<Inspector> inspector;
};

TEST_F(InspectorTest, StoredBytesAreSeenUnchanged) {
  const std::string bytes("\r\n\0x", 4);
  inspector->command({"SET", "a", bytes});
  EXPECT_EQ(inspector->raw("a"), bytes);
  EXPECT_EQ(inspector->type("a"), "string");
  EXPECT_EQ(inspector->raw("b"), std::nullopt);
  EXPECT_EQ(inspector->problem(), "");
  EXPECT_EQ(inspector->type("b"), "none");
}

TEST_F(InspectorTest, AWrongTypeIsAProblemAndNotAMiss) {
  inspector->command({"LPUSH", "list", "1"});
  EXPECT_EQ(inspector->raw("list"), std::nullopt);
  EXPECT_TRUE(inspector->problem().starts_with("GET: (error) WRONGTYPE")) << inspector->problem();
}

TEST_F(InspectorTest, PttlTellsExpiryFromNoneFromNoKey) {
  inspector->command({"SET", "a", "1", "PX", "100000"});
  inspector->command({"SET", "b", "1"});
  EXPECT_GT(inspector->pttl("a"), 0);
  EXPECT_EQ(inspector->pttl("b"), -1);
  EXPECT_EQ(inspector->pttl("c"), -2);
}

TEST_F(InspectorTest, KeysAreSortedAndOfItsOwnDb) {
  auto other = open(3);
  for (const char* key : {"c", "a", "b"}) inspector->command({"SET", key, "1"});
  other->command({"SET", "z", "1"});
  EXPECT_EQ(inspector->keys(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(other->keys(), (std::vector<std::string>{"z"}));
  EXPECT_EQ(inspector->dbsize(), 3);
}

TEST_F(InspectorTest, ClientsAreCountedByNameAndItsOwnAreNot) {
  EXPECT_EQ(inspector->count_clients(), 0U);
  auto one = client("web-1");
  auto two = client("web-2");
  auto three = client("worker");
  EXPECT_EQ(inspector->count_clients(), 3U);
  EXPECT_EQ(inspector->count_clients("web-"), 2U);
  EXPECT_EQ(inspector->count_clients("nobody"), 0U);
  two.reset();
  const auto waited = inspector->wait_for_clients(1, std::chrono::seconds(5), "web-");
  EXPECT_TRUE(waited) << waited.problem;
}

TEST_F(InspectorTest, WaitingForClientsThatStayEndsAtTheLimit) {
  auto one = client("web");
  EXPECT_EQ(inspector->wait_for_clients(0, std::chrono::milliseconds(10)).problem,
            "the server still counts 1 clients, not 0");
}

TEST_F(InspectorTest, TheClientListIsParsed) {
  auto one = client("web");
  one->command({"SELECT", "5"});
  const auto clients = inspector->client_list();
  ASSERT_TRUE(clients);
  const auto found = std::find_if(clients->begin(), clients->end(),
                                  [](const ClientInfo& info) { return info.name == "web"; });
  ASSERT_NE(found, clients->end());
  EXPECT_GT(found->id, 0);
  EXPECT_TRUE(found->addr.starts_with("127.0.0.1:"));
  EXPECT_EQ(found->db, 5);
  EXPECT_EQ(found->cmd, "select");
  EXPECT_EQ(found->user, "default");
  EXPECT_EQ(found->flags, "N");
  EXPECT_EQ(found->fields.at("sub"), "0");
}

TEST_F(InspectorTest, KilledClientsAreThoseOfTheName) {
  auto one = client("web");
  auto two = client("web-2");
  EXPECT_EQ(inspector->kill_clients("web"), 1U);
  EXPECT_TRUE(inspector->wait_for_clients(1, std::chrono::seconds(5)));
  EXPECT_TRUE(two->command({"PING"}).is_status("PONG"));
  EXPECT_EQ(inspector->kill_clients(harness_client_name), 0U);
}

TEST_F(InspectorTest, AConnectionThatEndedIsOpenedAgainWithItsDb) {
  auto other = open(4);
  other->command({"SET", "a", "1"});
  auto clients = inspector->client_list();
  ASSERT_TRUE(clients);
  for (const auto& info : *clients) {
    if (info.db == 4) inspector->command({"CLIENT", "KILL", "ID", std::to_string(info.id)});
  }
  EXPECT_EQ(other->dbsize(), 1) << other->problem();
}

TEST_F(InspectorTest, CommandstatsCountsCalls) {
  inspector->command({"GET", "a"});
  inspector->command({"GET", "a"});
  EXPECT_EQ(inspector->commandstats("get"), 2);
  EXPECT_EQ(inspector->commandstats("getdel"), 0);
}

TEST_F(InspectorTest, RepliesAreTreesThatPrint) {
  EXPECT_EQ(format(inspector->command({"EVAL", "return {1, 'a', {}, false, {ok='fine'}}", "0"})),
            "[(integer) 1, \"a\", [], nil, fine]");
  EXPECT_TRUE(inspector->command({"NOSUCH"}).is_error());
}

TEST(Inspector, AServerThatIsNotThereIsNamed) {
  const auto port = unused_port();
  EXPECT_EQ(Inspector::open({.port = port}).problem,
            "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  const std::string problem = Inspector::open({.host = "no such host"}).problem;
  EXPECT_TRUE(problem.starts_with("'no such host' has no address: ")) << problem;
  EXPECT_EQ(Inspector::open({.unix_path = "/nonexistent/s"}).problem,
            "cannot connect to /nonexistent/s: No such file or directory");
}

TEST_F(InspectorTest, AHostMayBeAName) {
  auto endpoint = server->endpoint(0);
  endpoint.host = "localhost";
  EXPECT_EQ(Inspector::open(endpoint).problem, "");
}

TEST_F(InspectorTest, ADbThatIsNotThereIsAProblem) {
  const auto opened = Inspector::open(server->endpoint(99));
  EXPECT_TRUE(opened.problem.starts_with("SELECT 99 was refused")) << opened.problem;
}

}  // namespace
}  // namespace djcache::harness
