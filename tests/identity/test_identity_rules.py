"""What identity.toml states decides: who published a page, which pages are apart, which parameters are content."""

from __future__ import annotations

import pytest

from graphkit.identity.folding import slug
from graphkit.identity.identification import facts_of
from graphkit.identity.identity_file import IdentityFile, rules_of
from graphkit.identity.identity_rules import IdentityRules, provider_named
from graphkit.identity.provider_explanation import provider_explanation
from graphkit.identity.provider_refs import attribution_at
from graphkit.records.entry import Entry
from graphkit.urls import canonical_url


def rules(text: str) -> IdentityRules:
    return rules_of([IdentityFile("identity.toml", text)])


@pytest.mark.parametrize(
    "text,id",
    [
        ("forbes.com", "provider/forbes.com"),
        ("www.Forbes.com", "provider/forbes.com"),
        ("provider/forbes.com", "provider/forbes.com"),
        ("https://www.forbes.com/about", "provider/forbes.com"),
        ("youtube.com", "provider/youtube.com"),
        ("youtube.com/Game Rant", "provider/youtube.com/game-rant"),
        ("youtu.be/game-rant", "provider/youtube.com/game-rant"),
        ("msn.com/The Star", "provider/msn.com/the-star"),
        ("harbournotes.substack.com", "provider/harbournotes.substack.com"),
        ("Game Rant", "provider/game-rant"),
        ("provider/game-rant", "provider/game-rant"),
        ("Forbes Inc.", f"provider/{slug('Forbes Inc.')}"),
        (f"provider/{slug('C#')}", f"provider/{slug('C#')}"),
        ("", None),
        ("provider/", None),
        ("a/b", None),
        ("forbes.com/x", None),
    ],
)
def test_a_provider_is_named_as_people_write_it(text: str, id: str | None) -> None:
    found = provider_named(text)
    assert (found and found.id) == id


@pytest.mark.parametrize(
    "name,domain,publisher,distributor",
    [
        ("The Star on MSN.com", "msn.com", ("provider/thestar.com", "The Star"), "provider/msn.com"),
        ("the star on  MSN.com", "msn.com", ("provider/thestar.com", "the star"), "provider/msn.com"),
        ("The Star on MSN.com", "", ("provider/thestar.com", "The Star on MSN.com"), None),
        ("Star Wire", "agency.example", ("provider/thestar.com", "Star Wire"), None),
        ("MSN Reports", "msn.com", ("provider/reports.example", "MSN Reports"), "provider/msn.com"),
        ("AP via Yahoo", "yahoo.com", ("provider/associated-press", "Associated Press"), "provider/yahoo.com"),
        ("The Star on MSN", "msn.com", ("provider/msn.com/the-star", "The Star"), "provider/msn.com"),
    ],
)
def test_a_label_means_its_provider(
    name: str, domain: str, publisher: tuple[str, str], distributor: str | None
) -> None:
    stated = rules("""
[labels]
"The Star on MSN.com" = "thestar.com"
"Star Wire" = "thestar.com"
"MSN Reports" = "reports.example"
"AP via Yahoo" = "Associated Press"
""")
    found = stated.attribution_at(name, domain, "")
    assert found.publisher is not None
    assert (found.publisher.id, found.publisher.name, found.publisher.label) == (*publisher, name)
    assert (found.distributor and found.distributor.id) == distributor
    assert found.publisher.by_name is (found.publisher.name == "Associated Press" or found.rule == "aggregator-label")


def test_hosts_of_one_domain_that_are_never_the_same_are_providers() -> None:
    stated = rules('[[different]]\nproviders = ["news.bbc.co.uk", "www.bbc.co.uk", "sport.bbc.co.uk"]')
    for domain, provider in (
        ("news.bbc.co.uk", "news.bbc.co.uk"),
        ("https://www.sport.bbc.co.uk/x", "sport.bbc.co.uk"),
        ("bbc.co.uk", "bbc.co.uk"),
        ("radio.bbc.co.uk", "bbc.co.uk"),
        ("", ""),
    ):
        found = stated.attribution_at("BBC", domain, "").publisher
        assert found is not None
        assert found.id == f"provider/{provider or 'bbc'}"


def test_pages_that_are_never_the_same_have_keys_of_their_own() -> None:
    stated = rules(
        '[[different]]\narticles = ["https://a.example/p", "https://a.example/p/amp", "https://a.example/p?utm_id=2"]'
    )
    keys = {
        address: facts_of(Entry(web_url=address), stated).key
        for address in (
            "https://a.example/p",
            "http://www.a.example/p/amp/",
            "https://a.example/p?utm_id=2",
            "https://a.example/p?utm_id=3",
        )
    }
    assert list(keys.values()) == ["a.example/p", "a.example/p/amp", "a.example/p?utm_id=2", "a.example/p"]
    (rule,) = stated.receipt("https://a.example/p/amp").rules
    assert (rule.name, rule.detail) == ("identity-different", stated.texts[0])
    assert facts_of(Entry(web_url="https://a.example/p/amp")).key == "a.example/p"


