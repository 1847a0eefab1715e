// The tree behind pickle_outline.h: every object of a pickle, by the instruction that makes it and
// those that change it. Private to pickle_outline.cc and pickle_rewriter.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.h"
#include "codec/pickle_error.h"
#include "codec/pickle_globals.h"
#include "codec/pickle_instruction.h"
#include "codec/pickle_memory.h"

namespace djcache::codec::pickle::outline {

inline constexpr std::uint32_t none = UINT32_MAX;

template <class T>
using List = std::vector<T, Counted<T>>;

// The objects that an instruction takes from the stack.
struct Inputs {
  std::uint32_t begin = 0, count = 0;
  bool marked = false;  // from the last MARK on
};

// An object: the instruction that makes it, and those that change it later.
struct Item {
  std::uint32_t at = 0, size = 0;  // the instruction in the pickle
  Inputs inputs{};
  std::uint32_t uses = 0;
  std::uint32_t first_change = none, last_change = none;
  bool is_global = false;
  bool is_call = false;        // of what inputs[0] is
  bool holds_foreign = false;  // among its inputs
  bool is_arguments = false;   // of a call: its items are not values by themselves
  bool foreign = false;        // of an unknown class, or made with one
};

struct Change {
  Op op{};
  Inputs inputs{};
  std::uint32_t next = none;
};

class Outline {
 public:
  Outline(std::string_view pickle, Error& error) : pickle_(pickle), error_(error) {}

  bool read();
  std::uint32_t root() const { return root_; }

  const Item& item(std::uint32_t index) const { return items_[index]; }
  const Change& change(std::uint32_t index) const { return changes_[index]; }
  std::size_t size() const { return items_.size(); }
  std::uint32_t input(const Inputs& inputs, std::uint32_t i) const {
    return inputs_[inputs.begin + i];
  }
  Op op_of(const Item& item) const {
    return static_cast<Op>(static_cast<unsigned char>(pickle_[item.at]));
  }
  // Appends the instruction that makes it, in the form of newer protocols.
  void append_instruction(const Item& item, std::string& out) const;
  // "module.name" of a class or function; empty for other objects.
  std::string name_of_global(std::uint32_t index) const;
  // The readable class of the object, for errors and programs.
  std::string class_of(std::uint32_t index) const;
  std::string name_of_model(const Item& item) const;
  Global known(std::uint32_t index) const;

 private:
  bool step(const Instruction& now);
  bool push(const Inputs& inputs);
  bool add_change(const Inputs& inputs);
  bool take(std::uint32_t count, Inputs& inputs);
  bool take_marked(Inputs& inputs);
  bool remember(std::uint64_t index);
  bool names_of(const Item& item, std::string_view& module, std::string_view& name) const;
  std::string_view text_of(std::uint32_t index) const;
  void judge(Item& item);
  bool fail(std::string_view why) { return fail_at(error_, "an instruction", at_, why); }

  std::string_view pickle_;
  Error& error_;
  std::size_t at_ = 0;
  Instruction now_;
  List<Item> items_;
  List<Change> changes_;
  List<std::uint32_t> inputs_;
  List<std::uint32_t> stack_, marks_, memo_;
  std::size_t put_count_ = 0;
  std::uint64_t protocol_ = 0;
  std::uint32_t root_ = none;
};

// Writes the pickle anew, with each object of an unknown class in a pickle of its own in `opaques`.
// `size_max` bounds either, in bytes.
bool rewrite(const Outline& outline, const Limits& limits, std::string& rewritten,
             std::vector<std::string>& opaques, Error& error, std::size_t size_max);

}  // namespace djcache::codec::pickle::outline
