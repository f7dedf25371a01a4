"""Holds tables of calls and answers against servers, through boto3, and prints one JSON object.

    conform.py TABLE=ENDPOINT...

For each table it prints its cases, what failed, and every answer of an operation as it came, for
other clients to read.

A table is text, in paragraphs. One that begins with `#` is a remark; any other is a case:

    CreateGroup {"GroupName": "slow",
                 "FilterExpression": "responsetime > 5"}
    => 200 {"Group": {"GroupARN": "${arn}", "...": true}}

    GetGroup {"GroupName": "other"}
    => 400 InvalidRequestException Group not found

What is called is an operation, its parameters as JSON behind it, or `POST` with a path and a body
that is sent as it stands. `3 * ` in front calls three times. Behind `=>` stands the answer: the
status and the whole body, or the status, the code, the message and, where the body has more,
`+ {…}` with that. With `=>~` the call is repeated until the answer fits, for WAIT_SECS.

In both: `${now}` `${now-60}` are seconds since the epoch, `${trace:x}` is an id of a trace that is
named x, `${trace:#}` another one in each call, `${n}` counts the calls of a case from one, `${x}` is what an earlier answer had in the
place where `"${x}"` stood first. Documents of segments may stand as JSON.

In an answer: `*` in a text is any text; `"<any>"` is anything but null, `"<number>"` any number,
`"<now>"` a time of now, a few minutes more or less; `"...": true` in an object allows members
that are not named; `"<unordered>"` as the first of a list says that the order may be another; `"<7 items>"` is a list of
seven; null and an absent member are different.

Every answer is also judged by the model of the service that boto3 brings: each member must be one
that it knows, of its type, and within its limits; each member that it knows must be there, if only
as null; and what boto3's own parser makes of it must not have less.

Environment: none is read.
"""

import collections
import fnmatch
import hashlib
import http.client
import json
import re
import sys
import time
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

WAIT_SECS = 20
WAIT_PAUSE_SECS = 0.1
NOW_SLACK_SECS = 900
NUMBER_SLACK = 1e-6
# What AWS sends and its own model does not know.
BEYOND_MODEL = {"MatchedService", "MatchedEdge", "HostedIn", "KeyAttributes", "Region"}
# What AWS leaves out when there is none; everything else is null then.
LEFT_OUT = {"SamplingRateBoost", "SamplingBoost", "EdgeType", "ReceivedEventAgeHistogram",
            "DisableDefaultAnomalyDetection", "UnprocessedBoostStatistics"}
# What AWS sends beyond the limits of its own model: the priority of the rule Default.
UNLIMITED = {"Priority"}
LOWER_CASE_MESSAGE = {"ValidationException", "InternalFailure", "UnknownOperationException"}
TYPES = {"string": str, "integer": int, "long": int, "double": (int, float),
         "float": (int, float), "timestamp": (int, float), "boolean": bool, "list": list,
         "map": dict, "structure": dict}

Case = collections.namedtuple("Case", "line count call text status rest is_repeated")
Answer = collections.namedtuple("Answer", "status code body text parsed_problems")


class Misfit(Exception):
    """Says where an answer is not what it must be."""


def main():
    report = {}
    for argument in sys.argv[1:]:
        table, endpoint = argument.rsplit("=", 1)
        report[table] = Table(table, endpoint).run()
    print(json.dumps(report))


