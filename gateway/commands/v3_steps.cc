#include "gateway/commands/v3_steps.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/engine_id_text.h"

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using protocol::SecurityLevel;
using usm::V3Refusal;

// Text from the wire, harmless on a terminal.
std::string quoted(std::string_view text) {
  std::string out = "`";
  base::append_json_escaped(out, text);
  return out + "`";
}

// One run through the steps, for one message.
class V3Steps {
 public:
  V3Steps(const V3StepSource& source, Explanation& explanation)
      : source_(source), trace_(source.trace), explanation_(explanation) {}

  bool add() {
    return engine() && user() && level() && pinned() && digest() && time() && decryption() &&
           scoped_pdu();
  }

 private:
  bool pass(std::string_view step, std::string detail) {
    return explanation_.add(step, Verdict::passed, std::move(detail));
  }
  bool refuse(std::string_view step, std::string detail, std::string advice) {
    return explanation_.add(step, Verdict::refused, std::move(detail), std::move(advice));
  }
  [[nodiscard]] bool refused_by(V3Refusal refusal) const { return trace_.refusal == refusal; }
  [[nodiscard]] bool authentic() const { return trace_.level >= SecurityLevel::auth_no_priv; }

  bool engine() {
    const std::string id = engine_id_text(trace_.engine_id);
    if (refused_by(V3Refusal::discovery)) {
      return explanation_.add("engine", Verdict::answered,
                              "a discovery probe: no engineID, or one of illegal length",
                              "none: a Report tells our engineID, and the notification follows");
    }
    if (refused_by(V3Refusal::unknown_engine)) {
      return refuse("engine", "asks engine " + id + " for an answer; ours is " + source_.own_engine,
                    "let the sender discover our engineID, or set v3.engine.id to the one it "
                    "has (a gateway answers with a Report that names its own)");
    }
    if (!trace_.engine_is_ours) return pass("engine", id + ", the sender's own: it sends a trap");
    if (!source_.own_engine_assumed) return pass("engine", id + ", ours: it sends an inform");
    return explanation_.add("engine", Verdict::unjudged,
                            id + " is asked for an answer; taken for ours",
                            "`trapline v3 engines` shows the gateway's own engineID");
  }

  bool user() {
    const std::string name = quoted(trace_.user);
    if (refused_by(V3Refusal::unknown_user)) {
      return refuse("user", name + " is not configured",
                    "add it to v3.users (one entry serves all engines, traps and informs), or "
                    "correct the device's user name");
    }
    return pass("user", name);
  }

  bool level() {
    const std::string came(protocol::name_of(trace_.level));
    if (refused_by(V3Refusal::unsupported_level)) {
      return refuse(
          "level", came + ", but the user has no password for it",
          "add `auth`, `priv` and their passwords to the user, or lower the device's level");
    }
    if (refused_by(V3Refusal::level_too_low)) {
      const SecurityLevel least =
          source_.user == nullptr ? trace_.level : source_.user->least_level;
      const std::string wanted(protocol::name_of(least));
      return refuse(
          "level", came + ", but the user asks for " + wanted,
          "raise the device's level to " + wanted + ", or set `level: " + came + "` for the user");
    }
    return pass("level", came);
  }

  bool pinned() {
    if (refused_by(V3Refusal::engine_not_allowed)) {
      return refuse("pinned", "the user may not appear with this engine",
                    "add the engineID to the user's `engines`, or remove that list");
    }
    if (source_.user == nullptr || source_.user->engines.empty()) return true;
    return pass("pinned", "the engine is among the user's `engines`");
  }

  bool digest() {
    if (!authentic()) return pass("digest", "none at this level");
    const usm::AuthProtocol auth =
        source_.user == nullptr ? usm::AuthProtocol::none : source_.user->auth;
    const std::size_t wanted = usm::digest_bytes(auth);
    if (!refused_by(V3Refusal::wrong_digest)) {
      return pass("digest", fmt::format("{} fits{}", usm::name_of(auth),
                                        trace_.password > 0 ? ", by the password in `next`" : ""));
    }
    if (trace_.digest_size != wanted) {
      return refuse(
          "digest",
          fmt::format("{} octets, but {} has {}", trace_.digest_size, usm::name_of(auth), wanted),
          "the device uses " + protocols_of(trace_.digest_size) +
              ": set the user's `auth` to it, or change the device");
    }
    return refuse("digest", fmt::format("{} octets that do not fit", wanted),
                  fmt::format("correct the authentication password; or the device uses another "
                              "protocol than {}",
                              usm::name_of(auth)));
  }

