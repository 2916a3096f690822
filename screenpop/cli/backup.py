"""``screenpop backup``, ``restore``: saves all data in one file, and brings it back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screenpop.cli.console import err, errors_as_sentences, out, print_done
from screenpop.cli.serve import SettingsFile

if TYPE_CHECKING:
    from screenpop.store.backup.archive import BackupFacts

_LONGEST_LINE = 4096

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="Encrypt with the passphrase in the first line of this file.",
        dir_okay=False,
    ),
]


def backup(
    to: Annotated[
        Path, typer.Argument(help="A new file, or a folder; there it is named by its time.")
    ] = Path(),
    passphrase_file: PassphraseFile = None,
    keep: Annotated[
        int, typer.Option(min=0, help="In a folder: keep this many, remove older; 0: all.")
    ] = 0,
    without_key: Annotated[
        bool, typer.Option("--without-document-key", help="Leave out document.key.")
    ] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Save database, settings, token, key and attached files in one file; the server may run."""
    with errors_as_sentences():
        from screenpop.app.backup import save_backup
        from screenpop.settings import load_settings
        from screenpop.settings.loading import settings_path

        settings, path = load_settings(settings_file), settings_path(settings_file)
        saved = save_backup(
            settings,
            to,
            settings_file=path if path.is_file() else None,
            passphrase=_passphrase(passphrase_file),
            with_key=not without_key,
            keep=keep,
        )
        print_done(f"{saved.file}: {saved.size:,} bytes, {saved.files} files, read again whole.")
        for old in saved.removed:
            out.print(f"  Removed {old}", markup=False)
        if saved.facts.lacks_key:
            err.print(
                "  document.key is not in it. Without that file the numbers of passports are lost:"
                " keep it elsewhere."
            )
        if passphrase_file is None:
            err.print(
                "  It is not encrypted: names, numbers and the PBX's secret are in it. Keep it as"
                " you keep the server, or use --passphrase-file."
            )


def restore(
    file: Annotated[Path, typer.Argument(help="A file of screenpop backup.", dir_okay=False)],
    passphrase_file: PassphraseFile = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace data; what is there is kept beside it.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only read it to the last byte; change nothing.")
    ] = False,
    settings_file: SettingsFile = None,
) -> None:
    """Bring back a backup on a stopped server. All of it is checked before anything changes."""
    with errors_as_sentences():
        from screenpop.app.backup import check_backup, restore_backup, take_settings
        from screenpop.settings import load_settings
        from screenpop.settings.loading import settings_path

        passphrase = _passphrase(passphrase_file)
        if check:
            print_done(f"{file} is whole: {_described(check_backup(file, passphrase))}.")
            return
        path = settings_path(settings_file)
        if not path.exists() and take_settings(file, path, passphrase):
            print_done(f"{path} is from the backup.")
        restored = restore_backup(
            load_settings(settings_file), file, passphrase=passphrase, replace=replace
        )
        print_done(f"Restored: {_described(restored.facts)}, now at schema {restored.schema}.")
        if restored.aside is not None:
            out.print(f"  What was there before is in {restored.aside}", markup=False)
        if restored.facts.lacks_key:
            err.print("  document.key was not in the backup: put that file back yourself.")
        if restored.erased_since:
            err.print(
                f"  {restored.erased_since} customers were erased after this backup was made and"
                " are back now. Erase them again, and remove the folder with what was before."
            )


def rotate_key(settings_file: SettingsFile = None) -> None:
    """Exchange document.key for a new key on a stopped server; run again after an interruption."""
    with errors_as_sentences():
        from screenpop.app.backup import rotate_document_key
        from screenpop.settings import load_settings

        report = rotate_document_key(load_settings(settings_file), lambda _: None)
        if report is None:
            print_done("Nothing was sealed with document.key yet, so there is nothing to exchange.")
            return
        print_done(
            f"document.key is a new key: {report.values:,} values and {report.files:,} attached"
            " files are sealed with it. Make a backup now; older ones hold the old key."
        )
        if report.unreadable:
            err.print(
                f"  {report.unreadable:,} values or files could not be opened with the old key, and"
                " are as they were."
            )


def _described(facts: "BackupFacts") -> str:
    made = datetime.fromtimestamp(facts.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"Screenpop {facts.version}, schema {facts.schema}, made {made}"


def _passphrase(file: Path | None) -> str:
    if file is None:
        return ""
    with file.open(encoding="utf-8") as source:
        passphrase = source.readline(_LONGEST_LINE).rstrip("\r\n")
    if not passphrase:
        raise typer.BadParameter(f"{file} is empty: write the passphrase in its first line")
    return passphrase
