"""Each code block of the documents for administrators is played by a test, or has a reason."""

from tests.install.document_blocks import NOT_PLAYED, OTHERS, PAGES, Way, blocks


def test_each_block_is_played_or_has_its_reason() -> None:
    every = [block for page in PAGES for block in blocks(page)]
    assert len(every) > 30
    for block in every:
        assert block.way in Way  # raises with the text of the block
    unused = [
        start
        for start in (*OTHERS, *NOT_PLAYED)
        if not any(block.text.startswith(start) for block in every)
    ]
    assert unused == []
