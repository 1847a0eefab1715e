// The second half of pickle_outline.h: a pickle is written anew from its tree.
#include <utility>

#include "codec/byte_order.h"
#include "codec/pickle_outline_tree.h"

namespace djcache::codec::pickle::outline {
namespace {

// Writes an object and everything that belongs to it, each part once, without recursion.
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
  // An object's place in the memo of the pickle being written, valid if the epochs are equal.
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
  // An object being written.
  struct Frame {
    std::uint32_t item;
    Inputs inputs{};
    std::uint32_t next = 0;       // of the inputs
    std::uint32_t change = none;  // the change with these inputs; none: the object itself
    bool made = false;            // its own instruction was written
    Op stand_in = Op::opaque;     // the instruction written in its place, unless it is this
  };

  bool is_outer(const Stream& stream) const { return &stream == &outer_; }
  // An object of an unknown class, or a known class in the place of a value.
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

  // Recalls the object, takes it out, or begins to write it.
  bool enter(Stream& stream, std::uint32_t index, List<Frame>& frames) {
    // The data may be of an unknown class, too, and two objects may be each other's data.
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
    // Deeper than the number of objects: an object contains itself and is never made.
    if (frames.size() > outline_.size()) {
      return fail_at(error_, "an object", outline_.item(index).at, " contains itself");
    }
    frames.push_back({.item = index, .inputs = outline_.item(index).inputs});
    return true;
  }

  // The data of an object of an unknown class: the value of an enum; the argument of a subclass of
  // str, int or tuple; the items of a subclass of list, dict or set; the fields of a namedtuple;
  // the attributes of others, such as dataclasses. False: it has none of these.
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
    // Classes with __slots__ have a pair: None, and the attributes.
    const Item& states = outline_.item(state);
    if (outline_.op_of(states) == Op::tuple2 &&
        outline_.op_of(outline_.item(outline_.input(states.inputs, 0))) == Op::none) {
      data.item = outline_.input(states.inputs, 1);
    }
    return true;
  }

  // Called when all inputs of the object or of a change are written. False: it is complete.
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
      // An object that is changed later may contain itself.
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

  // Writes the object into a pickle of its own.
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

bool rewrite(const Outline& outline, const Limits& limits, std::string& rewritten,
             std::vector<std::string>& opaques, Error& error, std::size_t size_max) {
  return Rewriter(outline, limits, rewritten, opaques, error, size_max).run();
}

}  // namespace djcache::codec::pickle::outline
