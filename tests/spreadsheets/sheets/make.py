"""Writes the sheets beside this file, with LibreOffice.

Needed only to change a sheet (``apt-get install libreoffice-calc``); the tests read what is
committed. Each language is one flat document, opened by LibreOffice and saved as XLSX, XLS, ODS and
CSV in the encoding an office of that country has. What is expected of every row is in the JSON
file of the same name; that one is written by hand, after reading the row.
"""

import subprocess
import tempfile
from pathlib import Path

from tests.spreadsheets.sheets.document import flat_document
from tests.spreadsheets.sheets.english_rows import ENGLISH
from tests.spreadsheets.sheets.greek_rows import GREEK
from tests.spreadsheets.sheets.persian_rows import PERSIAN

HERE = Path(__file__).parent

_CSV = "csv:Text - txt - csv (StarCalc):{separator},34,{encoding},1"
_ENCODINGS = {"utf-8": 76, "cp1253": 35, "cp1256": 38, "utf-16": 65535}
"""As LibreOffice numbers them."""


OFFICES = (
    ("english", ENGLISH, "Customers", 44, "utf-8"),
    ("persian", PERSIAN, "مشتریان", 44, "utf-16"),
    ("greek", GREEK, "Πελάτες", 59, "cp1253"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for office, rows, sheet, separator, encoding in OFFICES:
            document = Path(name) / f"{office}.fods"
            document.write_text(flat_document(rows, sheet), encoding="utf-8")
            csv = _CSV.format(separator=separator, encoding=_ENCODINGS[encoding])
            for kind in ("xlsx", "ods", "xls:MS Excel 97", csv):
                _convert(document, kind, Path(name) / "profile")


def _convert(document: Path, kind: str, profile: Path) -> None:
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            HERE,
            document,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )


if __name__ == "__main__":
    main()
