// Commands larger than a socket takes at once: their parts are answered while the rest is still
// unsent.
#include <dirent.h>
#include <sys/socket.h>

#include <cstdlib>

#include "engine/raw_fixture.h"

namespace djcache {
namespace {

enum class Over { tcp, unix_socket, small_buffer };

struct Load {
  const char* name;
  std::size_t entries;
  std::size_t bytes;  // of each value
};

void PrintTo(const Load& load, std::ostream* out) { *out << load.name; }

// Makes the buffers of all sockets of this process small.
void shrink_send_buffers() {
  DIR* descriptors = opendir("/proc/self/fd");
  ASSERT_NE(descriptors, nullptr);
  while (const dirent* entry = readdir(descriptors)) {
    const int size = 4096;  // the system doubles it
    (void)setsockopt(std::atoi(entry->d_name), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  closedir(descriptors);
}

class LargeTransactions : public RawTest,
                          public testing::WithParamInterface<std::tuple<Over, Load>> {
 protected:
  static constexpr int neighbours = 20;

  // Connected, so that later operations find an open socket.
  Cache connected() {
    const Over over = std::get<0>(GetParam());
    Cache made = cache(
        {.location = {over == Over::unix_socket ? server().unix_url() : server().url()},
         .options = {
             .command_limit = 60s, .pending_max = 1'000'000, .pending_max_bytes = 256u << 20}});
    Verbs cached = wait_for(made);
    EXPECT_EQ(cached.set("n", 0), worked);
    if (over == Over::small_buffer) shrink_send_buffers();
    return made;
  }
  const Load& load() const { return std::get<1>(GetParam()); }
  std::string key(std::size_t i) const { return "key" + std::to_string(i); }
  std::string value() const { return std::string(load().bytes, 'v'); }
  Pipeline pipeline() const {
    Pipeline all;
    const std::string bytes = value();
    for (std::size_t i = 0; i < load().entries; ++i) all.add({"SET", ":1:" + key(i), bytes});
    return all;
  }
  // Issued behind the transaction, on the same connection: must not be affected.
  void count(Cache& cached) {
    for (auto& answer : counted_) cached.incr("n", answer.callback());
  }
  void expect_no_harm() {
    for (int i = 0; i < neighbours; ++i) EXPECT_EQ(wait(counted_[i]), i + 1);
    EXPECT_EQ(inspector().dbsize(), static_cast<std::int64_t>(load().entries) + 1);
    const PoolStatistics all = statistics();
    EXPECT_EQ(all.connects, 1u) << "it connected again";
    EXPECT_EQ(all.protocol_errors, 0u);
    EXPECT_EQ(all.retries, 0u);
    EXPECT_EQ(all.timeouts, 0u);
  }

  Answer<std::int64_t> counted_[neighbours];
};

TEST_P(LargeTransactions, SetManyWithALifeArrivesWholeAndDisturbsNobody) {
  Cache cached = connected();
  Entries entries;
  for (std::size_t i = 0; i < load().entries; ++i) entries.emplace_back(key(i), Value(value()));
  Answer<std::vector<std::string>> stored;
  cached.set_many(entries, {}, stored.callback());
  count(cached);
  EXPECT_EQ(wait(stored), std::vector<std::string>{});
  expect_no_harm();
}

TEST_P(LargeTransactions, ATransactionOfTheRawClientDoesSo) {
  Cache cached = connected();
  Client client = cached.client({.write = true});
  Answer<std::vector<Reply>> executed;
  client.transaction(pipeline(), {.limit = 60s}, executed.callback());
  count(cached);
  const auto replies = wait(executed);
  ASSERT_TRUE(replies.ok()) << to_string(replies.error());
  EXPECT_EQ(replies->size(), load().entries);
  expect_no_harm();
}

TEST_P(LargeTransactions, APipelineDoesSo) {
  Cache cached = connected();
  Client client = cached.client({.write = true});
  Answer<std::vector<Reply>> executed;
  client.run(pipeline(), {.limit = 60s}, executed.callback());
  count(cached);
  const auto replies = wait(executed);
  ASSERT_TRUE(replies.ok()) << to_string(replies.error());
  EXPECT_EQ(replies->size(), load().entries);
  expect_no_harm();
}

TEST_P(LargeTransactions, ATransactionOnALeaseKeepsTheLease) {
  Cache cached = connected();
  Client client = cached.client({.write = true});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr) << to_string(problem);
  if (std::get<0>(GetParam()) == Over::small_buffer) shrink_send_buffers();
  Answer<std::optional<std::vector<Reply>>> executed;
  mine->transaction(pipeline(), {.limit = 60s}, executed.callback());
  const auto replies = wait(executed);
  ASSERT_TRUE(replies.ok()) << to_string(replies.error());
  ASSERT_TRUE(replies->has_value());
  EXPECT_EQ((*replies)->size(), load().entries);
  EXPECT_TRUE(mine->usable());
  EXPECT_EQ(statistics().protocol_errors, 0u);
}

constexpr Load loads[] = {{"3_of_1_MB", 3, 1'000'000},
                          {"4000_of_100_B", 4000, 100},
                          {"100000_of_20_B", 100'000, 20},
                          {"20_of_20_kB", 20, 20'000}};

INSTANTIATE_TEST_SUITE_P(Over, LargeTransactions,
                         testing::Combine(testing::Values(Over::tcp, Over::unix_socket,
                                                          Over::small_buffer),
                                          testing::ValuesIn(loads)),
                         [](const auto& test) {
                           const Over over = std::get<0>(test.param);
                           return std::string(over == Over::tcp           ? "tcp_"
                                              : over == Over::unix_socket ? "unix_"
                                                                          : "small_buffer_") +
                                  std::get<1>(test.param).name;
                         });

}  // namespace
}  // namespace djcache
