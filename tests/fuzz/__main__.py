"""``python -m tests.fuzz [TARGET…] [--seconds N]``: feed parsers with bytes that atheris chooses.

atheris (https://github.com/google/atheris) follows which code an input reaches and changes the
inputs that reach new code. Each target runs in a process of its own. The corpus stays in
``.cache/fuzz``, so that a later run goes on from it; an input that fails is written to
``tests/fuzz/found``, where ``test_targets.py`` plays it for ever. Prints inputs and findings.
"""

import argparse
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.targets import TARGETS, seeds

ROOT = Path(__file__).parents[2]
FOUND = Path(__file__).parent / "found"
CORPUS = ROOT / ".cache" / "fuzz"


def main() -> int:
    """Fuzz the named targets, or all; return the number of those that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=1800, help="for each target")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        print("atheris is missing; make fuzz installs it")
        return 2
    if asked.one:
        _fuzz_one(asked.one, asked.seconds)
        return 0
    if unknown := set(asked.targets) - set(TARGETS):
        print(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
        return 2
    return sum(not _run(target, asked.seconds) for target in asked.targets or TARGETS)


def _run(target: str, seconds: int) -> bool:
    command = [sys.executable, "-m", "tests.fuzz", "--one", target, "--seconds", str(seconds)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False
    )
    runs = re.findall(r"^#(\d+)|Done (\d+) runs", done.stderr, re.MULTILINE)
    count = max((int(first or second) for first, second in runs), default=0)
    print(f"{target:16} {count:>12,} inputs in {seconds} s: ", end="")
    print("nothing found" if done.returncode == 0 else "FAILED", flush=True)
    if done.returncode:
        print(done.stderr[-3000:])
    return done.returncode == 0


def _fuzz_one(target: str, seconds: int) -> None:
    import atheris

    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(seeds(target)):
        (corpus / f"seed-{place}").write_bytes(seed)
    atheris.instrument_all()
    options = [
        *(f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048"),
        *(f"-artifact_prefix={FOUND}/{target}-", "-print_final_stats=1"),
    ]
    atheris.Setup([sys.argv[0], str(corpus), *options], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
