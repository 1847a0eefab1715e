#include "src/backup/guard.h"

#include <filesystem>
#include <fstream>

#include "src/backup/kept_keys.h"

namespace djcache::conformance {
namespace {

namespace fs = std::filesystem;

class GuardedDatabase : public testing::Test {
 protected:
  static constexpr int db = 2;

  GuardedDatabase() {
    char name[] = "/tmp/djcache-guard-test-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~GuardedDatabase() override { fs::remove_all(folder_); }

  void start(harness::RedisServerOptions options = {}) {
    auto started = harness::RedisServer::start(std::move(options));
    ASSERT_TRUE(started) << started.problem;
    server_ = std::move(started.value);
    ASSERT_NO_FATAL_FAILURE(store_keys(*server_, db, many_keys));
    ASSERT_NO_FATAL_FAILURE(store_keys(*server_, 0, few_keys));
  }
  harness::Opened<Guard> save() {
    return Guard::save(server_->endpoint(db), folder_, [] { return false; });
  }
  std::vector<std::string> files() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path());
    return found;
  }

  std::string folder_;
  std::unique_ptr<harness::RedisServer> server_;
};

TEST_F(GuardedDatabase, IsPutBackKeyByKeyAndItsFileRemoved) {
  start();
  const KeptKeys guarded(*server_, db), other(*server_, 0);
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  EXPECT_EQ(files().size(), 1u);
  look_at(*server_, db)->command({"FLUSHDB"});
  look_at(*server_, db)->command({"SET", "left by a case", "v"});
  EXPECT_TRUE(guard->put_back());
  guarded.expect_kept(*server_);
  other.expect_kept(*server_);
  EXPECT_TRUE(files().empty());
}

TEST_F(GuardedDatabase, IsPutBackByTheDestructorToo) {
  start();
  const KeptKeys guarded(*server_, db);
  {
    const auto guard = save();
    ASSERT_TRUE(guard) << guard.problem;
    look_at(*server_, db)->command({"FLUSHDB"});
  }
  guarded.expect_kept(*server_);
}

TEST_F(GuardedDatabase, LeavesOutWhatHasExpiredMeanwhile) {
  start();
  look_at(*server_, db)->command({"SET", "of a moment", "v", "PX", "60"});
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  auto inspector = look_at(*server_, db);
  while (inspector->raw("of a moment")) {
  }
  const KeptKeys others(*server_, db);
  inspector->command({"FLUSHDB"});
  EXPECT_TRUE(guard->put_back());
  others.expect_kept(*server_);
}

TEST_F(GuardedDatabase, KeepsItsFileWhileTheServerIsGone) {
  start();
  const KeptKeys guarded(*server_, db);
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  server_->kill9();
  EXPECT_FALSE(guard->put_back());
  ASSERT_EQ(files().size(), 1u);

  ASSERT_TRUE(server_->restart());
  const std::string file = files().front();
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(restore_from(file, nullptr), 0);
    guarded.expect_kept(*server_);
    EXPECT_TRUE(fs::exists(file));
  }
}

TEST_F(GuardedDatabase, IsNotTouchedByADamagedFile) {
  start();
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  const std::string file = files().front(), damaged = folder_ + "/damaged";
  fs::copy_file(file, damaged);
  fs::resize_file(damaged, fs::file_size(damaged) - 9);
  look_at(*server_, db)->command({"SET", "written since", "v"});
  const KeptKeys now(*server_, db);
  EXPECT_EQ(restore_from(damaged, nullptr), 2);
  now.expect_kept(*server_);
  EXPECT_TRUE(fs::exists(damaged));
}

TEST_F(GuardedDatabase, KeepsInAFileWhatARestoreReplaces) {
  start();
  const KeptKeys guarded(*server_, db);
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  const std::string file = files().front();
  auto inspector = look_at(*server_, db);
  inspector->command({"FLUSHDB"});
  inspector->command({"SET", "written since", "v"});
  EXPECT_EQ(restore_from(file, nullptr), 0);
  guarded.expect_kept(*server_);
  for (const std::string& other : files()) {
    if (other == file) continue;
    EXPECT_EQ(restore_from(other, nullptr), 0);
    EXPECT_EQ(inspector->raw("written since"), "v");
    EXPECT_EQ(inspector->dbsize(), 1);
    return;
  }
  FAIL() << "what was there is nowhere";
}

TEST_F(GuardedDatabase, IsNotEmptiedWhereRestoreIsRefused) {
  start({.users = {{.name = "reader", .password = "p", .rules = "~* +@all -restore"}}});
  harness::Endpoint endpoint = server_->endpoint(db);
  endpoint.username = "reader";
  endpoint.password = "p";
  const auto guard = Guard::save(endpoint, folder_, [] { return false; });
  EXPECT_FALSE(guard);
  EXPECT_NE(guard.problem.find("RESTORE"), std::string::npos) << guard.problem;
  EXPECT_TRUE(files().empty());
}

TEST_F(GuardedDatabase, IsNotEmptiedWhereItsFileCannotBeWritten) {
  start();
  const auto guard = Guard::save(server_->endpoint(db), folder_ + "/none", [] { return false; });
  EXPECT_FALSE(guard);
}

TEST_F(GuardedDatabase, IsSavedNoFurtherOnceItIsInterrupted) {
  start();
  int keys = 0;
  const auto guard = Guard::save(server_->endpoint(db), folder_, [&] { return ++keys > 3; });
  EXPECT_FALSE(guard);
  EXPECT_TRUE(files().empty());
}

TEST_F(GuardedDatabase, WithCredentialsIsRestoredWithItsLocationOnly) {
  start({.password = "secret"});
  const KeptKeys guarded(*server_, db);
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  const std::string file = files().front();
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  look_at(*server_, db)->command({"FLUSHDB"});
  EXPECT_EQ(restore_from(file, nullptr), 2);
  const harness::Endpoint endpoint = server_->endpoint(db);
  EXPECT_EQ(restore_from(file, &endpoint), 0);
  guarded.expect_kept(*server_);
}

TEST_F(GuardedDatabase, TellsWhenAServerTookKeysAndLostThem) {
  start();
  auto guard = save();
  ASSERT_TRUE(guard) << guard.problem;
  // The server evicts what it has just stored.
  auto inspector = look_at(*server_, 0);
  inspector->command({"FLUSHALL"});
  inspector->command({"CONFIG", "SET", "maxmemory-policy", "allkeys-random"});
  inspector->command({"CONFIG", "SET", "maxmemory", "2mb"});
  EXPECT_FALSE(guard->put_back());
  EXPECT_EQ(files().size(), 1u);
}

}  // namespace
}  // namespace djcache::conformance
