"""Serve the demo on this machine: one process, jobs drained inside it."""

import argparse
import errno
import os
import socket
import sys

HOST = "127.0.0.1"


def port_problem(port: int, command: str = "make demo") -> str | None:
    """Return why nothing can listen on `port` of this machine, or None."""
    if not 1 <= port <= 65535:
        return f"PORT must be between 1 and 65535, not {port}."
    with socket.socket() as probe:
        # As gunicorn does: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port + 1 if port < 65535 else port - 1
                return (
                    f"Port {port} is in use by another program:"
                    f" choose another, for instance `PORT={other} {command}`."
                )
            return f"Port {port} cannot be used: {error.strerror}. Try `PORT=8001 {command}`."
    return None


def gunicorn_command(bind: str, *, workers: int, threads: int) -> list[str]:
    """Return the command of the web server, with the settings that every way of serving shares."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", bind]
    command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
    return [*command, "--timeout", "60", "--log-level", "warning", "--no-control-socket"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the demo on this machine.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--check-only", action="store_true", help="only say if the port is free")
    options = parser.parse_args()

    problem = port_problem(options.port)
    if problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    if options.check_only:
        return 0

    print(f"\n  The portal runs at http://{HOST}:{options.port}/ (Ctrl C stops it).")
    print("  The sign-in page lists the demo accounts and their password.\n", flush=True)
    # More than one process would sweep the same outbox and fight for SQLite's one writer.
    command = gunicorn_command(f"{HOST}:{options.port}", workers=1, threads=8)
    os.environ.setdefault("DEMO", "1")
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
