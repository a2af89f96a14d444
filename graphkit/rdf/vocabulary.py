"""The vocabulary: the terms an export uses, each once, and their prefixes."""

from __future__ import annotations

from types import MappingProxyType

DEFAULT_BASE = "https://w3id.org/graphkit/id/"
"""The base of the IRIs that graphkit gives to articles, providers, topics and sources."""

GK = "https://w3id.org/graphkit/ns#"
SCHEMA = "https://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
XSD = "http://www.w3.org/2001/XMLSchema#"
IANA = "http://www.w3.org/ns/iana/link-relations/relation#"

PREFIXES = MappingProxyType(
    {
        "dcat": DCAT,
        "dcterms": DCTERMS,
        "gk": GK,
        "iana": IANA,
        "prov": PROV,
        "rdf": RDF,
        "rdfs": RDFS,
        "schema": SCHEMA,
        "skos": SKOS,
        "void": VOID,
        "xsd": XSD,
    }
)

TYPE = RDF + "type"
LABEL = RDFS + "label"
INTEGER = XSD + "integer"
DATE_TIME = XSD + "dateTime"

# Articles
NEWS_ARTICLE = SCHEMA + "NewsArticle"
VIDEO_OBJECT = SCHEMA + "VideoObject"
CREATIVE_WORK = SCHEMA + "CreativeWork"
HEADLINE = SCHEMA + "headline"
ALTERNATIVE_HEADLINE = SCHEMA + "alternativeHeadline"
DESCRIPTION = SCHEMA + "description"
DATE_PUBLISHED = SCHEMA + "datePublished"
DATE_MODIFIED = SCHEMA + "dateModified"
URL = SCHEMA + "url"
AMP_PAGE = IANA + "amphtml"
CACHED_COPY = GK + "cachedCopy"
SAME_AS = SCHEMA + "sameAs"
PUBLISHER = SCHEMA + "publisher"
DISTRIBUTOR = SCHEMA + "provider"
PUBLISHER_LABEL = GK + "publisherLabel"
ABOUT = SCHEMA + "about"
IMAGE = SCHEMA + "image"
RELATED = GK + "relatedCoverage"
QUALITY = GK + "quality"
HEAT = GK + "heat"
STATUS = GK + "status"
MEDIA_TYPE = GK + "mediaType"
SECTION = SCHEMA + "articleSection"
LANGUAGE = SCHEMA + "inLanguage"
BYLINE = GK + "byline"
DERIVED_FROM = PROV + "wasDerivedFrom"

# Providers
ORGANIZATION = SCHEMA + "Organization"
NAME = SCHEMA + "name"
ALTERNATE_NAME = SCHEMA + "alternateName"
DOMAIN = GK + "domain"
PLATFORM = GK + "platform"

# Topics
CONCEPT = SKOS + "Concept"
CONCEPT_SCHEME = SKOS + "ConceptScheme"
PREF_LABEL = SKOS + "prefLabel"
ALT_LABEL = SKOS + "altLabel"
HIDDEN_LABEL = SKOS + "hiddenLabel"
BROADER = SKOS + "broader"
IN_SCHEME = SKOS + "inScheme"

# Images
IMAGE_OBJECT = SCHEMA + "ImageObject"
CONTENT_URL = SCHEMA + "contentUrl"
WIDTH = SCHEMA + "width"
HEIGHT = SCHEMA + "height"

# Sources and the dataset
ENTITY = PROV + "Entity"
DATASET = VOID + "Dataset"
DCAT_DATASET = DCAT + "Dataset"
TITLE = DCTERMS + "title"
LICENCE = DCTERMS + "license"
CREATOR = DCTERMS + "creator"
AGENT = PROV + "Agent"
URI_SPACE = VOID + "uriSpace"
TRIPLES = VOID + "triples"
ENTITIES = VOID + "entities"
CLASS_PARTITION = VOID + "classPartition"
CLASS = VOID + "class"
PROPERTY_PARTITION = VOID + "propertyPartition"
PROPERTY = VOID + "property"
POLICY = GK + "policyVersion"

MEDIA_CLASSES = MappingProxyType({"article": NEWS_ARTICLE, "video": VIDEO_OBJECT})
CLASSES = MappingProxyType(
    {
        "article": CREATIVE_WORK,
        "provider": ORGANIZATION,
        "topic": CONCEPT,
        "image": IMAGE_OBJECT,
        "source": ENTITY,
        "scheme": CONCEPT_SCHEME,
    }
)
"""The class of each kind of subject; of an article unless `MEDIA_CLASSES` has one for its media."""

STATUSES = MappingProxyType({name: GK + name for name in ("published", "draft", "removed")})
VARIANTS = MappingProxyType({"amphtml": AMP_PAGE, "cachedCopy": CACHED_COPY, "original": SAME_AS})


def compact(iri: str) -> str:
    """Write an IRI with its prefix where it has one.

    >>> compact("https://schema.org/headline")
    'schema:headline'
    """
    return next((f"{prefix}:{iri[len(space) :]}" for prefix, space in PREFIXES.items() if iri.startswith(space)), iri)
