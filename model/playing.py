"""The process that plays: one loaded network, a few players, display lists out. It knows no Django and no
people; faces never come here, only their names (`scene.stage.AbsentHead`).

    python -m model.playing --listen unix:/path

One connection is one run. Lines of JSON go both ways:

    in   {"open": {"material", "person", "seed", "heads"}}   {"do": {action, facing, energy, shown}}
         {"shown": n}   {"keep": true}
    out  {"type": "set", size, fps, actions}                 {"type": "slot", from, frames, paints, images}
         {"type": "kept", material, seconds}                 {"type": "over", why}

The watcher says which key frame it shows; this process stays `AHEAD` key frames before it. What is pressed
takes effect `LEAD` key frames after the one shown: those are on their way already.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from model.scene import tracks as T

AHEAD, LEAD = 2 * T.S, 2
MOST_PLAYERS = 4
LONGEST_LINE = 32 << 20
SHORTEST_KEPT_S = 2


class Player:
    """One run with its stage; every method blocks and is called in the one drawing thread."""

    def __init__(self, native: Any, opening: dict[str, Any]) -> None:
        from model.play import PLAYABLE, Run
        from model.scene import material
        from model.scene.stage import AbsentHead, Memory, Stage

        reel = material.unpack_reel(base64.b64decode(opening["material"]))
        shot = reel.shots[0]
        self.who, self.shown = shot.who, 0
        self.run = Run(native, shot.scene, int(opening.get("person", 0)), int(opening.get("seed", 1)))
        heads = {
            int(i): AbsentHead(str(head["name"]), np.clip(np.array(head["skin"], float), 0, 1))
            for i, head in dict(opening.get("heads", {})).items()
        }
        self.stage = Stage(self.run.made, heads)
        self.memories = [Memory(self.run.plan)]
        self.drawn = 0
        self.actions = PLAYABLE

    def first(self) -> list[dict[str, Any]]:
        about = {
            "type": "set",
            "size": self.stage.size,
            "fps": T.FPS,
            "actions": self.actions,
            "action": self.run.plan.people[self.run.person].action,
        }
        return [about, self.slot()]

    def slot(self) -> dict[str, Any]:
        """The display lists of the key frames that were made and not drawn yet."""
        made, start, frames = self.run.made, self.drawn, []
        for k in range(start, made.frames):
            memory = self.memories[k].copy()
            now = memory.next(made.world[k], made.people[:, k], made.props[:, k])
            row = (made.world[k], made.people[:, k], made.props[:, k], made.blink[:, k])
            frames.append(self.stage.moment(*row, now))
            self.memories.append(memory)
        self.drawn = made.frames
        images = {n: base64.b64encode(d).decode() for n, d in self.stage.fresh_images().items()}
        paints = self.stage.paints.fresh()
        return {"type": "slot", "from": start, "frames": frames, "paints": paints, "images": images}

    def steer(self, wish: dict[str, Any]) -> dict[str, Any]:
        """What was pressed, as new key frames after those that are on their way."""
        self.shown = max(self.shown, int(wish.get("shown", 0)))
        energy = wish.get("energy")
        at = self.run.steer(
            str(wish.get("action") or ""),
            int(wish.get("facing") or 0),
            None if energy is None else float(energy),
            at=min(self.run.frames, self.shown + 1 + LEAD),
        )
        self.drawn = min(self.drawn, at)
        del self.memories[self.drawn + 1 :]
        self.run.more()
        return self.slot()

    def onwards(self) -> dict[str, Any] | None:
        """More, where the watcher comes near the end of what was made."""
        if self.run.is_full or self.run.frames - self.shown > AHEAD:
            return None
        self.run.more()
        return self.slot()

    def keep(self) -> dict[str, Any]:
        """The run as it was shown, ready to become a clip."""
        from model.scene import material
        from model.scene.reel import one

        made = self.run.made
        stop = max(SHORTEST_KEPT_S * T.FPS, min(self.shown + 1, made.frames))
        stop = min(stop, made.frames)
        scene = T.Scene(
            self.run.plan, made.world[:stop], made.people[:, :stop], made.props[:, :stop], made.seed
        )
        packed = base64.b64encode(material.pack_reel(one(scene, self.who))).decode()
        return {"type": "kept", "material": packed, "seconds": scene.seconds}


class Process:
    """Accepts players; one thread samples and draws for all of them, in turn."""

    def __init__(self) -> None:
        self.players = 0
        self.native: Any = None
        self.thread = ThreadPoolExecutor(1)

    async def serve(self, address: str) -> None:
        if address.startswith("unix:"):
            path = Path(address.removeprefix("unix:"))
            path.unlink(missing_ok=True)
            previous = os.umask(0o177)
            server = await asyncio.start_unix_server(self.welcome, str(path), limit=LONGEST_LINE)
            os.umask(previous)
        else:
            host, _, port = address.rpartition(":")
            server = await asyncio.start_server(self.welcome, host, int(port), limit=LONGEST_LINE)
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with server:
            await stopped.wait()
        self.thread.shutdown(wait=False, cancel_futures=True)

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.players += 1
        try:
            if self.players > MOST_PLAYERS:
                await _say(writer, {"type": "over", "why": "busy"})
            else:
                await self._play(reader, writer)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            with contextlib.suppress(OSError):
                await _say(writer, {"type": "over", "why": getattr(error, "code", "no_sense")})
        except (OSError, asyncio.IncompleteReadError):
            pass  # the player left
        finally:
            self.players -= 1
            writer.close()

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opening = json.loads(await reader.readline())["open"]
        player = await self._work(lambda: Player(self._engine(), opening))
        for message in await self._work(player.first):
            await _say(writer, message)
        while line := await reader.readline():
            message = json.loads(line)
            if "do" in message:
                await _say(writer, await self._work(lambda wish=message["do"]: player.steer(wish)))
            elif "keep" in message:
                await _say(writer, await self._work(player.keep))
            elif "shown" in message:
                player.shown = max(player.shown, int(message["shown"]))
            if player.run.is_full and player.shown + 1 >= player.run.frames:
                await _say(writer, {"type": "over", "why": "full"})
            elif (slot := await self._work(player.onwards)) is not None:
                await _say(writer, slot)

    async def _work(self, work: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    def _engine(self) -> Any:
        if self.native is None:
            import torch

            from model import generate

            torch.set_num_threads(1)
            self.native = generate.load()
        return self.native


async def _say(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    await writer.drain()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play clips live.")
    parser.add_argument("--listen", required=True)
    asyncio.run(Process().serve(parser.parse_args().listen))
