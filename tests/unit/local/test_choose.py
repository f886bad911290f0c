"""Names of models: which are repositories, and which of their files is meant."""

from __future__ import annotations

import pytest

from conure.errors import ModelNotFoundError
from conure.local.choose import Repository, choose, read_name

QWEN = [
    "Qwen3-4B-BF16.gguf",
    "Qwen3-4B-IQ4_NL.gguf",
    "Qwen3-4B-Q4_K_M.gguf",
    "Qwen3-4B-Q8_0.gguf",
    "Qwen3-4B-UD-Q4_K_XL.gguf",
    "mmproj-F16.gguf",
    "UD-Q2_K_XL/big-UD-Q2_K_XL-00001-of-00002.gguf",
    "UD-Q2_K_XL/big-UD-Q2_K_XL-00002-of-00002.gguf",
    "README.md",
]


@pytest.mark.parametrize(
    "name, repository",
    [
        ("unsloth/Qwen3-4B-GGUF", Repository("unsloth/Qwen3-4B-GGUF")),
        ("unsloth/Qwen3-4B-GGUF:Q8_0", Repository("unsloth/Qwen3-4B-GGUF", "Q8_0")),
        ("a/b.c:d/e-00001-of-00002.gguf", Repository("a/b.c", "d/e-00001-of-00002.gguf")),
        ("a/b.gguf:Q8_0", Repository("a/b.gguf", "Q8_0")),
        ("models/qwen3.gguf", None),
        ("models/qwen3.GGUF", None),
        ("/models/qwen3", None),
        ("./qwen3", None),
        ("../a/b", None),
        ("~/qwen3", None),
        ("a/b/c", None),
        ("qwen3", None),
        ("a/b c", None),
        ("C:\\models\\qwen3", None),
    ],
)
def test_names_of_repositories(name, repository):
    assert read_name(name) == repository
    if repository is not None:
        assert str(repository) == name


@pytest.mark.parametrize(
    "wanted, files",
    [
        (None, ["Qwen3-4B-Q4_K_M.gguf"]),
        ("Q8_0", ["Qwen3-4B-Q8_0.gguf"]),
        ("q8_0", ["Qwen3-4B-Q8_0.gguf"]),
        ("BF16", ["Qwen3-4B-BF16.gguf"]),
        ("Q4_K_XL", ["Qwen3-4B-UD-Q4_K_XL.gguf"]),
        ("UD-Q4_K_XL", ["Qwen3-4B-UD-Q4_K_XL.gguf"]),
        ("UD-Q2_K_XL", QWEN[6:8]),
        (QWEN[6], QWEN[6:8]),
        ("Qwen3-4B-BF16.gguf", ["Qwen3-4B-BF16.gguf"]),
    ],
)
def test_the_file_that_is_meant(wanted, files):
    assert choose(QWEN, Repository("a/b", wanted)) == files


@pytest.mark.parametrize("wanted", ["Q4", "Q4_K", "F16", "Q5_K_M", "mmproj", QWEN[7]])
def test_a_file_that_is_not_there(wanted):
    with pytest.raises(ModelNotFoundError, match=r"a/b:.*the repository has .*Q4_K_M\.gguf"):
        choose(QWEN, Repository("a/b", wanted))


@pytest.mark.parametrize(
    "names, usual",
    [(QWEN[:2] + QWEN[3:], "Qwen3-4B-Q8_0.gguf"), (QWEN[:2], "Qwen3-4B-BF16.gguf")],
)
def test_without_the_usual_one_another(names, usual):
    assert choose(names, Repository("a/b")) == [usual]


def test_a_repository_without_models():
    with pytest.raises(ModelNotFoundError, match=r"no \.gguf file at all"):
        choose(["README.md", "mmproj.gguf"], Repository("a/b"))


def test_a_part_that_is_missing():
    with pytest.raises(ModelNotFoundError, match=r"00002-of-00002\.gguf is missing"):
        choose(QWEN[:7], Repository("a/b", "UD-Q2_K_XL"))
