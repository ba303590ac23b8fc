"""The figures, and how they compare with their budgets."""

import statistics

HEAD = ("measure", "value", "unit", "next to", "its value", "ratio", "of pairs", "budget", "")


def median(values):
    """The middle value; of an even number, the mean of the middle two."""
    return statistics.median(values)


def number(value):
    """Three significant digits or whole numbers: what the runs can tell."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Table:
    """Rows in the order measured. A row's ratio is the median of the ratios of the pairs."""

    def __init__(self):
        self.rows = []

    def add(self, what, unit, ours, reference, values, references, budget=None, note=""):
        """One comparison: `values` and `references` by pair, in `unit`.

        `budget` is ("<=", limit) or (">=", limit) for the ratio, or nothing. `note` tells of a
        limit that was not ours; "generator" in it makes a missed ">=" budget the generator's.
        """
        ratios = [value / other for value, other in zip(values, references) if other]
        row = {
            "what": what,
            "unit": unit,
            "ours": ours,
            "value": median(values),
            "reference": reference,
            "reference_value": median(references) if references else None,
            "ratio": median(ratios) if ratios else None,
            "ratios": [round(ratio, 3) for ratio in ratios],
            "budget": f"{budget[0]} {budget[1]}" if budget else "",
            "verdict": self._verdict(median(ratios) if ratios else None, budget, note),
            "note": note,
        }
        self.rows.append(row)
        return row

    @staticmethod
    def _verdict(ratio, budget, note):
        if not budget or ratio is None:
            return ""
        direction, limit = budget
        kept = ratio <= limit if direction == "<=" else ratio >= limit
        if kept:
            return "pass"
        return "generator" if direction == ">=" and "generator" in note else "OVER"

    def text(self):
        """All rows as text in columns."""
        lines = [HEAD]
        for row in self.rows:
            spread = f"{min(row['ratios'])}..{max(row['ratios'])}" if row["ratios"] else ""
            lines.append(
                (
                    row["what"] + (f" ({row['note']})" if row["note"] else ""),
                    number(row["value"]),
                    row["unit"],
                    row["reference"],
                    number(row["reference_value"]),
                    number(row["ratio"]),
                    spread,
                    row["budget"],
                    row["verdict"],
                )
            )
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
            for line in lines
        )
