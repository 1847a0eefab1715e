// The code of engine/docs/values.md: building and reading values, including a program's own types.
// Needs no server: the cache is on memory.
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
using namespace std::chrono_literals;
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
  Value tags = Value::set({"bread", "wine"});                 // set: no duplicates
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

void times() {
  using namespace std::chrono;
  Value pause = 90min;                                         // timedelta
  Value opening = sys_days(January / 31 / 2026) + 8h + 30min;  // datetime in UTC
  Value now = time_point_cast<microseconds>(system_clock::now());

  EXPECT(pause.as<minutes>() == 90min);       // whole ticks only:
  EXPECT(pause.as<hours>() == std::nullopt);  // 90 minutes are not a whole number of hours
  EXPECT(opening.as<sys_seconds>() == sys_days(January / 31 / 2026) + 8h + 30min);
  EXPECT(now.as<sys_time<microseconds>>().has_value());
  EXPECT(to_string(Value(-1s)) == "datetime.timedelta(days=-1, seconds=86399)");
}

void read(const Value& shop) {
  // Exactly this kind, without a copy; views are valid as long as the value.
  if (const std::optional<std::string_view> name = shop.find("name")->as_string()) {
    std::printf("%.*s\n", static_cast<int>(name->size()), name->data());
  }
  // Converted and range-checked, as an independent copy.
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

Value djcache_value(const Shop& shop) {
  return Value::dict({{"name", shop.name}, {"tags", shop.tags}, {"rating", shop.rating}});
}

// Returns false if `value` does not have the form that djcache_value() writes.
bool djcache_read(const Value& value, Shop& shop) {
  const Value* name = value.find("name");
  const Value* tags = value.find("tags");
  const Value* rating = value.find("rating");
  if (name == nullptr || tags == nullptr || rating == nullptr) return false;
  auto its_name = name->as<std::string>();
  auto its_tags = tags->as<std::vector<std::string>>();
  auto its_rating = rating->as<std::optional<double>>();
  if (!its_name || !its_tags || !its_rating) return false;
  shop = {std::move(*its_name), std::move(*its_tags), *its_rating};
  return true;
}

void own_types(djcache::Cache cache, bool& same) {
  const Shop shop{"Chez Ana", {"bread", "wine"}, 4.5};
  cache.set("shop:7", shop, nullptr);
  cache.get<Shop>("shop:7", [shop, &same](djcache::Result<std::optional<Shop>> found) {
    same = found.ok() && *found == shop;
  });
}

}  // namespace

int main() {
  build();
  times();
  read(Value::dict({{"name", "Chez Ana"}, {"prices", std::vector<double>{1.5, 2.25}}}));
  EXPECT(!Value("a shop").as<Shop>() && !Value::dict({{"name", 7}}).as<Shop>());
  djcache::Engine engine(*uv_default_loop(), djcache::Settings{});
  bool same = false;
  own_types(engine.cache(), same);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  EXPECT(same);
  engine.disconnect({}, nullptr);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return uv_loop_close(uv_default_loop());
}
