"""Files of organizations give providers, whether or not an article has them."""

import json
from pathlib import Path
from typing import Any

import pytest
from processes.builds import cut_finely, exported, published

import graphkit

BIG = """taxonomy: organization
_id: big
name: Big News
domain: big.example
images:
  - https://pictures.example/big.jpg
"""


def organization(**fields: Any) -> str:
    return json.dumps({"taxonomy": "organization", **fields})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    article = {"title": "T", "webUrl": "https://a.example/t", "provider": {"name": "big news"}}
    (folder / "article.json").write_text(json.dumps(article))
    return folder


def test_an_organization_is_a_provider_without_any_fault(folder: Path) -> None:
    (folder / "big.yaml").write_text(BIG)
    (folder / "also.md").write_text(f"---\n{BIG}---\n")
    (folder / "alone.json").write_text(organization(name="Alone", domain="alone.example"))
    (folder / "substack.jsonl").write_text(organization(name="Notes", domain="notes.substack.com") + "\n")
    built = graphkit.build(folder)
    providers = {node for node, data in built.graph.nodes(data=True) if data["kind"] == "provider"}
    assert providers == {"provider/big.example", "provider/alone.example", "provider/notes.substack.com"}
    # The name that the article has is that of one provider with a domain.
    assert [target for _, target, kind in built.graph.edges(keys=True) if kind == "publisher"] == [
        "provider/big.example"
    ]
    assert built.report["records"] == {"read": 5, "added": 4, "merged": 1, "rejected": 0, "left_out": 0}
    assert [one.code for one in built.diagnostics] == ["GK312"]  # the article's, which has a name only


def test_an_organization_without_name_and_domain_is_rejected(folder: Path) -> None:
    (folder / "a.json").write_text(organization(shortname="B"))
    (folder / "b.json").write_text(organization(domain="nothing"))
    (folder / "c.json").write_text(organization(name="Big", domain="big.example", url="https://big.example/"))
    built = graphkit.build(folder)
    assert built.report["records"] == {"read": 4, "added": 2, "merged": 0, "rejected": 2, "left_out": 0}
    assert [str(one).partition(": ")[2] for one in built.diagnostics if one.source != "article.json"] == [
        "expected a provider's name and domain, got neither [GK311]",
        "domain: expected a domain that can be registered, got 'nothing' [GK312]",
        "url: expected a field of an organization, got one that is not read [GK319]",
    ]


@pytest.mark.engine
def test_organizations_come_and_go_with_the_cache(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    big = folder / "big.yaml"
    for step in range(3):
        if step == 1:
            big.write_text(BIG)
            (folder / "other.json").write_text(organization(name="Other", domain="other.example"))
        elif step == 2:
            big.write_text(BIG.replace("big.example", "bigger.example"))
            (folder / "other.json").unlink()
        expected = exported(folder, tmp_path / f"expected{step}")
        with cut_finely():
            assert published(folder, out) == expected
            assert published(folder, tmp_path / f"jobs{step}", jobs=2, cache=False) == expected
