#!/usr/bin/env python3
"""Judges the files of deploy/ with the tools of those who will read them.

    check.py --kustomize PROGRAM ROOT...

For each ROOT, a folder with the shape of deploy/, standard output gets one report in a JSON list:

    {"problems": ["cfn-lint: ecs/…/template.yaml:12: E3012 …"], "checked": {"cfn-lint": 3, …},
     "lacking": ["systemd-analyze: install the package systemd"]}

`problems` is what a reader of a file would stumble over, `checked` says how many files each tool
saw, and `lacking` which tools are not on this machine. The status is 0 whatever the files are like;
it is another one when a tool could not do its work.
"""

import argparse
import json
import logging
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import botocore.session
import botocore.validate
import cfnlint.api
import cfnlint.config
import cfnlint.decode.cfn_yaml
import kubernetes_validate
import parliament
import yaml

KUBERNETES = "1.32"
# Of ten; what has network, files and a user of its own is hardly below one.
EXPOSURE_MAX = 1.5
TOOL_SECS_MAX = 60

# The request that each JSON file of ecs/ is the body of.
ECS_REQUESTS = {"task-definition.json": "RegisterTaskDefinition",
                "app-task-definition.json": "RegisterTaskDefinition",
                "service.json": "CreateService"}


def main():
    parser = argparse.ArgumentParser(description="Judges the files of deploy/.")
    parser.add_argument("--kustomize", type=pathlib.Path, required=True)
    parser.add_argument("roots", type=pathlib.Path, nargs="+", metavar="ROOT")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print(json.dumps([judge(root.resolve(), options.kustomize) for root in options.roots]))


def judge(root, kustomize):
    checks = {
        "cfn-lint": lambda: templates(root),
        "botocore": lambda: requests(root),
        "pairs": lambda: pairs(root),
        "kubernetes-validate": lambda: objects(root, kustomize),
        "parliament": lambda: policies(root),
        "trust": lambda: trusts(root),
    }
    lacking = []
    if shutil.which("systemd-analyze"):
        checks["systemd-analyze"] = lambda: units(root)
    else:
        lacking.append("systemd-analyze: install the package systemd")
    problems, checked = [], {}
    for tool, check in checks.items():
        files = set()
        for path, found in check():
            files.add(path)
            problems.extend(f"{tool}: {path.relative_to(root)}{text}" for text in found)
        checked[tool] = len(files)
    return {"problems": problems, "checked": checked, "lacking": lacking}


# Each check yields (path, problems) for every file that it looks at; a problem begins with `:`.


def templates(root):
    for path in sorted(root.glob("ecs/*/*.yaml")):
        yield path, [*lint(path)]


def lint(path):
    config = cfnlint.config.ManualArgs(regions=["eu-central-1"])
    for match in cfnlint.api.lint_file(path, config=config):
        yield f":{match.linenumber}: {match.rule.id} {match.message}"


def requests(root):
    model = botocore.session.get_session().get_service_model("ecs")
    for path in sorted(root.glob("ecs/*/*.json")):
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as cause:
            yield path, [f": {cause}"]
            continue
        if path.name not in ECS_REQUESTS:
            yield path, [": check.py does not know which request this is"]
            continue
        shape = model.operation_model(ECS_REQUESTS[path.name]).input_shape
        report = botocore.validate.ParamValidator().validate(body, shape)
        found = report.generate_report().splitlines() if report.has_errors() else []
        yield path, [f": {line}" for line in [*found, *strangers(body, shape, "")]]


