// The least privileges in engine/docs/servers.md: enough for every verb, and no more.
#include <djcache/lock.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class LeastPrivileges : public RawTest, public testing::WithParamInterface<const char*> {
 protected:
  // The words of the page's line, "ACL" first.
  static std::vector<std::string> line_of_the_page() {
    std::ifstream page(DJCACHE_PAGES "/servers.md");
    for (std::string line; std::getline(page, line);) {
      if (line.find("    ACL SETUSER app ") != 0) continue;
      std::istringstream words(line);
      return {std::istream_iterator<std::string>(words), {}};
    }
    return {};
  }
  // "get", "client|setname"
  static std::vector<std::string> commands_in(const std::vector<std::string>& line) {
    std::vector<std::string> commands;
    for (const std::string& word : line) {
      if (word.front() == '+') commands.push_back(word.substr(1));
    }
    return commands;
  }

  void expect_allowed(const char* verb, const Error* error) {
    if (error == nullptr || error->code == Errc::key_not_found) return;
    ADD_FAILURE() << verb << ": " << to_string(*error);
  }
  void run_every_verb(Cache cached) {
    int ended = 0;
    const int started = call_every_verb(cached, [&](std::string_view verb, const Error* error) {
      ++ended;
      expect_allowed(std::string(verb).c_str(), error);
    });
    ASSERT_TRUE(run_until([&] { return ended == started; }));
  }
  // Forms that call_every_verb omits.
  void run_other_forms(Cache cached) {
    Verbs verbs = wait_for(cached);
    EXPECT_EQ(verbs.set("a", 1, {.ttl = forever}), worked);
    EXPECT_EQ(verbs.set("a", 1, {.ttl = 0s}), worked);
    EXPECT_TRUE(verbs.set_many({{"a", 1}, {"b", 2}}, {.ttl = forever}).ok());
    EXPECT_TRUE(verbs.add("c", 1, {.ttl = 0s}).ok());
    EXPECT_TRUE(verbs.incr_version("a").ok());
    EXPECT_TRUE(verbs.touch("b", {.ttl = forever}).ok());
    run_a_lock(cached.lock("lock", {.ttl = 30s}));
  }
  void run_a_lock(Lock lock) {
    const auto is_true = [&](auto&& verb) {
      Answer<bool> answer;
      verb(answer.callback());
      EXPECT_EQ(wait(answer), true);
    };
    is_true([&](auto done) { lock.acquire(std::move(done)); });
    is_true([&](auto done) { lock.owned(std::move(done)); });
    is_true([&](auto done) { lock.extend(10s, std::move(done)); });
    is_true([&](auto done) { lock.reacquire(std::move(done)); });
    is_true([&](auto done) { lock.release(std::move(done)); });
  }
  void run_a_subscriber(Cache cached) {
    Subscriber news = cached.client({}).subscribe({.channels = {"a"}, .patterns = {"b*"}});
    const auto confirmed = [&] { return run_until([&] { return news.subscribed(); }); };
    ASSERT_TRUE(confirmed());
    news.subscribe({"c"});
    news.unsubscribe({"a"});
    news.psubscribe({"d*"});
    news.punsubscribe({"b*"});
    EXPECT_TRUE(confirmed());
    EXPECT_FALSE(news.ended());
  }
};
INSTANTIATE_TEST_SUITE_P(On, LeastPrivileges, testing::Values("redis_server", "valkey_server"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(LeastPrivileges, OfThePageAreEnoughAndEachIsNeeded) {
  const std::string binary = server_binary(GetParam());
  if (binary.empty()) GTEST_SKIP() << GetParam() << " is not installed";
  harness::RedisServer& own = own_server({.binary = binary});
  const auto admin = inspect(own.endpoint());
  const auto line = line_of_the_page();
  ASSERT_FALSE(line.empty());
  ASSERT_EQ(admin->command(line).text, "OK");
  // The raw command of call_every_verb.
  ASSERT_EQ(admin->command({"ACL", "SETUSER", "app", "+time"}).text, "OK");
  ASSERT_EQ(admin->command({"CONFIG", "RESETSTAT"}).text, "OK");
  for (const char* client_name : {"djcache-test", ""}) {
    const std::string url = "redis://app:password@127.0.0.1:" + std::to_string(own.port()) + "/1";
    Cache cached = cache({.location = {url}, .options = {.client_name = client_name}});
    run_every_verb(cached);
    run_other_forms(cached);
    run_a_subscriber(cached);
  }
  for (const harness::Reply& refused : admin->command({"ACL", "LOG"}).elements) {
    ADD_FAILURE() << "refused: " << refused.elements.at(7).text;  // "object" is the fourth name
  }
  for (const std::string& command : commands_in(line)) {
    EXPECT_GT(admin->commandstats(command).value_or(0), 0) << command << " is not needed";
  }
}

}  // namespace
}  // namespace djcache
