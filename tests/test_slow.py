"""Which files ``make test-slow`` reads."""

from pathlib import Path

from tests.slow import SLOW, slow_files


def test_files_with_a_marked_test_and_files_of_slow_folders_are_read(tmp_path: Path) -> None:
    for name, text in {
        "a/test_marked.py": "@pytest.mark.slow\ndef test_x(): ...",
        "a/test_module.py": "pytestmark = pytest.mark.slow",
        "a/test_quick.py": "def test_slow(): ...",
        "a/marked.py": "@pytest.mark.slow",
        "b/test_other.py": "@pytest.mark.slow",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = slow_files(tmp_path, (f"{tmp_path.as_posix()}/b/",))
    assert [Path(name).name for name in found] == ["test_marked.py", "test_module.py"]


def test_each_slow_folder_and_file_is_read() -> None:
    found = tuple(slow_files(Path("tests")))
    assert [name for name in SLOW if not any(file.startswith(name) for file in found)] == []
