"""Each script is parsed and linked in a browser without being run: one bad file stops a page."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

STATIC = Path(__file__).parents[2] / "static"
SITE = "http://modules.invalid"
LINK_ALL = """async (paths) => {
  const errors = {};
  for (const path of paths) {
    const error = await import(`/entry${path}`).catch((error) => error);
    if (error.message !== "linked") errors[path] = `${error.name}: ${error.message}`;
  }
  return errors;
}"""
PARSE_ALL = """async (sources) => {
  const errors = {};
  for (const [path, source] of Object.entries(sources)) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const error = await import(url).catch((error) => error);
    if (error instanceof SyntaxError) errors[path] = error.message;
  }
  return errors;
}"""


def scripts() -> dict[str, str]:
    """The modules by their address: our own and those they come with."""
    return {
        f"/{path.relative_to(STATIC)}": path.read_text(encoding="utf-8")
        for path in sorted(STATIC.rglob("*.js"))
    }


Served = Callable[[Mapping[str, str]], Page]


@pytest.fixture
def served(browser: Browser) -> Iterator[Served]:
    """A blank page of a site that has these modules and nothing else."""
    page = browser.new_page()

    def serve(sources: Mapping[str, str]) -> Page:
        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(SITE)
            if path == "/":
                route.fulfill(content_type="text/html", body="<p>modules</p>")
            elif path == "/stop.js":
                route.fulfill(content_type="text/javascript", body="throw new Error('linked')")
            elif path.startswith("/entry/"):
                # All is linked before anything is run, and the first that is run stops the rest.
                target = path.removeprefix("/entry")
                body = f"import '/stop.js'; import '{target}';"
                route.fulfill(content_type="text/javascript", body=body)
            elif path in sources:
                route.fulfill(content_type="text/javascript", body=sources[path])
            else:
                route.fulfill(status=404)

        page.route("**/*", answer)
        page.goto(f"{SITE}/")
        return page

    yield serve
    page.close()


def syntax_errors(page: Page, sources: Mapping[str, str]) -> dict[str, str]:
    """What the parser complains of, by module. An import that leads nowhere keeps it from running
    where it is right."""
    unable = {path: f"import '/nowhere.js';{source}" for path, source in sources.items()}
    errors: dict[str, str] = page.evaluate(PARSE_ALL, unable)
    return errors


def link_errors(page: Page, sources: Mapping[str, str]) -> dict[str, str]:
    """By module: an import of a file or a name that does not exist."""
    errors: dict[str, str] = page.evaluate(LINK_ALL, list(sources))
    return errors


def test_every_module_is_parsed(served: Served) -> None:
    sources = scripts()
    assert len(sources) > 40
    assert syntax_errors(served(sources), sources) == {}


def test_every_module_imports_only_files_and_names_that_exist(served: Served) -> None:
    sources = scripts()
    page = served(sources)
    assert link_errors(page, sources) == {}
    assert page.inner_html("body") == "<p>modules</p>", "nothing was run"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("export const a = {;", "Unexpected token"),
        ("export const a = 1; const a = 2;", "already been declared"),
        ("const a = await;", "Unexpected token"),
        ("`${`", "end of input"),
    ],
)
def test_a_syntax_error_is_found_in_its_file(served: Served, bad: str, words: str) -> None:
    sources = {"/js/good.js": "import { a } from './bad.js'; a();", "/js/bad.js": bad}
    errors = syntax_errors(served(sources), sources)
    assert list(errors) == ["/js/bad.js"]
    assert words in errors["/js/bad.js"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("import { b } from './other.js';", "does not provide an export named 'b'"),
        ("import './gone.js';", "Failed to fetch"),
    ],
)
def test_a_missing_name_or_file_is_found(served: Served, bad: str, words: str) -> None:
    sources = {"/js/bad.js": bad, "/js/other.js": "export const a = 1;"}
    errors = link_errors(served(sources), sources)
    assert list(errors) == ["/js/bad.js"]
    assert words in errors["/js/bad.js"]
