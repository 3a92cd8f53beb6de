"""Follow the README's *Install* and *The first redirect* in a new project.

``install_from_readme.py WHEEL FOLDER`` runs in a virtual environment that has nothing
yet; the wheel stands for the package's name. All commands and changes are read from the
README, so that nothing is said twice.
"""

import os
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import readme  # noqa: E402

PACKAGE = "django-temp-redirects"
PROJECT = "mysite"
SERVER = "http://127.0.0.1:8000"


def run(command: str, folder: Path, wheel: str) -> None:
    """Run a line as it stands, with this Python and the wheel for the package."""
    print(f"$ {command}", flush=True)
    words = [wheel if word == PACKAGE else word for word in shlex.split(command)]
    if words[0] == "pip":
        words = ["python", "-m", *words]
    subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", *words[1:]]
        if words[0] == "python" and words[1] == "manage.py"
        else [sys.executable, *words[1:]],
        cwd=folder,
        check=True,
    )


def patch(diff: str, project: Path) -> None:
    """Apply a diff whose context is only the line before each change."""
    file, lines, at = Path(), [], 0
    for line in diff.splitlines():
        sign, words = line[0], line[1:]
        if words.startswith("# "):
            file = project / words[2:]
            lines, at = file.read_text().splitlines(), 0
        elif sign == "+":
            lines.insert(at, words)
            at += 1
        else:
            at = place(lines, words, at) + 1
            if sign == "-":
                at -= 1
                del lines[at]
        file.write_text("\n".join(lines) + "\n")


def place(lines: list[str], wanted: str, after: int) -> int:
    """Return where a line stands; quotes of either kind are the same."""
    for at in range(after, len(lines)):
        if lines[at].replace("'", '"') == wanted.replace("'", '"'):
            return at
    raise SystemExit(f"A new project has no line {wanted!r}; the README says so.")


def main(wheel: str, folder: Path) -> None:
    """Make a project, follow the README, and ask for the 307."""
    install, migrate = readme.blocks("Install", "sh")
    (diff,) = readme.blocks("Install", "diff")
    add, end = readme.blocks("The first redirect", "sh")
    (shown,) = readme.blocks("The first redirect", "console")

    for command in install.commands:
        run(command, folder, wheel)
    run(f"python -m django startproject {PROJECT} .", folder, wheel)
    patch(diff.text, folder / PROJECT)
    for command in [*migrate.commands, "python manage.py check --fail-level WARNING"]:
        run(command, folder, wheel)
    for command in add.commands:
        run(command, folder, wheel)

    port = free_port()
    serve = [sys.executable, "manage.py", "runserver", "--noreload", str(port)]
    with subprocess.Popen(serve, cwd=folder, env=os.environ) as server:
        try:
            here = f"http://127.0.0.1:{port}"
            wait_for(f"{here}/admin/login/")
            expect(shown.text, here)
            for command in end.commands:
                run(command, folder, wheel)
            time.sleep(2)
            expect_gone(shown.text, here)
        finally:
            server.terminate()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    """Return when the server answers."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The new project does not answer.")


def ask(shown: str, here: str) -> str:
    """Run the curl line that is shown, at the port of the new project."""
    command = shown.splitlines()[0].removeprefix("$ ").replace(SERVER, here)
    print(f"$ {command}", flush=True)
    done = subprocess.run(
        shlex.split(command), check=True, capture_output=True, text=True
    )
    return done.stdout


def expect(shown: str, here: str) -> None:
    """Fail unless each line that is shown is among what comes back."""
    answer = ask(shown, here).splitlines()
    missing = [line for line in shown.splitlines()[1:] if line not in answer]
    if missing:
        raise SystemExit(f"The answer lacks {missing}: {answer}")
    print("\n".join(answer[: len(shown.splitlines())]), flush=True)


def expect_gone(shown: str, here: str) -> None:
    """Fail unless the page answers for itself again; a new project has none there."""
    status = ask(shown, here).splitlines()[0]
    if " 403 " not in f"{status} " and " 404 " not in f"{status} ":
        raise SystemExit(f"After the end the page does not answer: {status}")
    print(status, flush=True)


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]))
