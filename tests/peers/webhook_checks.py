"""The published limits of webhook destinations, as code: check(FORMAT, body) raises ValueError or
KeyError for a body that the destination would refuse.

As a program it checks files of one body each: webhook_checks.py FORMAT FILE...
"""

import json
import re
import sys
from datetime import datetime

ENTITIES = re.compile(r"&(?!amp;|lt;|gt;)")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def require(holds, words):
    if not holds:
        raise ValueError(words)


def text(value, least, most, words):
    require(isinstance(value, str) and least <= len(value) <= most, words)
    return len(value)


def slack_markup(value, words):
    """What Slack reads as a link or a mention must have been escaped."""
    require("<" not in value and ">" not in value, words + " holds markup")
    require(not ENTITIES.search(value), words + " holds a bare ampersand")


def slack_text(value, most, words, kinds=("plain_text", "mrkdwn")):
    require(set(value) <= {"type", "text", "emoji", "verbatim"}, words + " has unknown fields")
    require(value["type"] in kinds, words + " is of another type")
    if value["type"] == "mrkdwn":
        slack_markup(value["text"], words)
    return text(value["text"], 1, most, words)


def slack_block(block):
    if block["type"] == "header":
        return slack_text(block["text"], 150, "header", ("plain_text",))
    if block["type"] == "section":
        fields = block.get("fields", [])
        require("text" in block or fields, "section without text")
        require(len(fields) <= 10, "section fields")
        count = sum(slack_text(field, 2_000, "section field") for field in fields)
        return count + (slack_text(block["text"], 3_000, "section") if "text" in block else 0)
    require(block["type"] == "context", "a block that incoming webhooks do not know")
    require(1 <= len(block["elements"]) <= 10, "context elements")
    return sum(slack_text(element, 3_000, "context") for element in block["elements"])


def check_slack(body):
    known = {"text", "blocks", "attachments", "thread_ts", "mrkdwn", "unfurl_links"}
    require(set(body) <= known, "invalid_payload")
    count = text(body["text"], 1, 40_000, "text")
    slack_markup(body["text"], "text")
    require(1 <= len(body["blocks"]) <= 50, "blocks")
    for block in body["blocks"]:
        require(len(block.get("block_id", "")) <= 255, "block_id")
        count += slack_block(block)
    require(count <= 13_200, "msg_too_long")


def check_pagerduty(body):
    known = {"routing_key", "event_action", "dedup_key", "payload", "client", "client_url", "links",
             "images"}
    require(set(body) <= known, "unknown fields")
    require(len(json.dumps(body, ensure_ascii=False).encode()) <= 512 * 1024, "above 512 KB")
    text(body["routing_key"], 1, 32, "routing_key")
    require(body["event_action"] in ("trigger", "acknowledge", "resolve"), "event_action")
    text(body["dedup_key"], 1, 255, "dedup_key")
    text(body.get("client", ""), 0, 1_024, "client")
    payload = body["payload"]
    known = {"summary", "source", "severity", "timestamp", "component", "group", "class",
             "custom_details"}
    require(set(payload) <= known, "unknown fields in payload")
    text(payload["summary"], 1, 1_024, "summary")
    text(payload["source"], 1, 1_024, "source")
    require(payload["severity"] in ("critical", "error", "warning", "info"), "severity")
    datetime.fromisoformat(payload["timestamp"].replace("Z", "+00:00"))
    for name in ("component", "group", "class"):
        text(payload.get(name, ""), 0, 1_024, name)
    require(isinstance(payload.get("custom_details", {}), dict), "custom_details")


def check_teams(body):
    require(len(json.dumps(body, ensure_ascii=False).encode()) <= 28 * 1024, "above 28 KB")
    require(body["type"] == "message", "type")
    require(len(body["attachments"]) == 1, "attachments")
    attachment = body["attachments"][0]
    require(attachment["contentType"] == "application/vnd.microsoft.card.adaptive", "contentType")
    card = attachment["content"]
    require(card["type"] == "AdaptiveCard", "card type")
    for block in card["body"]:
        # A TextBlock would read markup.
        require(block["type"] == "RichTextBlock", "block type")
        for run in block["inlines"]:
            require(run["type"] == "TextRun" and isinstance(run["text"], str), "inline")


def check_alertmanager(body):
    for alert in body:
        require(set(alert) <= {"labels", "annotations", "startsAt", "endsAt", "generatorURL"},
                "unknown fields")
        require(alert["labels"].get("alertname"), "alertname")
        for name in list(alert["labels"]) + list(alert["annotations"]):
            require(LABEL.match(name), "a name that is none")
        starts = datetime.fromisoformat(alert["startsAt"].replace("Z", "+00:00"))
        if "endsAt" in alert:
            ends = datetime.fromisoformat(alert["endsAt"].replace("Z", "+00:00"))
            require(ends >= starts, "ends before it starts")


def check_otlp(body):
    for resource in body["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            for record in scope["logRecords"]:
                require(record["timeUnixNano"].isdigit(), "timeUnixNano is no string of digits")
                require(1 <= record["severityNumber"] <= 24, "severityNumber")
                require(len(record["body"]) == 1, "body is not one value")
                for attribute in record["attributes"]:
                    require(attribute["key"] and len(attribute["value"]) == 1, "attribute")


CHECKS = {"slack": check_slack, "pagerduty": check_pagerduty, "teams": check_teams,
          "alertmanager": check_alertmanager, "otlp": check_otlp}


def parse(octets):
    """JSON in strict UTF-8, without a key that stands twice."""
    def pairs(items):
        names = [name for name, _ in items]
        require(len(names) == len(set(names)), "a key stands twice")
        return dict(items)

    return json.loads(octets.decode("utf-8"), object_pairs_hook=pairs)


def check(kind, body):
    CHECKS.get(kind, lambda _: None)(body)


def main():
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            octets = file.read()
        try:
            check(sys.argv[1], parse(octets))
        except (ValueError, KeyError, TypeError) as wrong:
            sys.exit(f"{path}: {type(wrong).__name__}: {wrong}: {octets[:300]!r}")


if __name__ == "__main__":
    main()
