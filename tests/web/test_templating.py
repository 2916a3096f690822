"""What templates can rely on."""

from pathlib import Path

import jinja2
import pytest

from screenpop.web.assets import Assets
from screenpop.web.templating import open_templates


def render_page(tmp_path: Path, source: str, **context: object) -> str:
    (tmp_path / "page.html").write_text(source, encoding="utf-8")

    def gettext(msgid: str, /, **params: object) -> str:
        words = {"Hello %(name)s": "Γεια <σου> %(name)s"}.get(msgid, msgid)
        return words % params if params else words

    templates = open_templates(tmp_path, Assets(tmp_path))
    return templates.get_template("page.html").render(t=gettext, gettext=gettext, **context)


@pytest.mark.parametrize(
    "source",
    [
        "{{ t('Hello %(name)s', name=customer_id) }}",
        "{% trans name=customer_id %}Hello {{ name }}{% endtrans %}",
    ],
)
def test_words_and_what_is_filled_in_are_displayed_as_text(tmp_path: Path, source: str) -> None:
    assert render_page(tmp_path, source, customer_id="<b>") == "Γεια &lt;σου&gt; &lt;b&gt;"


def test_what_is_not_there_is_a_mistake_and_not_an_empty_space(tmp_path: Path) -> None:
    with pytest.raises(jinja2.UndefinedError):
        render_page(tmp_path, "{{ nobody }}")
