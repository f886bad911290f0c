"""Speed of conure beside the floor and its peers, as ratios: `python bench/run.py`.

Measures each peer that this interpreter can import, and others where told:
`--peer langchain=/path/to/its/venv/bin/python`. Rounds alternate between the peers, each in a
fresh process; figures are medians over the rounds. Quote ratios of one run, never a figure of
one day against a figure of another.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from measure import SCENARIOS
from peers import PEERS

__all__: list[str] = []

HERE = Path(__file__).parent
COLD = "ready, import and model"
UNITS = {COLD: "ms"} | {name: f"µs/{scenario.unit}" for name, scenario in SCENARIOS.items()}
Figures = dict[tuple[str, str], list[float]]  # peer, scenario -> one figure for each round


def one_round(peer: str, python: str, base: str, figures: Figures) -> None:
    cold = (
        f"import time; t = time.process_time(); {PEERS[peer].cold}; print(time.process_time() - t)"
    )
    seconds = subprocess.check_output([python, "-c", cold], text=True)
    figures[peer, COLD].append(float(seconds) * 1e3)
    command = [python, HERE / "measure.py", peer, base]
    for line in subprocess.check_output(command, text=True).splitlines():
        match json.loads(line):
            case {"scenario": name, "value": value}:
                figures[peer, name].append(value)
            case {"scenario": name, "error": error}:
                print(f"{peer}, {name}: {error}", file=sys.stderr)


def table(peers: list[str], figures: Figures) -> Iterator[str]:
    """Markdown: the first peer's figures, and the others' with their ratio to it."""
    yield "| | unit | " + " | ".join(peers) + " |"
    yield "|---|---" + "|--:" * len(peers) + "|"
    for name, unit in UNITS.items():
        values = [median(figures[peer, name]) if figures[peer, name] else None for peer in peers]
        cells = ["-" if v is None else f"{v:,.0f}" if v > 99 else f"{v:.3g}" for v in values]
        if values[0]:
            ratios = ["" if v is None else f" (×{v / values[0]:,.1f})" for v in values]
            cells = [cells[0], *map("".join, zip(cells[1:], ratios[1:], strict=True))]
        yield f"| {name} | {unit} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    options = parser.parse_args()
    pythons = {name: sys.executable for name, peer in PEERS.items() if find_spec(peer.needs)}
    pythons |= dict(given.split("=", 1) for given in options.peer)
    order = sorted(pythons, key=list(PEERS).index)
    figures: Figures = defaultdict(list)
    provider = [sys.executable, HERE / "provider.py"]
    with subprocess.Popen(provider, stdout=subprocess.PIPE, text=True) as process:
        try:
            base = f"http://127.0.0.1:{process.stdout.readline().strip()}"
            for turn in range(options.rounds):
                for peer in order[turn % len(order) :] + order[: turn % len(order)]:
                    print(f"round {turn + 1} of {options.rounds}: {peer}", file=sys.stderr)
                    one_round(peer, pythons[peer], base, figures)
        finally:
            process.kill()
    print("\n".join(table(order, figures)))


if __name__ == "__main__":
    main()
