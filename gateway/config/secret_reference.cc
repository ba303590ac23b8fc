#include "gateway/config/secret_reference.h"

#include <string.h>

#include <cstdlib>
#include <map>

#include "base/guarded.h"
#include "base/secret.h"
#include "gateway/config/read_whole_file.h"

namespace trapline::gateway {
namespace {

using TakenVariables = std::map<std::string, base::Secret, std::less<>>;

base::Guarded<TakenVariables>& taken_variables() {
  static base::Guarded<TakenVariables> variables;
  return variables;
}

bool append_taken(const std::string& name, std::string& out) {
  return taken_variables().with([&](const TakenVariables& taken) {
    const auto found = taken.find(name);
    if (found == taken.end()) return false;
    out += base::as_text(found->second.reveal());
    return true;
  });
}

bool append_variable(const std::string& name, Secrecy secrecy, std::string& out,
                     std::string& problem) {
  char* value = std::getenv(name.c_str());
  // A value set anew since the last load counts; one that was wiped reads as empty.
  if (value == nullptr || *value == '\0') {
    if (append_taken(name, out)) return true;
    problem = value == nullptr ? "the environment variable is not set" : "the variable is empty";
    return false;
  }
  out += value;
  if (secrecy == Secrecy::open) return true;
  taken_variables().with([&](TakenVariables& taken) { taken[name] = base::Secret(value); });
  explicit_bzero(value, strlen(value));
  return true;
}

bool append_file(const std::string& path, std::string& out, std::string& problem) {
  const auto content = read_whole_file(path, kMaxReferencedBytes, problem);
  if (!content) return false;
  std::string_view text = base::as_text(content->content());
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  out += text;
  return true;
}

bool append_credential(const std::string& name, std::string& out, std::string& problem) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) {
    problem = "no credentials here: systemd sets CREDENTIALS_DIRECTORY for LoadCredential=";
    return false;
  }
  if (name.find('/') != std::string::npos || name.starts_with('.')) {
    problem = "a credential's name is a plain file name";
    return false;
  }
  return append_file(std::string(directory) + "/" + name, out, problem);
}

bool append_reference(std::string_view reference, Secrecy secrecy, std::string& out,
                      std::string& problem) {
  const std::size_t colon = reference.find(':');
  const std::string_view scheme = reference.substr(0, colon);
  const std::string name(colon == std::string_view::npos ? "" : reference.substr(colon + 1));
  if (name.empty() || (scheme != "env" && scheme != "file" && scheme != "cred")) {
    problem = "write ${env:NAME}, ${file:PATH} or ${cred:NAME}, or $${ for the characters";
    return false;
  }
  if (scheme == "env") return append_variable(name, secrecy, out, problem);
  return scheme == "file" ? append_file(name, out, problem) : append_credential(name, out, problem);
}

}  // namespace

bool resolve_references(std::string_view text, Secrecy secrecy, std::string& out,
                        std::string& problem) {
  while (!text.empty()) {
    const std::size_t at = text.find("${");
    out += text.substr(0, at);
    if (at == std::string_view::npos) return true;
    if (at > 0 && text[at - 1] == '$') {
      out.back() = '$';
      out += '{';
      text.remove_prefix(at + 2);
      continue;
    }
    text.remove_prefix(at + 2);
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      problem = "a reference that begins with ${ has no closing brace";
      return false;
    }
    const std::string_view reference = text.substr(0, end);
    if (!append_reference(reference, secrecy, out, problem)) {
      problem.insert(0, "${" + std::string(reference) + "}: ");
      return false;
    }
    text.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace trapline::gateway
