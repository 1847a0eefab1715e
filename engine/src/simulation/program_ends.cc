// The results that the program receives.
#include "simulation/program_closure.h"

namespace djcache::simulation {

template <class T>
void Program::ended(std::uint32_t place, Result<T>& result) {
  note_end(place, result.ok() ? nullptr : &result.error());
  Operation& operation = operations_[place];
  // Results over a lease have been judged reply by reply.
  const bool judged = operation.kind == Operation::Kind::leased;
  if (result.ok() && !world_.failed() && !judged) accept(place, result);
  if (recovery_ && operation.limit_ms == 500 && engine_ != nullptr && recovering_ > 0) {
    // The operations of the recovery are the last ones.
    if (!result.ok()) {
      return world_.schedule(world_.now + 200'000, Event::Kind::step, 1u + operation.alias);
    }
    --recovering_;
    return;
  }
  react(operation.then);
}

template void Program::ended(std::uint32_t, Result<void>&);
template void Program::ended(std::uint32_t, Result<bool>&);
template void Program::ended(std::uint32_t, Result<std::int64_t>&);
template void Program::ended(std::uint32_t, Result<Value>&);
template void Program::ended(std::uint32_t, Result<std::optional<Value>>&);
template void Program::ended(std::uint32_t, Result<Found>&);
template void Program::ended(std::uint32_t, Result<std::vector<std::string>>&);

void Program::note_end(std::uint32_t place, const Error* error) {
  Operation& operation = operations_[place];
  if (world_.traced()) {
    world_.tell("end of " + std::to_string(place) + ": " +
                (error != nullptr ? djcache::to_string(*error) : "ok"));
  }
  if (operation.orphaned) return complain(place, "is told something after its engine is gone");
  if (operation.ended) return complain(place, "ends twice");
  if (inside_ > 0) complain(place, "ends inside a call of the API");
  operation.ended = true;
  --open_;
  operation.ok = error == nullptr;
  // A reply that has arrived wins over a cancel of the same turn.
  if (operation.ok && operation.cancelled && operation.cancelled_in != loop_.turns()) {
    complain(place, "succeeds though it was cancelled");
  }
  if (error == nullptr) return;
  operation.code = error->code;
  judge_.error(operations_, place, *error);
}

void Program::accept(std::uint32_t place, Result<void>&) { judge_.done(operations_, place); }
void Program::accept(std::uint32_t place, Result<bool>& result) {
  judge_.flag(operations_, place, *result);
}
void Program::accept(std::uint32_t place, Result<std::int64_t>& result) {
  judge_.number(operations_, place, *result);
}
void Program::accept(std::uint32_t place, Result<Value>& result) {
  judge_.produced(operations_, place, *result);
}
void Program::accept(std::uint32_t place, Result<std::optional<Value>>& result) {
  judge_.found(operations_, place, 0, result->has_value() ? &**result : nullptr);
}
void Program::accept(std::uint32_t place, Result<Found>& result) {
  const Operation& operation = operations_[place];
  std::size_t found = 0;
  for (std::size_t i = 0; i < operation.keys; ++i) {
    const auto it = result->find(key_text(operation.names[i]));
    found += it != result->end() ? 1 : 0;
    judge_.found(operations_, place, i, it != result->end() ? &it->second : nullptr);
  }
  if (found != result->size()) complain(place, "is given keys that it has not asked for");
}
void Program::accept(std::uint32_t place, Result<std::vector<std::string>>& result) {
  if (!result->empty()) complain(place, "is told of keys that were not stored");
  judge_.done(operations_, place);
}

void Program::closure_destroyed(std::uint32_t place) {
  --closures_;
  Operation& operation = operations_[place];
  operation.closure_gone = true;
  if (operation.ended || operation.orphaned) return;
  // In a call that is about to report missing memory; refused() checks that it does.
  if (place == starting_ && Memory::has_failed()) return;
  complain(place, "loses its callback uncalled");
}

}  // namespace djcache::simulation
