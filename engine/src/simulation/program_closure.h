// The callbacks of the program's operations.
#pragma once

#include <utility>

#include "simulation/memory.h"
#include "simulation/program.h"

namespace djcache::simulation {

// Notices its own destruction.
struct Closure {
  Closure(Program& of, std::uint32_t at) : program(&of), place(at) { ++program->closures_; }
  Closure(Closure&& other) noexcept
      : program(std::exchange(other.program, nullptr)), place(other.place) {}
  Closure& operator=(Closure&&) = delete;
  ~Closure() {
    const Outside world;
    if (program != nullptr) program->closure_destroyed(place);
  }
  template <class T>
  void operator()(Result<T> result) {
    const Outside world;
    program->ended(place, result);
  }

  Program* program;
  std::uint32_t place;
};

template <class T>
Callback<T> Program::callback(std::uint32_t place) {
  operations_[place].closure_made = true;
  return
      [closure = Closure(*this, place)](Result<T> result) mutable { closure(std::move(result)); };
}

}  // namespace djcache::simulation
