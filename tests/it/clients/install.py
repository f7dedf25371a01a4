#!/usr/bin/env python3
"""Builds the clients of the integration tests: real X-Ray SDKs, unmodified, in small programs.

    install.py --cache DIR [python|node|java|go|all|deploy]...

`all`, which is also meant when nothing is named, are the clients. `deploy` is not one of them: it
is the tools that judge the files of deploy/.

Each client ends up in DIR/<client>-<hash of its sources>, so a change to a program or to a pin
makes a new folder and whoever runs from the old one is not disturbed. A folder is complete when it
holds MARKER, which is written last. A second run finds the markers and does nothing more; two runs
at once are kept apart by a lock on each client. Building one removes what nobody asked for in the
last UNUSED_DAYS_MAX days.

Progress and failures go to standard error, one line for each step. Standard output gets one JSON
object, also when some client could not be built; that one is then absent and the status is 1:

    {"python": {"run": ["…/venv/bin/python", "-I", "…/send.py"]}, …}

What has to be there already is in NEEDS; packages come from where each package client looks by
default. Without --cache the environment variable FLUORO_CLIENTS_CACHE names the folder.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

SOURCES = pathlib.Path(__file__).resolve().parent
MARKER = ".complete"
STEP_SECS_MAX = 900
UNUSED_DAYS_MAX = 7
OUTPUT_LINES_MAX = 30
# What the package clients leave behind when somebody runs them in the sources.
LEFTOVERS = ("__pycache__", "node_modules", "target")

NEEDS = {
    "python": {},
    "node": {"node": "Node.js 20 or later", "npm": "npm 10 or later"},
    "java": {"java": "a JDK, 17 or later", "javac": "a JDK, 17 or later",
             "mvn": "Maven 3.8 or later"},
    "go": {"go": "Go 1.26 or later"},
    "deploy": {"go": "Go 1.26 or later"},
}
CLIENTS = ("python", "node", "java", "go")
# The newest that Go 1.26 builds.
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.2"


class Failure(Exception):
    """Says why one client could not be built."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    options = parse_arguments()
    if sys.version_info < (3, 11):
        sys.exit(f"needs Python 3.11 or later, this is {sys.version.split()[0]}")
    options.cache.mkdir(parents=True, exist_ok=True)
    programs = {}
    failed = False
    for client in options.clients:
        try:
            programs.update(PROGRAMS[client](install(client, options.cache)))
        except (Failure, OSError) as failure:
            failed = True
            say(f"{client}: FAILED: {failure}")
    print(json.dumps({name: {"run": [str(word) for word in run]}
                      for name, run in programs.items()}))
    return 1 if failed else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description="Builds the clients of the integration tests.")
    parser.add_argument("--cache", type=pathlib.Path, metavar="DIR",
                        default=os.environ.get("FLUORO_CLIENTS_CACHE"))
    parser.add_argument("clients", nargs="*", metavar="|".join([*NEEDS, "all"]))
    options = parser.parse_args()
    if not options.cache:
        parser.error("say where to install: --cache DIR or FLUORO_CLIENTS_CACHE")
    if unknown := set(options.clients) - {*NEEDS, "all"}:
        parser.error(f"no such client: {', '.join(sorted(unknown))}")
    if not options.clients or "all" in options.clients:
        options.clients = [*CLIENTS, *(["deploy"] if "deploy" in options.clients else [])]
    options.cache = options.cache.resolve()
    return options


def install(client, cache):
    """Returns the folder of a complete client, building it first where needed."""
    folder = cache / f"{client}-{fingerprint(client)}"
    if is_complete(folder):
        return folder
    with locked(client, cache) as lock:
        # Whoever held the lock before us may have built what we want.
        if is_complete(folder):
            return folder
        check_tools(client)
        started = time.monotonic()
        if folder.exists():
            shutil.rmtree(folder)  # A build was cut short.
        shutil.copytree(SOURCES / client, folder, ignore=shutil.ignore_patterns(*LEFTOVERS))
        BUILDS[client](folder, Steps(client, folder, lock))
        (folder / MARKER).touch()
        say(f"{client}: complete after {time.monotonic() - started:.1f} s")
        remove_unused(client, cache)
    return folder


def is_complete(folder):
    """Looks for the marker and notes, as its time, that the folder is in use."""
    try:
        os.utime(folder / MARKER)
    except FileNotFoundError:
        return False
    return True


def remove_unused(client, cache):
    for folder in cache.glob(f"{client}-*"):
        used = folder / MARKER if (folder / MARKER).exists() else folder
        if time.time() - used.stat().st_mtime > UNUSED_DAYS_MAX * 86_400:
            shutil.rmtree(folder)


