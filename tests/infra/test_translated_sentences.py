"""What a program says is found by the tools that collect the sentences to translate."""

import ast
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def untranslatable(source):
    """The lines on which a sentence is translated inside an f-string, where no tool looks for it."""
    return [
        call.lineno
        for text in ast.walk(ast.parse(source))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "_"
    ]


def test_no_sentence_is_translated_inside_an_f_string():
    assert untranslatable("f\"{self.env._('lost')}\"") == [1]
    assert not untranslatable("self.env._('found')")
    found = [
        f"{path.relative_to(HOUSE)}:{line}"
        for path in HOUSE.glob("fabloch_*/**/*.py")
        for line in untranslatable(path.read_text(encoding="utf-8"))
    ]
    assert not found
