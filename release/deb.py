"""The ``.deb``: a virtual environment of Debian's own Python, filled here, in one package.

The tree is laid out from wheels alone, so no root and no Debian of that release is needed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from release.lock_file import ROOT
from release.targets import Suite, Target
from release.wheels import (
    SOURCE_ONLY,
    build_own_wheel,
    fetch_wheels,
    file_sum,
    locked_packages,
    requirement_lines,
    run,
    run_pip,
)
from screenpop import __version__
from screenpop.cli.shipped_files import INSTALLED_AS, UNITS

HOME = Path("usr/lib/screenpop")
"""The virtual environment."""
_PARTS = ROOT / "packaging" / "debian"
_SCRIPTS = ("postinst", "prerm", "postrm")
_START = """\
#!/{home}/bin/python3
import sys

from screenpop.cli import main

sys.exit(main())
"""


def build_deb(suite: Suite, architecture: str, folder: Path, version: str = __version__) -> Path:
    """Build the package of a release of Debian into ``folder`` and return its path.

    The same commit and the same lock file give the same bytes.
    """
    if shutil.which("dpkg-deb") is None:
        raise SystemExit("dpkg-deb is missing. On Debian and Ubuntu: apt-get install dpkg")
    debian_version = f"{version}~deb{suite.number}"
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / f"screenpop_{debian_version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="screenpop-deb-") as scratch:
        wheels, tree = Path(scratch) / "wheels", Path(scratch) / "tree"
        wheels.mkdir()
        target = Target(suite.python, architecture)
        fetch_wheels([target], wheels)
        _environment(target, build_own_wheel(wheels).parent, tree / HOME)
        _system_files(tree)
        _control(tree, suite, architecture, debian_version)
        _plain_modes(tree)
        run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(tree), str(package)])
    return package


def _environment(target: Target, wheels: Path, home: Path) -> None:
    """Lay out what ``python3 -m venv`` and pip would make with the target's Python."""
    python = f"python{target.python}"
    packages = home / "lib" / python / "site-packages"
    chosen = wheels / "requirements.tmp"
    locked = target.packages(locked_packages())
    lines = requirement_lines([one for one in locked if one.name not in SOURCE_ONLY])
    own = [*(next(wheels.glob(f"{name}-*.whl")) for name in SOURCE_ONLY)]
    own.append(next(wheels.glob("screenpop-*.whl")))
    for wheel in own:
        name, number = wheel.name.split("-")[:2]
        lines += f"{name}=={number} --hash=sha256:{file_sum(wheel)}\n"
    chosen.write_text(lines, encoding="utf-8")
    run_pip(
        *("install", "--no-index", "--find-links", str(wheels), "--no-deps", "--no-compile"),
        *("--require-hashes", "--target", str(packages), *target.pip_options()),
        # pip compares with the Python that runs it; the download compared with the target's.
        "--ignore-requires-python",
        *("--requirement", str(chosen)),
    )
    # Start scripts of pip name the Python that ran it; only our own is needed.
    shutil.rmtree(packages / "bin", ignore_errors=True)
    for record in packages.glob("*.dist-info/RECORD"):
        kept = [
            line
            for line in record.read_text(encoding="utf-8").splitlines(keepends=True)
            if not line.startswith(("../../bin/", "bin/"))
        ]
        record.write_text("".join(kept), encoding="utf-8")
    _write(
        home / "pyvenv.cfg",
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {target.python}\n",
    )
    _write(home / "bin" / "screenpop", _START.format(home=HOME), mode=0o755)
    (home / "bin" / "python3").symlink_to(f"/usr/bin/{python}")


def _system_files(tree: Path) -> None:
    for unit in UNITS:
        text = (ROOT / "packaging" / unit).read_text(encoding="utf-8")
        text = text.replace(INSTALLED_AS, f"/{HOME}/bin/screenpop")
        _write(tree / "usr/lib/systemd/system" / unit, text)
    _write(
        tree / "usr/bin/screenpop",
        (_PARTS / "screenpop").read_text(encoding="utf-8"),
        mode=0o755,
    )
    documents = tree / "usr/share/doc/screenpop"
    for source, name in (
        ("LICENSE", "copyright"),
        ("CHANGELOG.md", "CHANGELOG.md"),
        ("packaging/debian/README.Debian", "README.Debian"),
        ("requirements-server.lock", "requirements-server.lock"),
    ):
        _write(documents / name, (ROOT / source).read_text(encoding="utf-8"))


def _control(tree: Path, suite: Suite, architecture: str, version: str) -> None:
    control = (_PARTS / "control").read_text(encoding="utf-8")
    size = sum(path.stat().st_size for path in tree.rglob("*") if not path.is_symlink()) // 1024
    for name, value in (
        ("VERSION", version),
        ("ARCHITECTURE", architecture),
        ("PYTHON", f"python{suite.python}"),
        ("SIZE", str(size)),
    ):
        control = control.replace(f"@{name}@", value)
    _write(tree / "DEBIAN/control", control)
    for name in _SCRIPTS:
        text = (_PARTS / name).read_text(encoding="utf-8")
        _write(tree / "DEBIAN" / name, text, mode=0o755)


def _plain_modes(tree: Path) -> None:
    """Give files the modes that Debian expects, whatever the umask of this process is."""
    for path in tree.rglob("*"):
        if path.is_symlink():
            continue
        is_program = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if is_program else 0o644)
    tree.chmod(0o755)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
