#include <djcache/harness/redis_server.h>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "server_process.h"
#include "temporary_folder.h"

#include <djcache/harness/inspector.h>

namespace djcache::harness {
namespace {

using std::chrono::milliseconds;

std::string ping(const Endpoint& endpoint) {
  auto inspector = Inspector::open(endpoint);
  return inspector ? format(inspector->command({"PING"})) : inspector.problem;
}

// Listens on a port of 127.0.0.1.
class Squatter {
 public:
  Squatter() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(unused_port()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    listening_ = ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                 ::listen(fd_, 1) == 0;
  }
  ~Squatter() { ::close(fd_); }
  Squatter(const Squatter&) = delete;
  Squatter& operator=(const Squatter&) = delete;
  std::uint16_t port() const { return listening_ ? port_ : 0; }

 private:
  int fd_;
  std::uint16_t port_;
  bool listening_ = false;
};

// Sets (or, with null, unsets) an environment variable during its lifetime.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = ::getenv(name)) old_ = old;
    set(value);
  }
  ~Environment() { set(old_ ? old_->c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) const {
    value != nullptr ? ::setenv(name_, value, 1) : ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> old_;
};

// A shell script in place of a server.
class Script {
 public:
  explicit Script(const std::string& text) : folder_(TemporaryFolder::make("djcache-test-")) {
    std::ofstream(path()) << "#!/bin/sh\n" << text << "\n";
    ::chmod(path().c_str(), 0700);
  }
  std::string path() const { return *folder_ / "script"; }

 private:
  Opened<TemporaryFolder> folder_;
};

bool ipv6_loopback() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool there = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return there;
}

TEST(RedisServer, AnswersOnTcpAndOnItsUnixSocket) {
  auto server = RedisServer::start();
  ASSERT_TRUE(server) << server.problem;
  EXPECT_TRUE(server->running());
  EXPECT_EQ(ping(server->endpoint()), "PONG");
  EXPECT_EQ(ping({.unix_path = server->unix_path()}), "PONG");
  EXPECT_EQ(server->url(2), "redis://127.0.0.1:" + std::to_string(server->port()) + "/2");
  EXPECT_EQ(server->unix_url(2), "unix://" + server->unix_path() + "?db=2");
}

TEST(RedisServer, AnswersOnIpv6WhenAsked) {
  if (!ipv6_loopback()) GTEST_SKIP() << "this machine has no [::1]";
  auto server = RedisServer::start({.ipv6 = true});
  ASSERT_TRUE(server) << server.problem;
  EXPECT_EQ(ping({.host = "::1", .port = server->port()}), "PONG");
  EXPECT_EQ(server->ipv6_url(), "redis://[::1]:" + std::to_string(server->port()) + "/0");
}

TEST(RedisServer, LeavesNeitherProcessNorFolder) {
  auto server = RedisServer::start();
  ASSERT_TRUE(server) << server.problem;
  const pid_t pid = server->pid();
  const auto folder = std::filesystem::path(server->unix_path()).parent_path();
  EXPECT_TRUE(std::filesystem::exists(folder));
  server.value.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(RedisServer, TwoServersAreApart) {
  auto one = RedisServer::start();
  auto two = RedisServer::start();
  ASSERT_TRUE(one && two) << one.problem << two.problem;
  EXPECT_NE(one->port(), two->port());
  auto in_one = Inspector::open(one->endpoint());
  auto in_two = Inspector::open(two->endpoint());
  ASSERT_TRUE(in_one && in_two);
  in_one->command({"SET", "a", "1"});
  EXPECT_EQ(in_two->dbsize(), 0);
}

TEST(RedisServer, APasswordIsAskedForAndNotOnTheCommandLine) {
  auto server = RedisServer::start({.password = "s3cret \"\\ value"});
  ASSERT_TRUE(server) << server.problem;
  EXPECT_EQ(ping(server->endpoint()), "PONG");
  EXPECT_NE(ping({.port = server->port()}).find("NOAUTH"), std::string::npos);
  EXPECT_EQ(server->url(),
            "redis://:s3cret%20%22%5C%20value@127.0.0.1:" + std::to_string(server->port()) + "/0");
  std::ifstream words("/proc/" + std::to_string(server->pid()) + "/cmdline");
  const std::string line{std::istreambuf_iterator<char>(words), std::istreambuf_iterator<char>()};
  EXPECT_EQ(line.find("s3cret"), std::string::npos);
}

TEST(RedisServer, AWrongPasswordIsRefusedWithoutBeingShown) {
  auto server = RedisServer::start({.password = "right"});
  ASSERT_TRUE(server) << server.problem;
  const auto refused = Inspector::open({.port = server->port(), .password = "hunter2"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.problem.find("WRONGPASS"), std::string::npos) << refused.problem;
  EXPECT_EQ(refused.problem.find("hunter2"), std::string::npos);
}

TEST(RedisServer, AclUsersHaveTheirRulesAndTheDefaultUserCanBeOff) {
  const AclUser reader{.name = "reader", .password = "r:w", .rules = "~* +@read +@connection"};
  const AclUser open{.name = "open"};
  auto server = RedisServer::start({.users = {reader, open, {.name = "default", .rules = "off"}}});
  ASSERT_TRUE(server) << server.problem;
  EXPECT_EQ(server->url_as(reader, 1),
            "redis://reader:r%3Aw@127.0.0.1:" + std::to_string(server->port()) + "/1");
  auto as_reader = Inspector::open(server->endpoint_as(reader));
  ASSERT_TRUE(as_reader) << as_reader.problem;
  EXPECT_TRUE(as_reader->command({"GET", "a"}).is_nil());
  EXPECT_TRUE(as_reader->command({"SET", "a", "1"}).text.starts_with("NOPERM"));
  EXPECT_EQ(ping(server->endpoint_as(open)), "PONG");
  EXPECT_NE(ping(server->endpoint()), "PONG");
}

TEST(RedisServer, AReplicaFollowsItsMaster) {
  auto master = RedisServer::start({.password = "m"});
  ASSERT_TRUE(master) << master.problem;
  auto replica = RedisServer::start({.replica_of = master.value.get()});
  ASSERT_TRUE(replica) << replica.problem;
  auto writer = Inspector::open(master->endpoint());
  auto reader = Inspector::open(replica->endpoint());
  ASSERT_TRUE(writer && reader) << writer.problem << reader.problem;
  EXPECT_TRUE(writer->command({"SET", "a", "1"}).is_status("OK"));
  EXPECT_EQ(writer->command({"WAIT", "1", "2000"}).integer, 1);
  EXPECT_EQ(reader->raw("a"), "1");
  EXPECT_TRUE(reader->command({"SET", "a", "2"}).text.starts_with("READONLY"));
  EXPECT_EQ(writer->count_clients(), 0U) << "the link is no client";
}

TEST(RedisServer, KilledItIsGoneAndRestartedItIsEmptyAtTheSamePlace) {
  auto server = RedisServer::start();
  ASSERT_TRUE(server) << server.problem;
  const auto port = server->port();
  const auto url = server->unix_url();
  auto inspector = Inspector::open(server->endpoint());
  ASSERT_TRUE(inspector) << inspector.problem;
  inspector->command({"SET", "a", "1"});
  server->kill9();
  EXPECT_FALSE(server->running());
  EXPECT_EQ(server->pid(), -1);
  EXPECT_TRUE(inspector->command({"PING"}).is_error());
  const auto restarted = server->restart();
  ASSERT_TRUE(restarted) << restarted.problem;
  EXPECT_EQ(server->port(), port);
  EXPECT_EQ(server->unix_url(), url);
  EXPECT_EQ(inspector->dbsize(), 0) << "the inspector connects again by itself";
}

TEST(RedisServer, StoppedItDoesNotAnswerAndContinuedItDoes) {
  auto server = RedisServer::start();
  ASSERT_TRUE(server) << server.problem;
  auto inspector = Inspector::open(server->endpoint(), milliseconds(30));
  ASSERT_TRUE(inspector) << inspector.problem;
  ASSERT_TRUE(server->stop());
  EXPECT_EQ(format(inspector->command({"PING"})), "(no reply) the limit has passed");
  ASSERT_TRUE(server->cont());
  EXPECT_EQ(ping(server->endpoint()), "PONG");
}

TEST(RedisServer, ShutDownItEndsByItself) {
  auto server = RedisServer::start();
  ASSERT_TRUE(server) << server.problem;
  const auto outcome = server->shutdown(milliseconds(5000));
  EXPECT_TRUE(outcome) << outcome.problem;
  EXPECT_FALSE(server->running());
  EXPECT_EQ(server->shutdown().problem, "the process does not run");
}

TEST(RedisServer, AStoppedServerIsKilledAfterTheLimitOfShutdown) {
  auto server = RedisServer::start();
  ASSERT_TRUE(server) << server.problem;
  ASSERT_TRUE(server->stop());
  const auto outcome = server->shutdown(milliseconds(20));
  EXPECT_NE(outcome.problem.find("was killed"), std::string::npos) << outcome.problem;
  EXPECT_FALSE(server->running());
}

TEST(RedisServer, ATakenPortIsNamedWithTheServersOwnWords) {
  const Squatter squatter;
  ASSERT_NE(squatter.port(), 0);
  const auto server = RedisServer::start({.port = squatter.port()});
  ASSERT_FALSE(server);
  EXPECT_NE(server.problem.find("exited with status 1"), std::string::npos) << server.problem;
  EXPECT_NE(server.problem.find("Address already in use"), std::string::npos) << server.problem;
}

TEST(RedisServer, AMissingProgramIsNamed) {
  EXPECT_EQ(RedisServer::start({.binary = "/nonexistent/redis-server"}).problem,
            "the server program '/nonexistent/redis-server' is not there or cannot be executed");
}

TEST(RedisServer, TheProgramOfTheEnvironmentIsUsed) {
  const Environment program("DJCACHE_REDIS_SERVER", "no-such-server");
  EXPECT_EQ(RedisServer::start().problem,
            "the server program 'no-such-server' is not there or cannot be executed "
            "(from DJCACHE_REDIS_SERVER)");
}

TEST(RedisServer, WithoutAnyProgramTheProblemSaysWhatToInstall) {
  const Environment program("DJCACHE_REDIS_SERVER", nullptr);
  const Environment path("PATH", "/nonexistent");
  EXPECT_EQ(RedisServer::start().problem,
            "neither redis-server nor valkey-server is in PATH: install one, or set "
            "DJCACHE_REDIS_SERVER to its path");
}

TEST(RedisServer, ABadConfigurationIsShownWithoutItsPasswords) {
  const auto server =
      RedisServer::start({.users = {{.name = "ann", .password = "hunter2", .rules = "+nonsense"}}});
  ASSERT_FALSE(server);
  EXPECT_NE(server.problem.find("nonsense"), std::string::npos) << server.problem;
  EXPECT_EQ(server.problem.find("hunter2"), std::string::npos) << server.problem;
}

TEST(RedisServer, AProgramThatNeverAnswersIsEndedAtTheLimit) {
  const Script sleeper("exec sleep 100");
  const auto server =
      RedisServer::start({.binary = sleeper.path(), .start_limit = milliseconds(50)});
  ASSERT_FALSE(server);
  EXPECT_TRUE(server.problem.starts_with("the server did not answer within 50 ms"))
      << server.problem;
}

TEST(RedisServer, AProgramThatEndsIsNotWaitedFor) {
  const Script failing("echo no luck today; exit 7");
  const auto server = RedisServer::start({.binary = failing.path()});
  EXPECT_EQ(server.problem,
            "the server exited with status 7 before it answered; the end of its log:\n"
            "no luck today\n");
}

TEST(RedisServer, AFreePortThatSomebodyElseTookIsTriedAgain) {
  // On its first run, prints the output of a server that has lost the race for the port.
  const Script unlucky(
      "[ -e tried ] || { touch tried; echo 'bind: Address already in use'; exit 1; }\n"
      "exec '" +
      find_server_binary("").path + "' \"$@\"");
  const auto server = RedisServer::start({.binary = unlucky.path()});
  ASSERT_TRUE(server) << server.problem;
  EXPECT_EQ(ping(server->endpoint()), "PONG");
}

}  // namespace
}  // namespace djcache::harness
