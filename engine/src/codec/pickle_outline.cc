#include "codec/pickle_outline.h"

#include <algorithm>

#include "codec/byte_order.h"
#include "codec/limits.h"
#include "codec/pickle_error.h"
#include "codec/pickle_globals.h"
#include "codec/pickle_instruction.h"
#include "codec/pickle_memory.h"
#include "codec/pickle_python_2.h"

namespace djcache::codec::pickle {
namespace {

constexpr std::uint32_t none = UINT32_MAX;

template <class T>
using List = std::vector<T, Counted<T>>;

// What an instruction takes from the stack.
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
  bool is_arguments = false;   // of a call: what is in it is no value by itself
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
  // The instruction that makes it, as a pickle of a newer protocol has it.
  void append_instruction(const Item& item, std::string& out) const;
  // "module.name" of a class or function; empty for what is none.
  std::string name_of_global(std::uint32_t index) const;
  // What an error or a program is told of the object.
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

bool Outline::read() {
  while (read_instruction(pickle_, at_, now_)) {
    if (now_.op == Op::stop) {
      if (stack_.size() != 1 || !marks_.empty() || at_ + 1 != pickle_.size()) break;
      root_ = stack_[0];
      ++items_[root_].uses;
      return true;
    }
    if (!step(now_)) return false;
    at_ += now_.size;
  }
  return fail(" is not understood");
}

bool Outline::step(const Instruction& now) {
  Inputs inputs;
  switch (now.op) {
    case Op::proto:
      protocol_ = now.number;
      return true;
    case Op::frame:
      return true;
    case Op::mark:
      marks_.push_back(static_cast<std::uint32_t>(stack_.size()));
      return true;
    case Op::pop:
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
        return true;
      }
      return take(1, inputs);
    case Op::pop_mark:
      return take_marked(inputs);
    case Op::dup:
      if (stack_.empty()) return fail(" needs an object");
      stack_.push_back(stack_.back());
      return true;
    case Op::put:
    case Op::bin_put:
    case Op::long_bin_put:
      return remember(now.number);
    case Op::memoize:
      return remember(put_count_);
    case Op::get:
    case Op::bin_get:
    case Op::long_bin_get:
      if (now.number >= memo_.size() || memo_[now.number] == none) return fail(" recalls nothing");
      stack_.push_back(memo_[now.number]);
      return true;
    case Op::append:
    case Op::build:
      return take(1, inputs) && add_change(inputs);
    case Op::set_item:
      return take(2, inputs) && add_change(inputs);
    case Op::appends:
    case Op::set_items:
    case Op::add_items:
      return take_marked(inputs) && add_change(inputs);
    case Op::tuple1:
      return take(1, inputs) && push(inputs);
    case Op::tuple2:
    case Op::stack_global:
    case Op::reduce:
    case Op::new_obj:
      return take(2, inputs) && push(inputs);
    case Op::tuple3:
    case Op::new_obj_ex:
      return take(3, inputs) && push(inputs);
    case Op::tuple:
    case Op::list:
    case Op::dict:
    case Op::frozen_set:
    case Op::inst:
    case Op::obj:
      return take_marked(inputs) && push(inputs);
    default:
      if (!refusal(static_cast<unsigned char>(now.op)).empty()) {
        return fail(refusal(static_cast<unsigned char>(now.op)));
      }
      return push(inputs);
  }
}

bool Outline::take(std::uint32_t count, Inputs& inputs) {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() < fence + count) return fail(" needs objects that are not there");
  inputs.begin = static_cast<std::uint32_t>(inputs_.size());
  inputs.count = count;
  inputs_.insert(inputs_.end(), stack_.end() - count, stack_.end());
  stack_.resize(stack_.size() - count);
  return true;
}

bool Outline::take_marked(Inputs& inputs) {
  if (marks_.empty()) return fail(" needs a MARK before it");
  const auto count = static_cast<std::uint32_t>(stack_.size() - marks_.back());
  if (!take(count, inputs)) return false;
  marks_.pop_back();
  inputs.marked = true;
  return true;
}

