#include "cache/get_or_set_steps.h"

namespace djcache::cache {

namespace {

// Part of a pending operation; a replica may not have the entry yet.
CallOptions options_of_storing(const Order& order) {
  CallOptions options = order.options;
  options.continuation = true;
  options.primary = true;
  return options;
}

void warn_again(Alias& alias, const Order& order, int times) {
  if (!warns_of(alias, order.made)) return;
  for (; times > 0; --times) warn(alias, order.made);
}

}  // namespace

void add_and_look(Alias& alias, StoringCall& self, const Order& order) {
  const CallOptions options = options_of_storing(order);
  warn_again(alias, order, 2);  // Django warns in its get, its add and its second get
  codec::Encoded encoded;
  if (!encode(alias, self.product, order.made, encoded, &self)) return;
  const auto statistics = &alias.statistics;
  const std::uint64_t entries = entries_stored(order.expiry);
  take_step<bool>(
      alias, self, ToFlag{},
      [statistics, entries](StoringCall& it, auto added) {
        if (!added.ok()) {
          it.add_error = std::make_unique<Error>(std::move(added).error());
        } else if (*added) {
          statistics->sets += entries;
        }
      },
      [&](Call* step) {
        alias.backend->ask({.verb = Verb::add,
                            .key = order.full(),
                            .options = options,
                            .expiry = order.expiry,
                            .value = encoded},
                           step);
      });
  look(alias, self, order, options, [](StoringCall& it, Result<std::optional<Value>> found) {
    if (it.add_error) return it.stored(*it.add_error);
    if (!found.ok()) return it.stored(std::move(found).error());
    it.stored(found->has_value() ? std::move(**found) : std::move(it.product));
  });
}

void replace(Alias& alias, StoringCall& self, const Order& order) {
  warn_again(alias, order, 1);
  codec::Encoded encoded;
  if (!encode(alias, self.product, order.made, encoded, &self)) return;
  const auto statistics = &alias.statistics;
  const std::uint64_t entries = entries_stored(order.expiry);
  take_step<void>(
      alias, self, ToNothing{},
      [statistics, entries](StoringCall& it, auto set) {
        if (!set.ok()) return it.stored(std::move(set).error());
        statistics->sets += entries;
        it.stored(std::move(it.product));
      },
      [&](Call* step) {
        alias.backend->ask({.verb = Verb::set,
                            .key = order.full(),
                            .options = options_of_storing(order),
                            .expiry = order.expiry,
                            .value = encoded},
                           step);
      });
}

}  // namespace djcache::cache
