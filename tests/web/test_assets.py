"""The files of the pages: found once, named by their content."""

from pathlib import Path

import pytest

from screenpop.web.assets import Assets, find_static


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_file_has_its_type_and_a_version_of_its_content(tmp_path: Path) -> None:
    before = Assets(write(tmp_path, js__a_dot_js="1", a_dot_css="1"))
    script = before.find("js/a.js")
    assert script is not None
    assert (script.content, script.media_type) == (b"1", "text/javascript; charset=utf-8")
    assert before.url("js/a.js") == f"/static/v-{before.version}/js/a.js"
    after = Assets(write(tmp_path, js__a_dot_js="2"))
    assert after.url("js/a.js") != before.url("js/a.js")
    assert after.version != before.version


@pytest.mark.defends("static-paths")
def test_hidden_files_and_what_leads_outside_are_not_there(tmp_path: Path) -> None:
    write(tmp_path, outside_dot_txt="secret")
    root = write(tmp_path / "root", _dot_hidden="x", a_dot_txt="x")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    assets = Assets(root)
    assert assets.find("a.txt") is not None
    for path in (".hidden", "../outside.txt", "link.txt", "/a.txt", "A.TXT", ""):
        assert assets.find(path) is None


def test_a_missing_file_is_a_mistake_of_the_template(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Assets(tmp_path).url("js/none.js")


def test_the_checkout_has_its_files() -> None:
    assert (find_static() / "css").is_dir()
