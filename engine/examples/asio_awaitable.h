// Awaits djcache in a boost::asio::awaitable, which otherwise accepts Asio's own operations only:
//
//   auto found = co_await use_asio<djcache::Result<std::optional<djcache::Value>>>(
//       [&](auto done) { cache.get("greeting", std::move(done)); });
//
// T is the type that the callback takes. The coroutine resumes inside the callback. If the callback
// is destroyed without being called, because the engine is gone, the coroutine is destroyed, too.
#pragma once

#include <utility>  // must precede Boost 1.74's awaitable.hpp, which does not include it

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
