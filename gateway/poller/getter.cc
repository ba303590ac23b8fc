#include "gateway/poller/getter.h"

namespace trapline::gateway {

std::string_view name_of(GetOutcome outcome) {
  switch (outcome) {
    case GetOutcome::answered: return "answered";
    case GetOutcome::error_status: return "error_status";
    case GetOutcome::no_answer: return "no_answer";
    case GetOutcome::malformed: return "malformed";
    case GetOutcome::report: return "report";
    case GetOutcome::unreachable: return "unreachable";
    case GetOutcome::overloaded: return "overloaded";
  }
  return "no_answer";
}

}  // namespace trapline::gateway