bool Outline::remember(std::uint64_t index) {
  if (stack_.empty()) return fail(" needs an object");
  // CPython counts from 0 up: not beyond the objects there are, about.
  if (index > 4 * items_.size() + 1024) return fail(": a memo entry out of range");
  if (index >= memo_.size()) memo_.resize(static_cast<std::size_t>(index) + 1, none);
  if (memo_[index] == none) ++put_count_;
  memo_[index] = stack_.back();
  return true;
}

bool Outline::push(const Inputs& inputs) {
  Item& made = items_.emplace_back();
  made.at = static_cast<std::uint32_t>(at_);
  made.size = static_cast<std::uint32_t>(now_.size);
  made.inputs = inputs;
  for (std::uint32_t i = 0; i < inputs.count; ++i) {
    Item& each = items_[input(inputs, i)];
    ++each.uses;
    made.holds_foreign = made.holds_foreign || each.foreign;
  }
  judge(made);
  stack_.push_back(static_cast<std::uint32_t>(items_.size() - 1));
  return true;
}

bool Outline::add_change(const Inputs& inputs) {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= fence) return fail(" needs objects that are not there");
  const auto index = static_cast<std::uint32_t>(changes_.size());
  Item& target = items_[stack_.back()];
  for (std::uint32_t i = 0; i < inputs.count; ++i) ++items_[input(inputs, i)].uses;
  changes_.push_back({now_.op, inputs, none});
  (target.last_change == none ? target.first_change : changes_[target.last_change].next) = index;
  target.last_change = index;
  return true;
}

// Whether an object is of an unknown class. What a known class makes of one belongs to it.
void Outline::judge(Item& made) {
  switch (now_.op) {
    case Op::global:
    case Op::stack_global:
      made.is_global = true;
      made.foreign = known(static_cast<std::uint32_t>(items_.size() - 1)) == Global::none;
      return;
    case Op::new_obj_ex:
    case Op::inst:
    case Op::obj:
      made.is_call = made.foreign = true;
      return;
    case Op::reduce:
    case Op::new_obj:
      break;
    default:
      return;
  }
  made.is_call = true;
  Item& arguments = items_[input(made.inputs, 1)];
  arguments.is_arguments = true;
  made.foreign = items_[input(made.inputs, 0)].foreign || arguments.holds_foreign;
}

// Of a name: what is longer is none, and not looked through for each class that it is said to name.
std::string_view Outline::text_of(std::uint32_t index) const {
  constexpr std::uint32_t name_max = 4096;
  if (items_[index].size > name_max) return {};
  Instruction made;
  read_instruction(pickle_, items_[index].at, made);
  return made.argument;
}

bool Outline::names_of(const Item& item, std::string_view& module, std::string_view& name) const {
  if (op_of(item) == Op::stack_global) {
    module = text_of(input(item.inputs, 0));
    name = text_of(input(item.inputs, 1));
    return true;
  }
  if (op_of(item) != Op::global && op_of(item) != Op::inst) return false;
  Instruction made;
  read_instruction(pickle_, item.at, made);
  const std::size_t between = made.argument.find('\n');
  module = made.argument.substr(0, between);
  name = made.argument.substr(between + 1);
  if (protocol_ < 3) rename_for_python_3(module, name);
  return true;
}

void Outline::append_instruction(const Item& item, std::string& out) const {
  std::string_view module, name;
  const Op op = op_of(item);
  if (protocol_ < 3 && (op == Op::global || op == Op::inst) && names_of(item, module, name)) {
    out += static_cast<char>(op);
    out.append(module).append("\n").append(name).append("\n");
  } else {
    out += pickle_.substr(item.at, item.size);
  }
}

Global Outline::known(std::uint32_t index) const {
  std::string_view module, name;
  return names_of(items_[index], module, name) ? find_global(module, name) : Global::none;
}

std::string Outline::name_of_global(std::uint32_t index) const {
  std::string_view module, name;
  if (!names_of(items_[index], module, name)) return {};
  return printable(module) + "." + printable(name);
}