def test_a_record_that_declares_a_page_its_own_is_not_believed_where_they_are_apart() -> None:
    stated = rules('[[different]]\narticles = ["https://a.example/p", "https://a.example/p/amp"]')
    page = Entry(
        web_url="https://a.example/p", amp_url="https://a.example/p/amp", original_url="https://b.example/original"
    )
    assert ("amphtml", "https://a.example/p/amp") in facts_of(page).variants
    assert facts_of(page, stated).variants == (("original", "https://b.example/original"),)
    other = Entry(web_url="https://c.example/p", amp_url="https://a.example/p/amp")
    assert facts_of(other, stated).variants == (("amphtml", "https://a.example/p/amp"),), "nothing is said about it"


@pytest.mark.parametrize(
    "address,canonical",
    [
        ("https://a.example/p?utm_source=1&gclid=2", "https://a.example/p?utm_source=1"),
        ("https://www.a.example/p?UTM_Source=1", "https://www.a.example/p?UTM_Source=1"),
        ("https://deep.a.example:8080/p?utm_source=1", "https://deep.a.example:8080/p?utm_source=1"),
        ("https://ba.example/p?utm_source=1", "https://ba.example/p"),
        ("https://a.example.com/p?utm_source=1", "https://a.example.com/p"),
        ("https://a.example/p?utm_medium=1", "https://a.example/p"),
    ],
)
def test_a_parameter_is_content_on_its_host_only(address: str, canonical: str) -> None:
    stated = rules('[parameters]\n"a.example" = ["utm_source"]')
    found = stated.receipt(address)
    assert found.url == canonical
    assert [rule.name for rule in found.rules].count("identity-parameters") == ("tm_s" in canonical.lower())
    assert stated.receipt(found.url).url == canonical, "idempotent"
    assert "tm_s" not in canonical_url.canonical(address).lower()
    assert bool(list(stated.uses("", [found.url]))) is ("tm_s" in canonical.lower())


def test_without_rules_nothing_changes() -> None:
    stated = rules("")
    for name, domain in (("USA Today on MSN", "msn.com"), ("IGN", "youtube.com"), ("", ""), ("A", "a.example")):
        assert stated.attribution_at(name, domain, "x.example") == attribution_at(name, domain, "x.example")
    entry = Entry(web_url="https://a.example/p/amp?utm_source=1", provider_name="A", title="T")
    assert facts_of(entry, stated) == facts_of(entry)


@pytest.mark.parametrize(
    "name,domain,expected",
    [
        ("Forbes", "forbes.com", {"publisher": "provider/forbes.com", "decided": "domain: "}),
        ("Forbes", "", {"publisher": "provider/forbes", "decided": "name: "}),
        ("IGN", "youtube.com", {"publisher": "provider/youtube.com/ign", "decided": "platform-name: "}),
        ("Notes", "notes.substack.com", {"publisher": "provider/notes.substack.com", "decided": "platform-site: "}),
        ("", "substack.com", {"publisher": "provider/substack.com", "decided": "platform: "}),
        ("AFP via Yahoo News UK", "yahoo.com", {
            "publisher": "provider/yahoo.com/afp", "distributor": "provider/yahoo.com", "decided": "aggregator-label: "}),
        ("AFP", "yahoo.com", {
            "publisher": "provider/yahoo.com/afp", "distributor": "provider/yahoo.com", "decided": "aggregator-guest: "}),
        ("", "", {"decided": "nothing: "}),
        ("Wire", "", {"publisher": "provider/a.example", "decided": "identity.toml: labels: Wire: provider/a.example"}),
        ("C", "c.example", {"publisher": "provider/c.example", "decided": "domain: ", "kept": "provider/b.example",
            "because": "identity.toml: same_provider: provider/b.example, provider/c.example"}),
    ],
)  # fmt: skip
def test_an_explanation_names_the_rule(name: str, domain: str, expected: dict[str, str]) -> None:
    stated = rules('[labels]\nWire = "a.example"\n[[same_provider]]\nproviders = ["b.example", "c.example"]')
    found = provider_explanation(name, domain, "", stated)
    assert found.keys() == expected.keys()
    assert all(found[key].startswith(value) for key, value in expected.items())
