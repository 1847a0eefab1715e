// UniqueFunction: where the callable is stored, and that it is destroyed exactly once.
#include <djcache/unique_function.h>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace djcache {
namespace {

// Counts its instances; `Size` decides whether it fits inside.
template <std::size_t Size, bool NothrowMove = true>
struct Counted {
  int* living;
  std::array<char, Size> ballast{};

  explicit Counted(int* counter) : living(counter) { ++*living; }
  Counted(Counted&& other) noexcept(NothrowMove) : living(other.living) { ++*living; }
  Counted(const Counted&) = delete;
  ~Counted() { --*living; }
  int operator()(int x) const { return x + 1; }
};

template <class Callable>
void expect_destroyed_once() {
  int living = 0;
  {
    UniqueFunction<int(int)> f = Callable(&living);
    EXPECT_EQ(living, 1);
    EXPECT_EQ(f(1), 2);
    UniqueFunction<int(int)> g = std::move(f);
    EXPECT_FALSE(f);
    EXPECT_TRUE(g);
    EXPECT_EQ(living, 1);
    EXPECT_EQ(g(2), 3);
    f = std::move(g);
    EXPECT_EQ(f(3), 4);
    f = Callable(&living);
    EXPECT_EQ(living, 1) << "the former one is destroyed";
    UniqueFunction<int(int)>& same = f;
    f = std::move(same);
    EXPECT_EQ(f(4), 5);
    f = nullptr;
    EXPECT_EQ(living, 0);
    EXPECT_FALSE(f);
    f = Callable(&living);
  }
  EXPECT_EQ(living, 0);
}

TEST(UniqueFunction, ASmallCallableIsDestroyedOnce) { expect_destroyed_once<Counted<8>>(); }
TEST(UniqueFunction, ALargeCallableIsDestroyedOnce) { expect_destroyed_once<Counted<200>>(); }
TEST(UniqueFunction, ACallableWhoseMoveMayThrowIsDestroyedOnce) {
  expect_destroyed_once<Counted<8, false>>();
}

TEST(UniqueFunction, ATrivialLambdaSurvivesMoves) {
  const std::array<std::int64_t, 5> numbers{1, 2, 3, 4, 5};
  UniqueFunction<std::int64_t()> f = [numbers, base = std::int64_t{10}] {
    return base + numbers[0] + numbers[4];
  };
  static_assert(sizeof(numbers) + sizeof(std::int64_t) == UniqueFunction<void()>::inline_size);
  UniqueFunction<std::int64_t()> g = std::move(f);
  EXPECT_EQ(g(), 16);
}

TEST(UniqueFunction, TakesWhatCanOnlyBeMoved) {
  UniqueFunction<std::unique_ptr<int>(std::unique_ptr<int>)> f =
      [kept = std::make_unique<int>(40)](std::unique_ptr<int> more) mutable {
        *kept += *more;
        return std::move(kept);
      };
  EXPECT_EQ(*f(std::make_unique<int>(2)), 42);
}

TEST(UniqueFunction, ArgumentsArePassedOnAsTheyAre) {
  std::string text = "a";
  UniqueFunction<void(std::string&)> by_reference = [](std::string& s) { s += "b"; };
  by_reference(text);
  EXPECT_EQ(text, "ab");
  UniqueFunction<std::size_t(const std::string&)> by_value = [](std::string s) { return s.size(); };
  EXPECT_EQ(by_value(text), 2u);
}

int twice(int x) { return 2 * x; }

TEST(UniqueFunction, TakesFunctionPointersAndANullOneIsEmpty) {
  UniqueFunction<int(int)> f = &twice;
  EXPECT_EQ(f(4), 8);
  int (*none)(int) = nullptr;
  EXPECT_FALSE(UniqueFunction<int(int)>(none));
  EXPECT_FALSE(UniqueFunction<int(int)>(nullptr));
  EXPECT_FALSE(UniqueFunction<int(int)>());
}

TEST(UniqueFunction, MadeFromAnEmptyCallableIsEmpty) {
  EXPECT_FALSE(UniqueFunction<int(int)>(std::function<int(int)>()));
  EXPECT_FALSE(UniqueFunction<int(int)>(UniqueFunction<int(short)>()));
  EXPECT_TRUE(UniqueFunction<int(int)>(std::function<int(int)>(twice)));
  EXPECT_TRUE(UniqueFunction<int(int)>([](int x) { return x; }));
}

TEST(UniqueFunctionDeathTest, InvokingAnEmptyOneEndsTheProgram) {
  UniqueFunction<void()> f;
  EXPECT_DEATH(f(), "");
}

static_assert(!std::is_copy_constructible_v<UniqueFunction<void()>>);
static_assert(std::is_nothrow_move_constructible_v<UniqueFunction<void()>>);
static_assert(!std::is_constructible_v<UniqueFunction<void()>, int>);

}  // namespace
}  // namespace djcache