// django.db.models.base.model_unpickle(("shops", "Shop")): "shops.Shop".
std::string Outline::name_of_model(const Item& item) const {
  if (!item.is_call || item.inputs.count < 2) return {};
  if (name_of_global(input(item.inputs, 0)) != "django.db.models.base.model_unpickle") return {};
  const Inputs& arguments = items_[input(item.inputs, 1)].inputs;
  if (arguments.count == 0) return {};
  const Inputs& names = items_[input(arguments, 0)].inputs;
  if (names.count != 2) return {};
  return printable(text_of(input(names, 0))) + "." + printable(text_of(input(names, 1)));
}

std::string Outline::class_of(std::uint32_t index) const {
  // A call of a call of ... of a class.
  for (int depth = 0; depth < 16; ++depth) {
    const Item& item = items_[index];
    if (std::string name = name_of_global(index); !name.empty()) return name;
    if (std::string name = name_of_model(item); !name.empty()) return name;
    if (!item.is_call || item.inputs.count == 0) break;
    std::uint32_t next = input(item.inputs, 0);
    const Item& arguments = items_[input(item.inputs, item.inputs.count > 1 ? 1 : 0)];
    // What copyreg and getattr are called with says more than they do.
    if (!items_[next].foreign) {
      for (std::uint32_t i = 0; i < arguments.inputs.count; ++i) {
        if (!items_[input(arguments.inputs, i)].foreign) continue;
        next = input(arguments.inputs, i);
        break;
      }
    }
    index = next;
  }
  return "an object";
}

// --- Writing.

// Writes an object and all that belongs to it, each part once, without recursion.
class Rewriter {
 public:
  Rewriter(const Outline& outline, const Limits& limits, std::string& rewritten,
           std::vector<std::string>& opaques, Error& error, std::size_t size_max)
      : outline_(outline),
        limits_(limits),
        rewritten_(rewritten),
        opaques_(opaques),
        error_(error),
        size_max_(size_max) {
    outer_.places.resize(outline.size());
    inner_.places.resize(outline.size());
  }

  bool run() {
    outer_.out = &rewritten_;
    outer_.epoch = 1;
    rewritten_ = "\x80\x05";
    if (!write(outer_, outline_.root())) return false;
    rewritten_ += static_cast<char>(Op::stop);
    return true;
  }

 private:
  // Where an object is in the memo of the pickle that is written, if its epoch is that one's.
  struct Place {
    std::uint32_t epoch = 0, number = 0;
  };
  struct Stream {
    std::string* out = nullptr;
    std::uint32_t epoch = 0, memo_count = 0;
    List<Place> places;
  };
  // A MEMOIZE of the pickle that is taken out, and whether that pickle recalls it.
  struct Memo {
    std::size_t at;
    bool recalled = false;
  };
  // An object under way.
  struct Frame {
    std::uint32_t item;
    Inputs inputs{};
    std::uint32_t next = 0;       // of the inputs
    std::uint32_t change = none;  // whose inputs they are; none: of the object itself
    bool made = false;            // its own instruction was written
    Op stand_in = Op::opaque;     // what is written instead of that, if it is another
  };

  bool is_outer(const Stream& stream) const { return &stream == &outer_; }
  // An unknown class, or a known one where a value is.
  bool is_opaque(const Stream& stream, std::uint32_t index, const Frame* parent) const {
    if (!is_outer(stream)) return false;
    const Item& item = outline_.item(index);
    if (item.foreign) return true;
    if (!item.is_global) return false;
    if (parent == nullptr || parent->change != none) return true;
    const Item& around = outline_.item(parent->item);
    return !around.is_call && !around.is_arguments;
  }

