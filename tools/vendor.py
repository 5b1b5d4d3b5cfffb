"""Copies the browser libraries of the pages, with licence and version, out of their npm packages.

The files are committed, so nobody needs Node to run or build voltgate; run this (with npm) only to change a version:
``python tools/vendor.py``.
"""

import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

TARGET = Path(__file__).parent.parent / "src/voltgate/csms/ui/static/vendor"


class Library(NamedTuple):
    """An npm package and the files of it that pages use."""

    package: str
    version: str
    files: tuple[str, ...]


LIBRARIES = (
    Library("leaflet", "1.9.4", ("dist/leaflet.js", "dist/leaflet.css", "LICENSE")),
    Library("topojson-client", "3.1.0", ("dist/topojson-client.min.js", "LICENSE")),
    Library("uplot", "1.6.32", ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE")),
    Library("world-atlas", "2.0.2", ("countries-50m.json", "LICENSE")),
)


def fetch(library: Library) -> None:
    """Copy the files of one library to the vendor folder, with a VERSION file beside them."""
    folder = TARGET / library.package
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pack = ["npm", "pack", "--silent", f"{library.package}@{library.version}"]
        subprocess.run(pack, cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
            for name in library.files:
                member = archive.extractfile(f"package/{name}")
                if member is None:
                    raise SystemExit(f"{library.package} {library.version} has no file {name}")
                (folder / Path(name).name).write_bytes(member.read())
    (folder / "VERSION").write_text(f"{library.package} {library.version}\n")


def main() -> None:
    """Fetch every library."""
    for library in LIBRARIES:
        fetch(library)
        print(f"{library.package} {library.version}")


if __name__ == "__main__":
    main()