  static std::string protocols_of(std::size_t digest_size) {
    std::string names;
    for (int i = static_cast<int>(usm::AuthProtocol::md5);
         i <= static_cast<int>(usm::AuthProtocol::sha512); ++i) {
      const auto protocol = static_cast<usm::AuthProtocol>(i);
      if (usm::digest_bytes(protocol) != digest_size) continue;
      names += (names.empty() ? "" : " or ") + std::string(usm::name_of(protocol));
    }
    return names.empty() ? "a protocol nobody knows" : names;
  }

  bool time() {
    const std::string said = fmt::format("boots {}, time {}", trace_.boots, trace_.time);
    if (!authentic()) return pass("time", said + ": not judged at this level");
    if (refused_by(V3Refusal::not_in_time_window)) {
      return refuse("time", said + ": outside the window of what came before, or boots are used up",
                    "a replay; or the device began again: `trapline v3 forget " +
                        engine_id_text(trace_.engine_id) + "`, or `time_window: relaxed`");
    }
    if (trace_.engine_is_ours) return own_time(said);
    return explanation_.add("time", Verdict::noted,
                            said +
                                ": judged by the messages of this input alone, not by what the "
                                "gateway knows",
                            "what a running gateway knows: `trapline v3 engines`");
  }

  // Its boots are in a file; its time nobody knows but itself.
  bool own_time(const std::string& said) {
    if (source_.own_boots && *source_.own_boots != trace_.boots) {
      return explanation_.add(
          "time", Verdict::noted,
          fmt::format("{}: boots are {} since the gateway's last start, it would refuse the "
                      "message now (not_in_time_window)",
                      said, *source_.own_boots),
          "none if it was captured before that start; else a Report tells the sender our boots and "
          "it asks again");
    }
    return explanation_.add(
        "time", Verdict::unjudged,
        said + (source_.own_boots ? ": the boots are right; timeliness not judged: only the "
                                    "running gateway knows its time"
                                  : ": timeliness not judged: only the running gateway knows its "
                                    "boots and time"),
        "they are in `trapline status`; 150 s apart are allowed");
  }

  bool decryption() {
    if (trace_.level < SecurityLevel::auth_priv) return pass("decryption", "none at this level");
    const std::string priv(source_.user == nullptr ? "" : usm::name_of(source_.user->priv));
    if (refused_by(V3Refusal::decryption_failed)) {
      return refuse("decryption", "salt or length that " + priv + " cannot have",
                    "the device uses another privacy protocol: correct the user's `priv`");
    }
    if (refused_by(V3Refusal::unreadable_plaintext)) {
      return refuse("decryption", priv + " gives no scopedPDU",
                    "correct the privacy password; or the device uses another protocol than " +
                        priv +
                        " (for 192 and 256 bits try aes192-auto or aes256-auto: two key "
                        "extensions are in use)");
    }
    return pass("decryption", trace_.key_scheme.empty()
                                  ? priv
                                  : priv + ", keys by " + std::string(trace_.key_scheme));
  }

  bool scoped_pdu() {
    if (refused_by(V3Refusal::unreadable_plaintext)) {
      return explanation_.add("scopedPDU", Verdict::malformed, "is none");
    }
    if (refused_by(V3Refusal::inform_for_other_engine)) {
      return refuse("scopedPDU", "an inform that names another engine than ours",
                    "let the sender discover our engineID: an inform's authoritative engine is its "
                    "receiver");
    }
    return true;
  }

  const V3StepSource& source_;
  const usm::V3Trace& trace_;
  Explanation& explanation_;
};

}  // namespace

bool add_v3_steps(const V3StepSource& source, Explanation& explanation) {
  return V3Steps(source, explanation).add();
}

}  // namespace trapline::gateway
