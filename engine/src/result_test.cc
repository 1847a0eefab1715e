// Result: a value or an error, and never the wrong one.
#include <djcache/result.h>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace djcache {
namespace {

TEST(Result, HoldsAValue) {
  Result<std::string> result(std::string("abc"));
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(result);
  EXPECT_EQ(result.value(), "abc");
  EXPECT_EQ(*std::as_const(result), "abc");
  EXPECT_EQ(std::as_const(result).value(), "abc");
  EXPECT_EQ(result->size(), 3u);
  *result += "d";
  EXPECT_EQ(std::move(result).value_or("else"), "abcd");
}

TEST(Result, HoldsAnError) {
  Result<int> result(Errc::timeout, "late");
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{Errc::timeout, "late"}));
  EXPECT_EQ(std::move(result).value_or(7), 7);
  const Error taken = Result<int>(Error{Errc::cancelled, "x"}).error();
  EXPECT_EQ(taken.code, Errc::cancelled);
}

TEST(Result, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, IsTransformedUnlessItIsAnError) {
  const Result<int> four(4), late(Errc::timeout, "late");
  const auto twice = [](int number) { return 2 * number; };
  EXPECT_EQ(four.transform(twice), 8);
  EXPECT_EQ(late.transform(twice).error().detail, "late");
  int seen = 0;
  EXPECT_TRUE(four.transform([&](int number) { seen = number; }).ok());
  EXPECT_EQ(seen, 4);
  EXPECT_EQ(late.transform([&](int) { ++seen; }).error().code, Errc::timeout);
  EXPECT_EQ(seen, 4);
  const auto text = [](int number) { return Result<std::string>(std::to_string(number)); };
  EXPECT_EQ(four.and_then(text), std::string("4"));
  EXPECT_EQ(late.and_then(text).error().detail, "late");
  EXPECT_EQ(Result<int>(late).or_else([](const Error&) { return Result<int>(9); }), 9);
  EXPECT_EQ(Result<int>(four).or_else([](const Error&) { return Result<int>(9); }), 4);
  EXPECT_EQ(four.value_or(1), 4);
  EXPECT_EQ(late.value_or(1), 1);
  auto moved = Result<std::unique_ptr<int>>(std::make_unique<int>(3))
                   .transform([](std::unique_ptr<int> number) { return *number; });
  EXPECT_EQ(moved, 3);
}

TEST(Result, IsEqualToOneWithTheSame) {
  const Result<int> four(4), late(Errc::timeout, "late");
  EXPECT_TRUE(four == Result<int>(4));
  EXPECT_FALSE(four == Result<int>(5));
  EXPECT_FALSE(four == late);
  EXPECT_TRUE(late == Result<int>(Errc::timeout, "late"));
  EXPECT_TRUE(Result<void>() == Result<void>());
  EXPECT_FALSE(Result<void>() == Result<void>(Errc::timeout, "late"));
}

TEST(Result, CodesAreErrorCodesToo) {
  const std::error_code code = Errc::timeout;
  EXPECT_TRUE(code);
  EXPECT_TRUE(code == Errc::timeout);
  EXPECT_FALSE(code == Errc::cancelled);
  EXPECT_STREQ(code.category().name(), "djcache");
  EXPECT_EQ(code.message(), "timeout");
  const std::error_code first = Errc::invalid_settings;
  EXPECT_TRUE(first) << "0 would be success";
}

TEST(Result, AMissIsAValue) {
  const Result<std::optional<int>> result{std::optional<int>()};
  EXPECT_TRUE(result.ok());
  EXPECT_FALSE(result.value().has_value());
}

TEST(Result, OfAnErrorTypeOfItsOwnIsAValue) {
  const Result<Errc> result(Errc::timeout);
  EXPECT_TRUE(result.ok());
}

TEST(Result, OfVoidIsFineOrAnError) {
  Result<void> fine;
  EXPECT_TRUE(fine.ok());
  EXPECT_TRUE(fine);
  fine.value();
  Result<void> failed(Errc::unavailable, "wait");
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().detail, "wait");
  EXPECT_EQ(std::move(failed).error().code, Errc::unavailable);
  EXPECT_FALSE(Result<void>(Error{Errc::unavailable, ""}).ok());
}

TEST(ResultDeathTest, AskingForTheWrongOneEndsTheProgram) {
  Result<int> failed(Errc::timeout, "no reply"), fine(1);
  EXPECT_DEATH((void)failed.value(), "djcache: value\\(\\) of .* an error: timeout: no reply");
  EXPECT_DEATH((void)*std::as_const(failed), "timeout: no reply");
  EXPECT_DEATH((void)fine.error(), "djcache: error\\(\\) of a Result that has a value");
  EXPECT_DEATH((void)std::move(fine).error(), "");
  Result<void> failed_void(Errc::timeout, ""), fine_void;
  EXPECT_DEATH(failed_void.value(), "");
  EXPECT_DEATH((void)fine_void.error(), "");
  EXPECT_DEATH((void)std::move(fine_void).error(), "");
}

}  // namespace
}  // namespace djcache
