#include <djcache/harness/handle_census.h>

#include <gtest/gtest.h>

#include <djcache/harness/loop_runner.h>

namespace djcache::harness {
namespace {

uv_handle_t* handle(uv_timer_t& timer) { return reinterpret_cast<uv_handle_t*>(&timer); }

TEST(HandleCensus, AHandleIsDescribedByTypeAndState) {
  LoopRunner runner;
  EXPECT_EQ(format(census(runner.loop())), "no handles");
  uv_timer_t timer;
  uv_timer_init(&runner.loop(), &timer);
  EXPECT_EQ(format(census(runner.loop())), "timer ref");
  uv_timer_start(
      &timer, [](uv_timer_t*) {}, 100000, 0);
  EXPECT_EQ(format(census(runner.loop())), "timer active ref");
  uv_unref(handle(timer));
  EXPECT_EQ(format(census(runner.loop())), "timer active");
  mark_as_harness(handle(timer));
  EXPECT_EQ(format(census(runner.loop())), "timer active (of the harness)");
  uv_close(handle(timer), nullptr);
  ASSERT_EQ(census(runner.loop()).size(), 1U);
  EXPECT_TRUE(census(runner.loop()).front().closing);
  runner.run_for_turns(1);
  EXPECT_TRUE(census(runner.loop()).empty());
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(HandleCensus, AStreamShowsItsDescriptor) {
  LoopRunner runner;
  uv_tcp_t tcp;
  uv_tcp_init_ex(&runner.loop(), &tcp, AF_INET);
  const auto handles = census(runner.loop());
  ASSERT_EQ(handles.size(), 1U);
  EXPECT_GE(handles.front().fd, 0);
  EXPECT_EQ(format(handles), "tcp fd=" + std::to_string(handles.front().fd) + " ref");
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp), nullptr);
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(HandleCensus, TwoTakingsAreCompared) {
  LoopRunner runner;
  uv_timer_t stays, goes, comes;
  uv_timer_init(&runner.loop(), &stays);
  uv_timer_init(&runner.loop(), &goes);
  const auto before = census(runner.loop());
  uv_close(handle(goes), nullptr);
  runner.run_for_turns(1);
  uv_timer_init(&runner.loop(), &comes);
  const auto changed = diff(before, census(runner.loop()));
  ASSERT_EQ(changed.added.size(), 1U);
  EXPECT_EQ(changed.added.front().handle, &comes);
  ASSERT_EQ(changed.gone.size(), 1U);
  EXPECT_EQ(changed.gone.front().handle, &goes);
  uv_close(handle(stays), nullptr);
  uv_close(handle(comes), nullptr);
  EXPECT_TRUE(runner.teardown().ok);
}

}  // namespace
}  // namespace djcache::harness
