#include "client/lease_core.h"

namespace djcache::detail {

using client::Conduct;

void LeaseCore::take(Call* call, std::uint32_t limit_ms) {
  std::string ping;
  client::append(ping, {"PING"});
  if (!client::admit(*alias_->calls, *pool_, ping.size(), call)) return;
  connection_ = pool_->lease(*this);
  if (connection_ == nullptr) {
    return alias_->calls->defer(
        call, {Errc::overloaded, pool_->config().connection.endpoint + ": " +
                                     std::to_string(pool_->leases()) +
                                     " connections are leased, the most that leases_max allows; "
                                     "was one not given back?"});
  }
  client::send(*pool_, *connection_, {.bytes = ping, .limit_ms = limit_ms}, call);
}

void LeaseCore::give_back() {
  if (std::exchange(returned_, true)) return;
  link::Connection* const connection = std::exchange(connection_, nullptr);
  if (connection == nullptr || !cache::usable(*alias_)) return;
  const bool clean = !retired_ && !changed_ && !watching_ && !in_multi_ && !connection->lost();
  pool_->give_back(*connection, clean);
}

void LeaseCore::abandon() {
  abandoned_ = true;
  if (connection_ != nullptr) pool_->give_back(*std::exchange(connection_, nullptr), false);
}

std::optional<Error> LeaseCore::refusal() const {
  if (returned_) return Error{Errc::invalid_argument, "this lease was given back"};
  if (!cache::usable(*alias_)) return Error{Errc::closed, "the engine of this lease is gone"};
  const std::string& endpoint = pool_->config().connection.endpoint;
  if (abandoned_) {
    return Error{Errc::connection_lost,
                 endpoint +
                     ": the leased connection was closed, because a command that blocks was "
                     "given up on it; lease another"};
  }
  if (retired_ || connection_ == nullptr) {
    return Error{Errc::disconnected, endpoint + ": the leased connection was disconnected"};
  }
  if (connection_->lost()) {
    return Error{
        Errc::connection_lost,
        endpoint + ": the leased connection was lost, and its state with it; lease another"};
  }
  return std::nullopt;
}

void LeaseCore::note(Conduct conduct) {
  switch (conduct) {
    case Conduct::authenticates:
    case Conduct::changes:
      changed_ = true;
      break;
    case Conduct::watches:
      watching_ = true;
      break;
    case Conduct::unwatches:
      watching_ = watching_ && in_multi_;  // inside of MULTI it has no effect yet
      break;
    case Conduct::begins_multi:
      in_multi_ = true;
      break;
    case Conduct::ends_multi:
      in_multi_ = watching_ = false;
      break;
    default:
      break;
  }
}

}  // namespace djcache::detail
