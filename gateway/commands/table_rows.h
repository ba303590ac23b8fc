// Rows of a conceptual table (RFC 2578 §7.1.12), joined by index out of what walks bring.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/poller/polled_varbind.h"
#include "protocol/oid_order.h"

namespace trapline::gateway {

// A column that rows may have a cell of.
struct TableColumn {
  protocol::Oid oid;
  std::string title;  // its label, or its number
};

// Not synchronised.
class TableRows {
 public:
  // What `names` ask for: a column stands for itself, a table or an entry for the columns that the
  // built-in MIB knows below it and those that turn up.
  explicit TableRows(const std::vector<protocol::Oid>& names);

  // The subtrees to be walked.
  [[nodiscard]] const std::vector<protocol::Oid>& roots() const { return roots_; }
  // Puts a value where it belongs; one that belongs nowhere is left out.
  void add(PolledVarBind value);

  [[nodiscard]] const std::vector<TableColumn>& columns() const { return columns_; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // A line of titles and one for each row, columns aligned: "?" where a row has no cell.
  [[nodiscard]] std::string text() const;
  // One JSON object for each row: host (unless empty), index, and the cells it has by their titles.
  [[nodiscard]] std::vector<std::string> json(std::string_view host) const;

 private:
  struct InAgentsOrder {
    bool operator()(const protocol::Oid& a, const protocol::Oid& b) const {
      return protocol::lexicographic_order(a, b) < 0;
    }
  };
  using Cells = std::map<std::size_t, PolledVarBind>;  // by place in columns_

  void add_root(const protocol::Oid& name);
  std::size_t add_column(protocol::Oid oid);
  // The column of `name`, and its octets; nothing when there is none.
  [[nodiscard]] const TableColumn* column_of(protocol::OidView name, std::size_t& place);

  std::vector<protocol::Oid> roots_;
  std::vector<protocol::Oid> entries_;  // of whole tables: what columns stand below
  std::vector<TableColumn> columns_;
  std::map<protocol::Oid, Cells, InAgentsOrder> rows_;  // by index
};

}  // namespace trapline::gateway
