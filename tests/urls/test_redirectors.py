"""Every redirector of the table leads to the address that it holds, and to nothing else."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from samples.addresses import addresses
from samples.examples import examples

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.canonical_url import canonical, receipt

REDIRECTORS = packaged_table("urls/redirectors.toml")["redirector"]
WITH_PARAMETERS = [entry for entry in REDIRECTORS if "parameters" in entry]


def prefix(entry: dict[str, str], host: str) -> str:
    return f"https://{host.replace('*.', 'eur01.').replace('.*', '.co.uk')}{entry.get('path', '/any')}"


def written(entry: dict[str, dict[str, str]], target: str) -> str:
    text = quote(target, safe="")
    for sign, meaning in entry.get("writing", {}).items():
        text = text.replace(meaning, sign)
    return text


def test_every_redirector_names_its_source() -> None:
    for entry in REDIRECTORS:
        assert entry["source"].startswith("https://")
        assert entry["hosts"]
        assert len({"parameters", "address"} & set(entry)) <= 1


@pytest.mark.parametrize("entry", WITH_PARAMETERS, ids=lambda entry: f"{entry['hosts'][0]}{entry.get('path', '')}")
def test_a_redirector_leads_to_the_target_in_each_of_its_parameters(entry: dict[str, list[str]]) -> None:
    for host in entry["hosts"]:
        start = prefix(entry, host)  # type: ignore[arg-type]
        for name in entry["parameters"]:
            held = written(entry, "https://a.example/b?id=7&c=2")  # type: ignore[arg-type]
            assert canonical(f"{start}?x=1&{name}={held}&sig=2") == "https://a.example/b?id=7&c=2"
            if "signed" not in entry and "writing" not in entry:
                assert canonical(f"{start}?{name}=https://a.example/b&sig=2") == "https://a.example/b"
            for other in (f"{start}?{name}=b", f"{start}?{name}=", f"{start}?x{name}=https://a.example/b", start):
                assert "redirect" not in [rule.name for rule in receipt(other).rules]


@examples(150)
@given(addresses())
def test_what_a_redirector_holds_is_what_it_is_alone(address: str) -> None:
    alone = receipt(address).url
    if alone.startswith("https://"):
        held = canonical(f"https://l.facebook.com/l.php?u={quote(alone, safe='')}&h=x")
        assert held == alone
