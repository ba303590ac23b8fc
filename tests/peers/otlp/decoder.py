"""Reads files of one OTLP/HTTP request body in JSON each, as an OpenTelemetry collector would, and
prints a JSON line per log record.

usage: decoder.py FILE...
"""

import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2


def main():
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            octets = file.read()
        request = logs_service_pb2.ExportLogsServiceRequest()
        try:
            json_format.Parse(octets, request)
        except (json_format.ParseError, UnicodeDecodeError) as wrong:
            sys.exit(f"{path}: {wrong}: {octets[:300]!r}")
        for resource in request.resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    print(json.dumps({
                        "resource": {each.key: each.value.string_value
                                     for each in resource.resource.attributes},
                        "scope": scope.scope.name,
                        "time": record.time_unix_nano,
                        "observed": record.observed_time_unix_nano,
                        "severity": record.severity_number,
                        "severity_text": record.severity_text,
                        "body": record.body.string_value,
                        "attributes": {each.key: each.value.string_value
                                       for each in record.attributes},
                    }))


main()