def read_cases(path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    cases, begin = [], 0
    for end in range(len(lines) + 1):
        if end == len(lines) or not lines[end].strip():
            if begin < end and not lines[begin].startswith("#"):
                cases.append(read_case(begin + 1, lines[begin:end]))
            begin = end + 1
    return cases


def read_case(line, lines):
    text = "\n".join(lines)
    asked, arrow, answer = text.partition("\n=>")
    if not arrow:
        raise SystemExit(f"line {line}: a case without an answer")
    is_repeated = answer.startswith("~")
    status, _, rest = answer.removeprefix("~").strip().partition(" ")
    count = 1
    if counted := re.match(r"(\d+) \* ", asked):
        count, asked = int(counted[1]), asked[counted.end():]
    call, _, parameters = asked.partition(" ")
    return Case(line, count, call, parameters.strip() or "{}", int(status), rest.strip(),
                is_repeated)


class Table:
    """One table and the server that it is held against."""

    def __init__(self, path, endpoint):
        self.cases = read_cases(path)
        self.endpoint = endpoint
        self.names = {}
        self.now = int(time.time())
        self.client = boto3.client(
            "xray", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
            config=Config(proxies={}, retries={"total_max_attempts": 1}, connect_timeout=5,
                          read_timeout=60, parameter_validation=False))
        self.model = self.client.meta.service_model
        self.body = None
        self.client.meta.events.register("before-parse.xray", self.keep_body)

    def keep_body(self, response_dict, **_):
        self.body = response_dict["body"]

    def run(self):
        answers, failures = [], []
        for case in self.cases:
            for number in range(1, case.count + 1):
                self.names["n"] = str(number)
                failure = self.hold(case, answers)
                if failure:
                    failures.append(f"line {case.line}: {case.call}: {failure}")
                    break
        operations = {answer["operation"] for answer in answers}
        return {"cases": len(self.cases), "failures": failures, "answers": answers,
                "errors": {name: self.errors_of(name) for name in operations}}

    def errors_of(self, operation):
        return [error.error_code for error in self.model.operation_model(operation).error_shapes]

    def hold(self, case, answers):
        """Calls and returns what does not fit, or nothing."""
        until = time.monotonic() + WAIT_SECS
        while True:
            try:
                answer = self.call(case)
                self.judge(case, answer)
                if case.call in self.model.operation_names:
                    answers.append({"operation": case.call, "status": answer.status,
                                    "code": answer.code, "body": answer.text})
                return None
            except Misfit as misfit:
                if not case.is_repeated or time.monotonic() > until:
                    return str(misfit)
            time.sleep(WAIT_PAUSE_SECS)

    def call(self, case):
        text = self.filled(case.text, is_asked=True)
        if case.call == "POST":
            path, _, body = text.partition(" ")
            return self.post(path, body)
        parameters = with_texts(read_json(text))
        # The method takes members by name, as the model spells them.
        method = self.client._make_api_call
        try:
            parsed = method(case.call, parameters)
        except ClientError as refusal:
            status = refusal.response["ResponseMetadata"]["HTTPStatusCode"]
            code = refusal.response["Error"]["Code"]
            return Answer(status, code, read_json(self.body), self.body.decode(), [])
        raw = read_json(self.body)
        shape = self.model.operation_model(case.call).output_shape
        problems = list(by_model(shape, raw, case.call)) if shape else []
        parsed.pop("ResponseMetadata")
        problems += list(lost(raw, parsed, case.call))
        return Answer(200, None, raw, self.body.decode(), problems)

    def post(self, path, body):
        address = urllib.parse.urlparse(self.endpoint)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("POST", path, body.encode(), {"Content-Type": "application/json"})
        response = connection.getresponse()
        code = response.getheader("x-amzn-errortype")
        text = response.read().decode()
        return Answer(response.status, code, read_json(text), text, [])

    def judge(self, case, answer):
        if answer.parsed_problems:
            raise Misfit("; ".join(answer.parsed_problems))
        if answer.status != case.status:
            raise Misfit(f"status {answer.status}, {answer.code}: {json.dumps(answer.body)}")
        if case.status == 200:
            self.fit(read_json(self.filled(case.rest)), answer.body, "")
        else:
            self.judge_refusal(self.filled(case.rest), answer)

    def judge_refusal(self, wanted, answer):
        wanted, _, more = wanted.partition(" + {")
        code, _, message = wanted.partition(" ")
        member = "message" if code in LOWER_CASE_MESSAGE else "Message"
        body = {member: message, **(read_json("{" + more) if more else {})}
        if answer.code != code:
            raise Misfit(f"{answer.code}: {json.dumps(answer.body)}")
        self.fit(body, answer.body, "")

    def filled(self, text, is_asked=False):
        def fill(found):
            name = found[1]
            if time_of := re.fullmatch(r"now([+-]\d+)?", name):
                return str(self.now + int(time_of[1] or 0))
            if name.startswith("trace:"):
                name = name.replace("#", self.names["n"])
                digest = hashlib.sha256(f"{self.endpoint} {name}".encode()).hexdigest()
                return f"1-{self.now:08x}-{digest[:24]}"
            if is_asked and name not in self.names:
                raise Misfit(f"nothing was kept as {name}")
            return self.names.get(name, found[0])
        return re.sub(r"\$\{([^}]+)\}", fill, text)

    def fit(self, wanted, got, place):
        """Compares an answer, a part at a time."""
        if isinstance(wanted, dict):
            self.fit_object(wanted, got, place)
        elif isinstance(wanted, list):
            self.fit_list(wanted, got, place)
        elif isinstance(wanted, str):
            self.fit_text(wanted, got, place)
        elif isinstance(wanted, bool) or wanted is None:
            expect(got is wanted, wanted, got, place)
        else:
            is_number = isinstance(got, (int, float)) and not isinstance(got, bool)
            expect(is_number and abs(got - wanted) <= NUMBER_SLACK, wanted, got, place)

    def fit_object(self, wanted, got, place):
        expect(isinstance(got, dict), wanted, got, place)
        wanted = dict(wanted)
        if not wanted.pop("...", False):
            expect(set(wanted) == set(got), sorted(wanted), sorted(got), f"members of {place}")
        for key, value in wanted.items():
            expect(key in got, key, sorted(got), f"members of {place}")
            self.fit(value, got[key], f"{place}.{key}")

    def fit_list(self, wanted, got, place):
        expect(isinstance(got, list), wanted, got, place)
        is_unordered = wanted[:1] == ["<unordered>"]
        wanted = wanted[1:] if is_unordered else wanted
        expect(len(wanted) == len(got), wanted, got, place)
        if not is_unordered:
            for index, pair in enumerate(zip(wanted, got)):
                self.fit(*pair, f"{place}[{index}]")
            return
        left = list(got)
        for one in wanted:
            at = next((at for at, other in enumerate(left) if self.fits(one, other)), None)
            expect(at is not None, one, left, place)
            left.pop(at)

    def fits(self, wanted, got):
        try:
            self.fit(wanted, got, "")
        except Misfit:
            return False
        return True

    def fit_text(self, wanted, got, place):
        is_number = isinstance(got, (int, float)) and not isinstance(got, bool)
        if wanted == "<any>":
            expect(got is not None, wanted, got, place)
        elif wanted == "<number>":
            expect(is_number, wanted, got, place)
        elif wanted == "<now>":
            expect(is_number and abs(got - time.time()) < NOW_SLACK_SECS, wanted, got, place)
        elif items := re.fullmatch(r"<(\d+) items>", wanted):
            is_list = isinstance(got, list) and len(got) == int(items[1])
            expect(is_list, wanted, got, place)
        elif kept := re.fullmatch(r"\$\{(\w+)\}", wanted):
            expect(isinstance(got, str), wanted, got, place)
            self.names[kept[1]] = got
        else:
            pattern = wanted.replace("[", "[[]").replace("?", "[?]")
            expect(isinstance(got, str) and fnmatch.fnmatchcase(got, pattern), wanted, got, place)


def expect(holds, wanted, got, place):
    if not holds:
        raise Misfit(f"{place or 'the answer'} is {json.dumps(got)}, not {json.dumps(wanted)}")


def read_json(text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise Misfit(f"no JSON ({error}): {text!r}") from error


def with_texts(parameters):
    documents = parameters.get("TraceSegmentDocuments") if isinstance(parameters, dict) else None
    if isinstance(documents, list):
        parameters["TraceSegmentDocuments"] = [
            json.dumps(one) if isinstance(one, dict) else one for one in documents]
    return parameters


def by_model(shape, value, place):
    """Yields what the service's model has against a value."""
    if value is None:
        return
    kind = shape.type_name
    if not isinstance(value, TYPES[kind]) or isinstance(value, bool) != (kind == "boolean"):
        yield f"{place} is {json.dumps(value)}, which is no {kind}"
    elif kind == "structure":
        yield from structure_by_model(shape, value, place)
    elif kind == "list":
        yield from limits(shape, len(value), place)
        for index, item in enumerate(value):
            yield from by_model(shape.member, item, f"{place}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from by_model(shape.value, item, f"{place}.{key}")
    elif kind == "string":
        yield from text_by_model(shape, value, place)
    elif kind != "boolean":
        yield from limits(shape, value, place)


def structure_by_model(shape, value, place):
    if shape.metadata.get("union"):
        value = {key: item for key, item in value.items() if item is not None}
        if len(value) != 1:
            yield f"{place} has {sorted(value)}, and is a union"
    else:
        for key in sorted(set(shape.members) - set(value) - LEFT_OUT):
            yield f"{place} has no {key}"
    for key, item in value.items():
        if key in shape.members:
            if item is None and key in shape.required_members:
                yield f"{place}.{key} is null"
            if key not in UNLIMITED:
                yield from by_model(shape.members[key], item, f"{place}.{key}")
        elif key not in BEYOND_MODEL:
            yield f"{place} has {key}, which the model does not know"


def text_by_model(shape, value, place):
    yield from limits(shape, len(value), place)
    if shape.enum and value not in shape.enum:
        yield f"{place} is {value!r}, not one of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield f"{place} is {value!r}, not like {pattern}"


def limits(shape, size, place):
    if size < shape.metadata.get("min", size) or size > shape.metadata.get("max", size):
        yield f"{place} is of size {size}, beyond {shape.metadata}"


def lost(raw, parsed, place):
    """Yields what the client's parser did not hand on."""
    if isinstance(raw, dict) and isinstance(parsed, dict):
        for key, value in raw.items():
            if value is None or key in BEYOND_MODEL:
                continue
            if key not in parsed:
                yield f"{place}.{key} was lost on the way"
            else:
                yield from lost(value, parsed[key], f"{place}.{key}")
    elif isinstance(raw, list) and isinstance(parsed, list):
        if len(raw) != len(parsed):
            yield f"{place} lost items on the way"
        for index, pair in enumerate(zip(raw, parsed)):
            yield from lost(*pair, f"{place}[{index}]")


if __name__ == "__main__":
    main()
