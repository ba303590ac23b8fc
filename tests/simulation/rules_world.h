// Lives of seeded mishaps of a machine with rules that remember.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/rules_machine.h"

namespace trapline::simulation {

// One to three lives, each ended by the power or a kill, and a last one in which all settles.
class RulesWorld {
 public:
  virtual ~RulesWorld() = default;
  // What went wrong, or nothing.
  std::string run() {
    for (std::uint64_t lives = 1 + roll(3); lives != 0; --lives) {
      if (!machine_.start()) return "recovery failed";
      live();
      end_life();
    }
    if (!machine_.start()) return "the last recovery failed";
    for (int step = 0; step < kStepsToSettle && !(machine_.quiet() && step > 60); ++step) {
      machine_.pass(100ms);
    }
    if (!machine_.quiet()) return "something still waits";
    if (!machine_.process->books().balance()) return "the books do not balance";
    for (const auto& [id, times] : machine_.destination.times) {
      if (times != 1) return "event " + id + " came " + std::to_string(times) + " times";
    }
    return check();
  }
  [[nodiscard]] const std::vector<Seen>& seen() const { return machine_.destination.seen; }

 protected:
  RulesWorld(std::uint64_t seed, std::shared_ptr<const rules::RuleSet> rules,
             AnswerSeeker* seeker = nullptr)
      : dice_(seed), machine_(seed, std::move(rules), seeker) {}

  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

 private:
  static constexpr int kStepsOfALife = 300;
  static constexpr int kStepsToSettle = 5'000;

  // What happens now and then, beside what every life has.
  virtual void happen() = 0;
  // Between two lives.
  virtual void rest() = 0;
  // What else is wrong in the end, or nothing.
  virtual std::string check() = 0;

  void live() {
    // While the first state cannot be saved, what is decided could not be gone through again.
    machine_.run(1);
    if (roll(3) == 0) machine_.fs.set_faults({0.01, 0.01, 0, journal::FsError::io});
    if (roll(2) == 0) machine_.fs.cut_power_after(1 + roll(300));
    for (int step = 0; step < kStepsOfALife && machine_.fs.powered(); ++step) act();
  }
  void act() {
    Process& process = *machine_.process;
    switch (roll(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        machine_.receive(static_cast<int>(roll(6)), roll(4) == 0 ? kLinkUp : kLinkDown);
        break;
      case 4:
      case 5: process.journal->commit_step(); break;
      case 6:
      case 7: process.router.step(); break;
      case 8: process.worker.step(machine_.clock.boot()); break;
      case 9: process.journal->housekeeping_step(); break;
      case 10: machine_.clock.advance(std::chrono::milliseconds(roll(400))); break;
      default: happen(); break;
    }
  }
  void end_life() {
    if (!machine_.fs.powered() || roll(2) == 0) {
      machine_.cut_power();
    } else {
      machine_.kill();
    }
    machine_.fs.set_faults({});
    if (roll(4) == 0) machine_.clock.advance(1h);
    rest();
  }

  std::mt19937_64 dice_;

 protected:
  Machine machine_;
};

}  // namespace trapline::simulation