  bool write(Stream& stream, std::uint32_t root) {
    List<Frame> frames;
    if (!enter(stream, root, frames)) return false;
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next == 0 && frame.inputs.marked) append(stream, Op::mark);
      if (frame.next < frame.inputs.count) {
        const std::uint32_t input = outline_.input(frame.inputs, frame.next++);
        if (!enter(stream, input, frames)) return false;
        continue;
      }
      if (!finish_inputs(stream, frame)) frames.pop_back();
      if (stream.out->size() > size_max_) return fail_size();
    }
    return true;
  }

  // Recalls the object, takes it out, or begins with it.
  bool enter(Stream& stream, std::uint32_t index, List<Frame>& frames) {
    // Data may be of an unknown class again, and two objects the data of each other.
    constexpr int hops_max = 64;
    for (int hops = 0;; ++hops) {
      const Place place = stream.places[index];
      if (place.epoch == stream.epoch) {
        recall(stream, place.number);
        return true;
      }
      if (!is_opaque(stream, index, frames.empty() ? nullptr : &frames.back())) break;
      Frame data{.item = index};
      if (limits_.foreign != Foreign::data || hops == hops_max || !find_data(data)) {
        return take_out(index);
      }
      if (data.stand_in != Op::opaque) {
        frames.push_back(data);
        return true;
      }
      index = data.item;
    }
    // Deeper than there are objects: one that contains itself and is never made.
    if (frames.size() > outline_.size()) {
      return fail_at(error_, "an object", outline_.item(index).at, " contains itself");
    }
    frames.push_back({.item = index, .inputs = outline_.item(index).inputs});
    return true;
  }

  // What an object of an unknown class has for data: an enum its value; a subclass of str, int or
  // tuple what it was made of; one of list, dict or set its items; a namedtuple its fields; others,
  // as dataclasses, their attributes. False: none of these.
  bool find_data(Frame& data) const {
    const Item& item = outline_.item(data.item);
    if (!item.is_call || item.inputs.count != 2) return false;
    std::uint32_t state = none;
    for (std::uint32_t at = item.first_change; at != none; at = outline_.change(at).next) {
      const Change& change = outline_.change(at);
      switch (change.op) {
        case Op::build:
          state = outline_.input(change.inputs, 0);
          continue;
        case Op::set_item:
        case Op::set_items:
          data.stand_in = Op::empty_dict;
          continue;
        case Op::append:
        case Op::appends:
          data.stand_in = Op::empty_list;
          continue;
        default:
          data.stand_in = Op::empty_set;
      }
    }
    if (data.stand_in != Op::opaque) return true;
    const std::uint32_t callee = outline_.input(item.inputs, 0);
    const std::uint32_t tuple = outline_.input(item.inputs, 1);
    const Inputs& arguments = outline_.item(tuple).inputs;
    if (outline_.known(callee) == Global::reconstructor && arguments.count == 3) {
      if (outline_.known(outline_.input(arguments, 1)) != Global::object) {
        data.item = outline_.input(arguments, 2);
        return true;
      }
    } else if (!outline_.item(callee).is_global || !outline_.item(callee).foreign ||
               outline_.name_of_global(callee).starts_with("builtins.")) {
      return false;
    } else if (arguments.count == 1) {
      data.item = outline_.input(arguments, 0);
      return true;
    } else if (arguments.count > 1) {
      data.item = tuple;
      return outline_.op_of(item) == Op::new_obj;
    }
    if (state == none) return false;
    data.item = state;
    // Of a class with __slots__: nothing, and the attributes.
    const Item& states = outline_.item(state);
    if (outline_.op_of(states) == Op::tuple2 &&
        outline_.op_of(outline_.item(outline_.input(states.inputs, 0))) == Op::none) {
      data.item = outline_.input(states.inputs, 1);
    }
    return true;
  }

  // All inputs of the object, or of a change, are written. False: nothing is left to do for it.
  bool finish_inputs(Stream& stream, Frame& frame) {
    const Item& item = outline_.item(frame.item);
    if (!std::exchange(frame.made, true)) {
      if (stream.places[frame.item].epoch == stream.epoch) {
        // It was made meanwhile, by what it contains: Python drops the parts of the second one,
        // too.
        if (item.inputs.marked) {
          append(stream, Op::pop_mark);
        } else {
          stream.out->append(item.inputs.count, static_cast<char>(Op::pop));
        }
        recall(stream, stream.places[frame.item].number);
        return false;
      }
      if (frame.stand_in == Op::opaque) {
        outline_.append_instruction(item, *stream.out);
      } else {
        append(stream, frame.stand_in);
      }
      // What changes later may contain itself.
      if (item.uses > 1 || item.first_change != none || limits_.foreign == Foreign::data) {
        remember(stream, frame.item);
      }
      frame.change = item.first_change;
    } else {
      append(stream, outline_.change(frame.change).op);
      frame.change = outline_.change(frame.change).next;
    }
    while (frame.stand_in != Op::opaque && frame.change != none &&
           outline_.change(frame.change).op == Op::build) {
      frame.change = outline_.change(frame.change).next;
    }
    if (frame.change == none) return false;
    frame.inputs = outline_.change(frame.change).inputs;
    frame.next = 0;
    return true;
  }

  // Into a pickle of its own.
  bool take_out(std::uint32_t index) {
    std::string opaque = outline_.class_of(index);
    opaque += '\0';
    inner_.out = &opaque;
    inner_.memo_count = 0;
    ++inner_.epoch;
    memos_.clear();
    recalls_.clear();
    if (!write(inner_, index)) return false;
    drop_unused_memos(opaque);
    total_ += opaque.size();
    if (total_ > size_max_) return fail_size();
    append(outer_, Op::opaque);
    append_number(outer_, static_cast<std::uint32_t>(opaques_.size()));
    opaques_.push_back(std::move(opaque));
    if (outline_.item(index).uses > 1) remember(outer_, index);
    return true;
  }

  void remember(Stream& stream, std::uint32_t index) {
    if (!is_outer(stream)) memos_.push_back({stream.out->size()});
    append(stream, Op::memoize);
    stream.places[index] = {stream.epoch, stream.memo_count++};
  }
  void recall(Stream& stream, std::uint32_t number) {
    append(stream, Op::long_bin_get);
    if (!is_outer(stream)) {
      memos_[number].recalled = true;
      recalls_.push_back(stream.out->size());
    }
    append_number(stream, number);
  }
  // The same object is the same bytes, whatever else of its pickle shared its parts: so an object
  // that is read, written and read again compares equal.
  void drop_unused_memos(std::string& opaque) {
    List<std::uint32_t> numbers;
    std::uint32_t count = 0;
    for (const Memo& memo : memos_) numbers.push_back(memo.recalled ? count++ : none);
    if (count == memos_.size()) return;
    for (const std::size_t at : recalls_) {
      char* const number = opaque.data() + at;
      store_little(number, numbers[load_little<std::uint32_t>(number)]);
    }
    std::size_t end = memos_.front().at, next = 0;
    for (std::size_t at = end; at < opaque.size(); ++at) {
      const bool is_memo = next < memos_.size() && memos_[next].at == at;
      if (is_memo && !memos_[next++].recalled) continue;
      opaque[end++] = opaque[at];
    }
    opaque.resize(end);
  }
  static void append(Stream& stream, Op op) { *stream.out += static_cast<char>(op); }
  static void append_number(Stream& stream, std::uint32_t number) {
    char bytes[sizeof number];
    store_little(bytes, number);
    stream.out->append(bytes, sizeof bytes);
  }
  bool fail_size() {
    return fail(error_, "objects of unknown classes take more than the limit of " +
                            std::to_string(size_max_) + " bytes");
  }

  const Outline& outline_;
  const Limits& limits_;
  std::string& rewritten_;
  std::vector<std::string>& opaques_;
  Error& error_;
  Stream outer_, inner_;
  List<Memo> memos_;            // of inner_
  List<std::size_t> recalls_;   // where inner_ has the numbers of what it recalls
  const std::size_t size_max_;  // of each stream, and of all opaques together
  std::size_t total_ = 0;
};

}  // namespace

bool take_out_foreign(std::string_view pickle, const Limits& limits, std::string& rewritten,
                      std::vector<std::string>& opaques, Error& error) {
  const std::size_t size_max = std::min(limits.max_bytes, 64 * pickle.size() + (64u << 10));
  const std::size_t written = pickle.size() + 2 * size_max;
  Memory::restart(std::max<std::size_t>(
      1u << 20, limits.max_memory() > written ? limits.max_memory() - written : 0));
  try {
    Outline outline(pickle, error);
    return outline.read() && Rewriter(outline, limits, rewritten, opaques, error, size_max).run();
  } catch (const TooMuchMemory&) {
    return fail(error,
                std::string(no_memory_left) + std::to_string(limits.max_memory()) + " bytes");
  }
}

OpaqueParts parts_of_opaque(std::string_view opaque) {
  const std::size_t end = opaque.find('\0');
  return {opaque.substr(0, end), opaque.substr(end + 1)};
}

}  // namespace djcache::codec::pickle
