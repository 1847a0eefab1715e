// What engine/docs/values.md shows: building values and reading them, a program's own types among
// them. Needs no server: the cache is on memory.
#include <djcache/djcache.h>
#include <uv.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using djcache::Value;
using namespace std::string_view_literals;

#define EXPECT(condition)                                               \
  do {                                                                  \
    if (!(condition)) {                                                 \
      std::printf("line %d does not hold: %s\n", __LINE__, #condition); \
      std::exit(1);                                                     \
    }                                                                   \
  } while (false)

void build() {
  Value nothing;                                              // None
  Value open = true;                                          // bool
  Value visits = 42;                                          // int
  Value price = 19.9;                                         // float
  Value name = "Ana";                                         // str: UTF-8
  Value photo = Value::bytes("\x89PNG"sv);                    // bytes
  Value prices = std::vector<double>{1.5, 2.25};              // list
  Value stock = std::map<std::string, int>{{"bread", 3}};     // dict
  Value rating = std::optional<double>();                     // None
  Value pair = Value::tuple({1, "one"});                      // tuple
  Value tags = Value::set({"bread", "wine"});                 // set: no value twice
  Value exact = *Value::decimal("19.90");                     // decimal.Decimal
  Value large = *Value::integer("123456789012345678901234");  // int of any size

  Value shop = Value::dict({{"name", "Chez Ana"}, {"tags", tags}, {"prices", prices}});
  shop.put("open", true);
  EXPECT(to_string(shop) ==
         "{'name': 'Chez Ana', 'tags': {'bread', 'wine'}, 'prices': [1.5, 2.25], 'open': True}");
  EXPECT(nothing.is_nil() && rating.is_nil() && *open.as_bool() && *visits.as_int() == 42);
  EXPECT(*price.as_double() == 19.9 && *name.as_string() == "Ana" && photo.as_bytes()->size() == 4);
  EXPECT(*stock.find("bread")->as_int() == 3 && pair.is(djcache::Kind::tuple));
  EXPECT(exact.text() == "19.90" && large.is(djcache::Kind::big_integer));
}

djcache::TimeDelta to_timedelta(std::chrono::microseconds time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time - days);
  return {.days = static_cast<std::int32_t>(days.count()),
          .seconds = static_cast<std::int32_t>(seconds.count()),
          .microseconds = static_cast<std::int32_t>((time - days - seconds).count())};
}

djcache::DateTime to_datetime(std::chrono::sys_time<std::chrono::microseconds> at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return {.date = {.year = static_cast<int>(date.year()),
                   .month = static_cast<std::uint8_t>(static_cast<unsigned>(date.month())),
                   .day = static_cast<std::uint8_t>(static_cast<unsigned>(date.day()))},
          .time = {.hour = static_cast<std::uint8_t>(time.hours().count()),
                   .minute = static_cast<std::uint8_t>(time.minutes().count()),
                   .second = static_cast<std::uint8_t>(time.seconds().count()),
                   .microsecond = static_cast<std::uint32_t>(time.subseconds().count()),
                   .zone = {.offset_us = 0}}};  // datetime.timezone.utc
}

void times() {
  using namespace std::chrono_literals;
  EXPECT(to_string(Value(to_timedelta(-1s))) == "datetime.timedelta(days=-1, seconds=86399)");
  const auto at = std::chrono::sys_days(std::chrono::January / 31 / 2026) + 13h + 5min + 250us;
  const djcache::DateTime datetime = to_datetime(at);
  EXPECT(datetime.date == (djcache::Date{2026, 1, 31}) && datetime.time.hour == 13);
  EXPECT(datetime.time.microsecond == 250 && datetime.time.zone.offset_us == 0);
}

void read(const Value& shop) {
  // Exactly this kind, without a copy; views are valid as long as the value.
  if (const std::optional<std::string_view> name = shop.find("name")->as_string()) {
    std::printf("%.*s\n", static_cast<int>(name->size()), name->data());
  }
  // Converted and range-checked, as a copy of one's own.
  const std::optional<std::vector<double>> prices = shop.find("prices")->as<std::vector<double>>();
  if (prices) std::printf("%zu prices\n", prices->size());
  // A dict, item by item.
  for (const auto& [key, value] : *shop.as_dict()) {
    std::printf("%s is a %s\n", to_string(key).c_str(),
                std::string(to_string(value.kind())).c_str());
  }
}

struct Shop {
  std::string name;
  std::vector<std::string> tags;
  std::optional<double> rating;
  friend bool operator==(const Shop&, const Shop&) = default;
};

Value to_value(const Shop& shop) {
  return Value::dict({{"name", shop.name}, {"tags", shop.tags}, {"rating", shop.rating}});
}

// nullopt: it is not what to_value() writes.
std::optional<Shop> to_shop(const Value& value) {
  const Value* name = value.find("name");
  const Value* tags = value.find("tags");
  const Value* rating = value.find("rating");
  if (name == nullptr || tags == nullptr || rating == nullptr) return std::nullopt;
  auto its_name = name->as<std::string>();
  auto its_tags = tags->as<std::vector<std::string>>();
  auto its_rating = rating->as<std::optional<double>>();
  if (!its_name || !its_tags || !its_rating) return std::nullopt;
  return Shop{std::move(*its_name), std::move(*its_tags), *its_rating};
}

void own_types(djcache::Cache cache, bool& same) {
  const Shop shop{"Chez Ana", {"bread", "wine"}, 4.5};
  cache.set("shop:7", to_value(shop), nullptr);
  cache.get("shop:7", [shop, &same](djcache::Result<std::optional<Value>> found) {
    const std::optional<Shop> read =
        found.ok() && found->has_value() ? to_shop(**found) : std::nullopt;
    same = read == shop;
  });
}

}  // namespace

int main() {
  build();
  times();
  read(Value::dict({{"name", "Chez Ana"}, {"prices", std::vector<double>{1.5, 2.25}}}));
  EXPECT(!to_shop(Value("a shop")) && !to_shop(Value::dict({{"name", 7}})));
  djcache::Engine engine(*uv_default_loop(), djcache::Settings{});
  bool same = false;
  own_types(engine.cache(), same);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  EXPECT(same);
  engine.disconnect({}, nullptr);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return uv_loop_close(uv_default_loop());
}