def strangers(value, shape, where):
    """Yields the words that are not among those a member takes, which botocore leaves to AWS."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in value.items():
            if name in shape.members:
                yield from strangers(member, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for index, member in enumerate(value):
            yield from strangers(member, shape.member, f"{where}[{index}]")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{where[1:]}: {value} is none of {', '.join(shape.enum)}"


def pairs(root):
    """A task is written twice, as JSON and in a template, and must be the same in both."""
    for path in sorted(root.glob("ecs/*/task-definition.json")):
        template = cfnlint.decode.cfn_yaml.load(str(path.with_name("template.yaml")))
        other = template["Resources"]["Task"]["Properties"]
        try:
            task = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue  # Said already.
        yield path, [f": {line}" for line in differences(task, other, "")]


def differences(ours, other, where):
    if is_computed(other):
        return
    if isinstance(ours, dict) and isinstance(other, dict):
        names = {name if "-" in name else name[0].upper() + name[1:]: name for name in ours}
        for name in sorted(names.keys() | set(other)):
            if name in names and name in other:
                yield from differences(ours[names[name]], other[name], f"{where}.{name}")
            else:
                yield f"{where[1:]}: {name} is not in both the JSON and the template"
    elif isinstance(ours, list) and isinstance(other, list) and len(ours) == len(other):
        for index, (one, two) in enumerate(zip(ours, other)):
            yield from differences(one, two, f"{where}[{index}]")
    elif ours != other:
        yield f"{where[1:]}: {ours!r} is {other!r} in the template"


def is_computed(value):
    """Tells whether CloudFormation puts something else in its place."""
    return isinstance(value, dict) and any(name == "Ref" or name.startswith("Fn::")
                                           for name in value)


def objects(root, kustomize):
    for path in sorted(root.glob("eks/**/kustomization.yaml")):
        if yaml.safe_load(path.read_text(encoding="utf-8")).get("kind") == "Component":
            continue  # It is part of what others build.
        built = run([kustomize, "build", path.parent])
        if built.returncode != 0:
            yield path, [f": kustomize: {built.stdout.strip()}"]
            continue
        yield path, [text for thing in yaml.safe_load_all(built.stdout) for text in schema(thing)]


def schema(thing):
    name = f"{thing.get('kind')}/{thing.get('metadata', {}).get('name')}"
    try:
        kubernetes_validate.validate(thing, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as cause:
        where = ".".join(str(part) for part in cause.path)
        yield f": {name}: {where}: {cause.message}"
    except kubernetes_validate.InvalidSchemaError as cause:
        yield f": {name}: {cause}"


def policies(root):
    for path in sorted(root.glob("iam/*.json")):
        if path.name.startswith("trust-"):
            continue
        findings = parliament.analyze_policy_string(path.read_text(encoding="utf-8")).findings
        yield path, [f": {finding.issue} {finding.detail}" for finding in findings]


def trusts(root):
    """Who may take a role is no policy to parliament; cfn-lint knows it as a part of a role."""
    for path in sorted(root.glob("iam/trust-*.json")):
        with tempfile.TemporaryDirectory() as folder:
            template = pathlib.Path(folder) / "template.json"
            text = path.read_text(encoding="utf-8")
            template.write_text(ROLE % text, encoding="utf-8")
            found = [*lint(template)]
        yield path, [*found, *provider(text)]


ROLE = """{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {
"AssumeRolePolicyDocument": %s}}}}"""


def provider(text):
    """A condition on another provider than the one that is trusted is never met."""
    trusted = set(re.findall(r'oidc-provider/([^"]+)"', text))
    asked = set(re.findall(r'"([^"]+):(?:aud|sub)"', text))
    for host in sorted(trusted ^ asked):
        yield f": {host} is not both trusted and asked about"


def units(root):
    with tempfile.TemporaryDirectory() as folder:
        # The programs of the units are not installed here, so some other stands for them.
        stand_in = shutil.which("true")
        copies = []
        for path in sorted(root.glob("systemd/*.service")):
            text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={stand_in}",
                          path.read_text(encoding="utf-8"))
            copy = pathlib.Path(folder) / path.name
            copy.write_text(text, encoding="utf-8")
            copies.append((path, copy))
        for path, copy in copies:
            said = run(["systemd-analyze", "verify", "--man=no", copy]).stdout
            # What it says of the units of this machine is not about ours.
            found = [f": {line}" for line in said.splitlines() if path.name in line]
            if path.stem.startswith("fluoro"):
                found += exposure(copy)
            yield path, found


def exposure(path):
    said = run(["systemd-analyze", "security", "--offline=true", "--no-pager", path]).stdout
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    if level is None:
        raise RuntimeError(f"systemd-analyze security said: {said}")
    if float(level[1]) > EXPOSURE_MAX:
        yield f": exposure level {level[1]}, and {EXPOSURE_MAX} is the limit"


def run(command):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          errors="replace", timeout=TOOL_SECS_MAX, check=False)


if __name__ == "__main__":
    sys.exit(main())
