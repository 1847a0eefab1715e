// What TLS adds to an operation is memory that it has already.
#include "allocations_fixture.h"
#include "engine/tls_fixture.h"
#include "tls/openssl_memory_fixture.h"

namespace djcache {
namespace {

using TlsAllocation = TlsTest;

// Without std::function in the loop, which would be the test's own.
class Rounds {
 public:
  Rounds(Cache cache, std::size_t bytes, int burst)
      : cache_(std::move(cache)), value_(Value::bytes(std::string(bytes, 'v'))), burst_(burst) {}
  void run(uv_loop_t& loop, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      for (int j = 0; j < burst_; ++j) {
        open_ += 2;
        cache_.set("k", value_, {}, [this](Result<void> result) { end(result.ok()); });
        cache_.get("k", {}, [this](Result<std::optional<Value>> result) { end(result.ok()); });
      }
      while (open_ > 0) uv_run(&loop, UV_RUN_ONCE);
    }
  }
  int failed() const { return failed_; }

 private:
  void end(bool well) {
    --open_;
    failed_ += well ? 0 : 1;
  }
  Cache cache_;
  Value value_;
  int burst_;
  int open_ = 0, failed_ = 0;
};

TEST_F(TlsAllocation, AnOperationOverItAllocatesNothing) {
  ASSERT_NE(allocations_counted, 0);
  ASSERT_TRUE(tls::openssl_memory_is_uncounted);
  harness::RedisServer& server = tls_server(authority_->issue());
  CacheSettings settings = this->settings(server.tls_url(), trusting());
  settings.options.serializer = Serializer::raw;
  Cache cache = this->cache(settings);
  const std::size_t before = allocations;
  for (const int burst : {1, 100}) {
    SCOPED_TRACE(burst);
    Rounds rounds(cache, 30, burst);
    rounds.run(runner_.loop(), 200);
    const std::size_t warm = allocations;
    rounds.run(runner_.loop(), 100);
    // Every three seconds buffers that were too large are made anew; that is none for an operation.
    EXPECT_LE(allocations - warm, 3u);
    EXPECT_EQ(rounds.failed(), 0);
  }
  // A large value is the result's own, and nothing else.
  Rounds large(cache, 300'000, 1);
  large.run(runner_.loop(), 50);
  const std::size_t warm = allocations;
  large.run(runner_.loop(), 20);
  EXPECT_LE(allocations - warm, 20u);
  EXPECT_GT(allocations, before) << "nothing was counted";
}

}  // namespace
}  // namespace djcache
