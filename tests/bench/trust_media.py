"""Every hostile file through the intake's walls: what was wrong, what the worst cost, and who was called."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.hostile import films, pictures
from tests.hostile.case import Case


class Canary:
    """Listens where hostile files point; whoever connects was lured out."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.hits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/canary"

    def _listen(self) -> None:
        while True:
            self.server.accept()[0].close()
            self.hits += 1


def all_cases(address: str) -> list[Case]:
    pictures.CANARY = films.CANARY = address
    return [*pictures.cases(), *films.cases()]


def figures() -> dict[str, Any]:
    """Files, wrong ones by name, the worst CPU (s) and memory (MB) of a child, and who was called."""
    canary = Canary()
    wrong: list[str] = []
    worst_cpu: tuple[float, str] = (0.0, "")
    worst_rss: tuple[float, str] = (0.0, "")
    cases = all_cases(canary.address)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            answer, cpu, rss = opened(case, case.write(Path(folder)))
            if not (answer in case.reasons or (answer == "taken" and case.taken)):
                wrong.append(f"{case.name}: {answer}")
            worst_cpu = max(worst_cpu, (round(cpu, 2), case.name))
            worst_rss = max(worst_rss, (round(rss, 1), case.name))
    return {
        "badmedia_files": len(cases),
        "badmedia_wrong": len(wrong),
        "badmedia_wrong_names": wrong,
        "badmedia_cpu_s": worst_cpu[0],
        "badmedia_cpu_worst": worst_cpu[1],
        "badmedia_rss_mb": worst_rss[0],
        "badmedia_rss_worst": worst_rss[1],
        "canary_hits": canary.hits,
    }


def opened(case: Case, path: Path) -> tuple[str, float, float]:
    """('taken' or the refusal's name, CPU seconds, peak MB) of the walled child."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.write(write, _answer(case, path).encode())
        import resource

        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(write, f"|{used.ru_utime + used.ru_stime}|{used.ru_maxrss / 1024}".encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    answer, cpu, rss = text.split("|")
    return answer, float(cpu), float(rss)


def _answer(case: Case, path: Path) -> str:
    from cameos.intake import sandbox
    from cameos.intake.refusals import IntakeRefused

    try:
        (sandbox.decode_picture if case.task == "picture" else sandbox.decode_video)(path)
    except IntakeRefused as refusal:
        return refusal.reason.value
    except Exception as error:
        return type(error).__name__
    return "taken"