def fingerprint(client):
    """Hashes all that decides what is built: the sources, this recipe, and for Python itself."""
    sources = [path for path in sorted((SOURCES / client).rglob("*"))
               if path.is_file() and not set(path.parts) & set(LEFTOVERS)]
    digest = hashlib.sha256()
    for path in [pathlib.Path(__file__).resolve(), *sources]:
        text = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES)} {len(text)}\n".encode())
        digest.update(text)
    if client in ("python", "deploy"):
        # A virtual environment refers to the interpreter it was made with.
        digest.update(f"{sys.version} {sys.executable}".encode())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def locked(client, cache):
    """Holds the lock of a client. It dies with its holders, so it is never left behind."""
    with open(cache / f"{client}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{client}: waiting for another run")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def check_tools(client):
    missing = [f"`{tool}` ({need})" for tool, need in NEEDS[client].items()
               if shutil.which(tool) is None]
    if missing:
        raise Failure(f"not found on PATH: {', '.join(missing)}")


class Steps:
    """Runs the commands of one build in its folder and says how long each took."""

    def __init__(self, client, folder, lock):
        self.client = client
        self.folder = folder
        self.lock = lock

    def run(self, title, command, **environment):
        command = [str(word) for word in command]
        started = time.monotonic()
        try:
            # The command shares the lock: should this program be killed while the command goes
            # on, nobody else touches the folder until that has ended too.
            done = subprocess.run(
                command, cwd=self.folder, env={**os.environ, **environment},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", errors="replace", timeout=STEP_SECS_MAX, check=False,
                pass_fds=[self.lock.fileno()])
        except subprocess.TimeoutExpired as expired:
            raise Failure(f"{title}: `{' '.join(command)}` was stopped after "
                          f"{STEP_SECS_MAX} s") from expired
        if done.returncode != 0:
            tail = "\n".join(done.stdout.splitlines()[-OUTPUT_LINES_MAX:])
            raise Failure(f"{title}: `{' '.join(command)}` ended with status "
                          f"{done.returncode} and said:\n{tail}")
        say(f"{self.client}: {title}: {time.monotonic() - started:.1f} s")


def build_python(folder, steps):
    python = folder / "venv" / "bin" / "python"
    steps.run("make the virtual environment", [sys.executable, "-m", "venv", folder / "venv"])
    steps.run("install packages", [
        python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--requirement", "requirements.txt"])
    steps.run("check that the pins agree", [python, "-m", "pip", "check"])


def build_node(_folder, steps):
    steps.run("install packages", [
        "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])


def build_java(_folder, steps):
    steps.run("build and copy dependencies", [
        "mvn", "--batch-mode", "--quiet", "--no-transfer-progress", "-Dmaven.test.skip=true",
        "package"])


def build_go(_folder, steps):
    steps.run("build", [
        "go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
        "-o", "send", "."], CGO_ENABLED="0", GOTOOLCHAIN="local", GOWORK="off")


def build_deploy(folder, steps):
    build_python(folder, steps)
    steps.run("build kustomize", ["go", "install", "-trimpath", "-ldflags=-s -w", KUSTOMIZE],
              CGO_ENABLED="0", GOTOOLCHAIN="local", GOWORK="off", GOBIN=str(folder / "bin"))


def python_programs(folder):
    python = [folder / "venv" / "bin" / "python", "-I"]
    return {
        "python": [*python, folder / "send.py"],
        "python-chain": [*python, folder / "chain.py"],
        "python-read": [*python, folder / "read.py"],
        "python-conform": [*python, folder / "conform.py"],
        "cli": [*python, "-m", "awscli"],
    }


def node_programs(folder):
    return {"node": ["node", folder / "send.js"], "node-read": ["node", folder / "read.js"]}


def java_programs(folder):
    # One short run: the plain collector and the first compiler start soonest.
    java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
            f"{folder / 'target' / 'send.jar'}:{folder / 'target' / 'lib'}/*"]
    return {"java": [*java, "Send"], "java-read": [*java, "Read"]}


def go_programs(folder):
    return {"go": [folder / "send"]}


def deploy_programs(folder):
    return {"deploy": [folder / "venv" / "bin" / "python", "-I", folder / "check.py",
                       "--kustomize", folder / "bin" / "kustomize"]}


BUILDS = {"python": build_python, "node": build_node, "java": build_java, "go": build_go,
          "deploy": build_deploy}
PROGRAMS = {"python": python_programs, "node": node_programs, "java": java_programs,
            "go": go_programs, "deploy": deploy_programs}

if __name__ == "__main__":
    sys.exit(main())
