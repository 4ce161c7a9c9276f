"""Run web server, Celery worker and beat against given services; one ends, all end."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from types import FrameType

from tools.serve import HOST, gunicorn_command, port_problem
from tools.services import end_with_parent

NEEDED = {
    "DATABASE_URL": "postgres://USER:PASSWORD@HOST:5432/NAME",
    "REDIS_URL": "redis://HOST:6379/0",
    "SECRET_KEY": "a long random text, the same on every machine",
}
STOP_SECONDS = 30


def missing_variables(environment: dict[str, str]) -> list[str]:
    """Return one sentence per variable that is needed and not set."""
    return [
        f"{name} is not set: give it, for instance {name}={shlex.quote(example)}."
        for name, example in NEEDED.items()
        if not environment.get(name)
    ]


def commands(bind: str) -> dict[str, list[str]]:
    """Return what to run, by name. The beat is one per installation, wherever workers run."""
    celery = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
    workers = int(os.environ.get("WEB_WORKERS", "2"))
    jobs = os.environ.get("JOB_WORKERS", "2")
    return {
        "web": gunicorn_command(bind, workers=workers, threads=8),
        "worker": [*celery, "worker", "--loglevel", "info", "--concurrency", jobs],
        "beat": [*celery, "beat", "--loglevel", "info", "--pidfile="],
    }


def supervise(programs: dict[str, list[str]]) -> int:
    """Run all until one ends or a signal comes; then stop the rest. Return the exit status."""
    running: dict[str, subprocess.Popen] = {}
    ended: str | None = None
    try:
        for name, command in programs.items():
            running[name] = subprocess.Popen(
                command, start_new_session=True, preexec_fn=end_with_parent(signal.SIGTERM)
            )
        while ended is None:
            time.sleep(0.2)
            ended = next((name for name, p in running.items() if p.poll() is not None), None)
    finally:
        _stop(list(running.values()))
    print(f"error: {ended} ended with status {running[ended].returncode}.", file=sys.stderr)
    return 1


def _stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            # With its group: a worker's children would otherwise go on without it.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the portal on PostgreSQL and Redis.")
    parser.add_argument("--check-only", action="store_true", help="only say what is missing")
    options = parser.parse_args()

    bind, port = os.environ.get("BIND"), os.environ.get("PORT", "8000")
    problems = missing_variables(dict(os.environ))
    if not problems and bind is None:
        problems = list(filter(None, [port_problem(int(port), "make up")]))
    if problems:
        for sentence in problems:
            print(f"error: {sentence}", file=sys.stderr)
        return 1
    if options.check_only:
        return 0

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    migrated = subprocess.run([sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"])
    if migrated.returncode:
        print("error: the database of DATABASE_URL could not be prepared.", file=sys.stderr)
        return 1
    bind = bind or f"{HOST}:{port}"
    print(f"Web server on {bind}, with a worker and beat (Ctrl C stops all).", flush=True)
    return supervise(commands(bind))


if __name__ == "__main__":
    sys.exit(main())
