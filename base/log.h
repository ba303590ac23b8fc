// Log lines for operators: one line per message, logfmt or JSON; docs/log_events.md has the ids.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace trapline::base {

enum class LogFormat : std::uint8_t { logfmt, json };
enum class LogLevel : std::uint8_t { debug, info, warning, error };

// One name=value of a line. Text is escaped on output (control characters, quotes, invalid UTF-8),
// so a value taken from the network cannot split a line or move a terminal's cursor.
struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, std::integral auto number)
      : name(field_name), value(std::to_string(number)) {}

  std::string_view name;
  std::string value;
};

// The budget of one call site that the network can trigger: `kPerSecond` lines a second, the rest
// counted and told with the next line that passes (`suppressed=N`). Any thread; keep one per site,
// static or member.
class LogSite {
 public:
  static constexpr std::uint32_t kPerSecond = 5;

  // True when a line may be written now; sets `suppressed` to how many were held back before it.
  [[nodiscard]] bool allow(BootTime now, std::uint64_t& suppressed);

 private:
  std::mutex mutex_;
  BootTime second_began_{};
  std::uint32_t written_ = 0;
  std::uint64_t suppressed_ = 0;
};

// Where lines go. Any thread may call any member; a line is written whole. Never throws and never
// waits for anything but the sink function.
class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;  // `line` ends in '\n'

  // Lines below `least` are not written. `clock` must outlive the log.
  Log(LogFormat format, LogLevel least, const Clock& clock, Sink sink);

  // Writes one line. `id` is dotted and stable ("listener.receive_buffer_small"), `message` prose.
  void write(LogLevel level, std::string_view id, std::string_view message,
             std::initializer_list<LogField> fields = {});
  // The same within the budget of `site`.
  void write_limited(LogSite& site, LogLevel level, std::string_view id, std::string_view message,
                     std::initializer_list<LogField> fields = {});

  // A sink that writes to standard error.
  [[nodiscard]] static Sink to_stderr();

 private:
  void emit(LogLevel level, std::string_view id, std::string_view message,
            std::initializer_list<LogField> fields, std::uint64_t suppressed);

  const LogFormat format_;
  const LogLevel least_;
  const Clock& clock_;
  const Sink sink_;
};

}  // namespace trapline::base
