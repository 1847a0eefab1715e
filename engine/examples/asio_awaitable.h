// djcache in boost::asio::awaitable, which accepts what Asio makes and no other operation:
//
//   auto found = co_await use_asio<djcache::Result<std::optional<djcache::Value>>>(
//       [&](auto done) { cache.get("greeting", std::move(done)); });
//
// T is what the callback takes. The coroutine resumes where the callback runs. When the callback is
// destroyed uncalled, because the engine is gone, the coroutine is destroyed, too.
#pragma once

#include <utility>  // before Boost 1.74's awaitable.hpp, which forgets it

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

template <class T, class Begin>
boost::asio::awaitable<T> use_asio(Begin begin) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      [begin = std::move(begin)](auto handler) mutable {
        begin([handler = std::move(handler)](T result) mutable {
          std::move(handler)(std::move(result));
        });
      },
      boost::asio::use_awaitable);
}
