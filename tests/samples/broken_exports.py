"""A small sound export, and what can be done to it, each with words of the message that must answer."""

PREFIXES = """
PREFIX : <https://w3id.org/graphkit/id/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX gk: <https://w3id.org/graphkit/ns#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX article: <https://w3id.org/graphkit/id/article/>
PREFIX provider: <https://w3id.org/graphkit/id/provider/>
PREFIX topic: <https://w3id.org/graphkit/id/topic/>
"""

SAMPLE = (
    PREFIXES
    + r"""
article:a a schema:NewsArticle ;
    schema:headline "Police \"trial\"\nends" ; rdfs:label "Police \"trial\"\nends" ;
    schema:alternativeHeadline "Police trial ends" ;
    schema:description "A trial." ;
    schema:datePublished "2021-08-23T11:22:00Z"^^xsd:dateTime ;
    schema:dateModified "2021-08-24T11:22:00.5Z"^^xsd:dateTime ;
    schema:url <https://news.example/a> ;
    <http://www.w3.org/ns/iana/link-relations/relation#amphtml> <https://news.example/a/amp/> ;
    gk:cachedCopy <https://news-example.cdn.ampproject.org/c/s/news.example/a/amp/> ;
    schema:sameAs <https://www.news.example/a?utm_source=x> ;
    schema:publisher provider:news ; schema:provider provider:tube ; gk:publisherLabel "News on Tube" ;
    schema:about topic:ai ;
    schema:image <https://news.example/a.jpg> ;
    gk:relatedCoverage article:b , article:c ;
    gk:quality 87 ; gk:heat 0 ; gk:status gk:published ;
    schema:articleSection "news" ; schema:inLanguage "en-us" ;
    prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> .
article:b a schema:VideoObject ;
    schema:headline "A film" ; rdfs:label "A film" ;
    prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> .
article:c a schema:CreativeWork ;
    schema:url <https://news.example/course> ; gk:mediaType "course" ;
    prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> .
provider:news a schema:Organization ;
    schema:name "News" ; rdfs:label "News" ; schema:alternateName "The News" ;
    schema:url <https://news.example/> ; gk:domain "news.example" .
provider:tube a schema:Organization ;
    schema:name "Channel" ; rdfs:label "Channel" ; gk:domain "tube.example" ; gk:platform "Tube" .
topic:ai a skos:Concept ;
    skos:prefLabel "AI" ; skos:altLabel "ai" ; skos:hiddenLabel "robots" ;
    skos:broader topic:computing ; skos:inScheme :topics .
topic:computing a skos:Concept ; skos:prefLabel "Computing" ; skos:inScheme :topics .
:topics a skos:ConceptScheme ; rdfs:label "Topics" .
<https://news.example/a.jpg> a schema:ImageObject ;
    schema:contentUrl <https://news.example/a.jpg> ; schema:width 1200 ; schema:height 0 .
<https://w3id.org/graphkit/id/source/2021/a.md> a prov:Entity ; rdfs:label "2021/a.md" .
:dataset a void:Dataset , dcat:Dataset ;
    dcterms:title "Coverage graph" ; dcterms:license <https://spdx.org/licenses/CC-BY-4.0> ;
    dcterms:creator <https://w3id.org/graphkit/id/dataset/creator/desk> ; void:uriSpace "https://w3id.org/graphkit/id/" ;
    void:triples 70 ; void:entities 10 ; gk:policyVersion "1" ;
    void:classPartition <https://w3id.org/graphkit/id/dataset/class/NewsArticle> ;
    void:propertyPartition <https://w3id.org/graphkit/id/dataset/property/gk-heat> .
<https://w3id.org/graphkit/id/dataset/creator/desk> a prov:Agent ; rdfs:label "Desk" .
<https://w3id.org/graphkit/id/dataset/class/NewsArticle> void:class schema:NewsArticle ; void:entities 1 .
<https://w3id.org/graphkit/id/dataset/property/gk-heat> void:property gk:heat ; void:triples 1 .
"""
)

# What is done to the sample, and words of the message that must answer it.
MUTATIONS = {
    "article is a blank node": (
        (
            'INSERT DATA { _:x a schema:NewsArticle ; schema:headline "x" ;'
            " prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> }"
        ),
        "An article is an IRI",
    ),
    "article with a property nobody named": (
        'INSERT DATA { article:a gk:secured "c2VjcmV0" }',
        "only the properties that its shape names",
    ),
    "article without headline and address": (
        'DELETE DATA { article:b schema:headline "A film" ; rdfs:label "A film" }',
        "a schema:headline, a schema:url, or both",
    ),
    "two headlines": ('INSERT DATA { article:a schema:headline "x" }', "at most one schema:headline"),
    "headline with a language": (
        ('DELETE DATA { article:b schema:headline "A film" } ; INSERT DATA { article:b schema:headline "A film"@en }'),
        "schema:headline, a string",
    ),
    "two labels": ('INSERT DATA { article:a rdfs:label "x" }', "at most one rdfs:label"),
    "the headline as its own alternative": (
        'INSERT DATA { article:b schema:alternativeHeadline "A film" }',
        "other than the headline",
    ),
    "two descriptions": (
        'INSERT DATA { article:a schema:description "x" }',
        "at most one schema:description",
    ),
    "two dates": (
        'INSERT DATA { article:a schema:datePublished "2020-01-01T00:00:00Z"^^xsd:dateTime }',
        "at most one schema:datePublished",
    ),
    "date as a string": (
        'INSERT DATA { article:b schema:datePublished "2021-08-23T11:22:00Z" }',
        "schema:datePublished, an xsd:dateTime",
    ),
    "date in another time zone": (
        'INSERT DATA { article:b schema:datePublished "2021-08-23T11:22:00+02:00"^^xsd:dateTime }',
        "schema:datePublished, an xsd:dateTime in UTC",
    ),
    "date in no time zone": (
        'INSERT DATA { article:b schema:dateModified "2021-08-23T11:22:00"^^xsd:dateTime }',
        "schema:dateModified, an xsd:dateTime in UTC",
    ),
    "date that does not exist": (
        'INSERT DATA { article:b schema:datePublished "2021-02-30T11:22:00Z"^^xsd:dateTime }',
        "schema:datePublished, an xsd:dateTime",
    ),
    "address as a string": (
        'INSERT DATA { article:b schema:url "https://news.example/b" }',
        "schema:url, an http or https IRI",
    ),
    "address that is a script": (
        "INSERT DATA { article:b schema:url <javascript:alert(1)> }",
        "schema:url, an http or https IRI",
    ),
    "two addresses": (
        "INSERT DATA { article:a schema:url <https://news.example/b> }",
        "at most one schema:url",
    ),
    "AMP page that is a file": (
        "INSERT DATA { article:b <http://www.w3.org/ns/iana/link-relations/relation#amphtml> <file:///a> }",
        "An AMP page is an http or https IRI",
    ),
    "cached copy as a string": ('INSERT DATA { article:b gk:cachedCopy "x" }', "A gk:cachedCopy is"),
    "same as its own address": (
        "INSERT DATA { article:a schema:sameAs <https://news.example/a> }",
        "other than the article's schema:url",
    ),
    "two publishers": (
        "INSERT DATA { article:a schema:publisher provider:tube }",
        "at most one schema:publisher",
    ),
    "publisher that is a topic": (
        "INSERT DATA { article:b schema:publisher topic:ai }",
        "schema:publisher, a schema:Organization",
    ),
    "distributor that nobody describes": (
        "INSERT DATA { article:b schema:provider provider:x }",
        "A schema:provider is a schema:Organization",
    ),
    "publisher label that is an IRI": (
        "INSERT DATA { article:b gk:publisherLabel provider:news }",
        "A gk:publisherLabel is a string",
    ),
    "about a string": ('INSERT DATA { article:b schema:about "AI" }', "is a skos:Concept"),
    "image that nobody describes": (
        "INSERT DATA { article:b schema:image <https://news.example/b.jpg> }",
        "A schema:image is a schema:ImageObject",
    ),
    "related to a provider": (
        "INSERT DATA { article:b gk:relatedCoverage provider:news }",
        "A gk:relatedCoverage is a",
    ),
    "related to itself": (
        "INSERT DATA { article:a gk:relatedCoverage article:a }",
        "not its own gk:relatedCoverage",
    ),
    "two qualities": ("INSERT DATA { article:a gk:quality 1 }", "at most one gk:quality"),
    "quality as a decimal": ("INSERT DATA { article:b gk:quality 8.5 }", "gk:quality, an integer"),
    "heat that means unknown": ("INSERT DATA { article:b gk:heat -1 }", "an unknown heat is not stated"),
    "two heats": ("INSERT DATA { article:a gk:heat 1 }", "at most one gk:heat"),
    "status that does not exist": ("INSERT DATA { article:b gk:status gk:hidden }", "at most one gk:status"),
    "two statuses": ("INSERT DATA { article:a gk:status gk:draft }", "at most one gk:status"),
    "section as a number": ("INSERT DATA { article:b schema:articleSection 1 }", "schema:articleSection is"),
    "two bylines": ('INSERT DATA { article:a gk:byline "By A", "By B" }', "at most one gk:byline"),
    "two languages": ('INSERT DATA { article:a schema:inLanguage "fr" }', "at most one schema:inLanguage"),
    "two media types": ('INSERT DATA { article:c gk:mediaType "collection" }', "at most one gk:mediaType"),
    "article from nowhere": (
        "DELETE DATA { article:b prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> }",
        "at least one prov:wasDerivedFrom",
    ),
    "article from a provider": (
        "INSERT DATA { article:b prov:wasDerivedFrom provider:news }",
        "prov:wasDerivedFrom, each a prov:Entity",
    ),
    "organisation is a blank node": (
        'INSERT DATA { _:x a schema:Organization ; schema:name "x" ; rdfs:label "x" }',
        "An organisation is an IRI",
    ),
    "organisation without a name": (
        'DELETE DATA { provider:news schema:name "News" ; rdfs:label "News" }',
        "exactly one schema:name",
    ),
    "organisation with two names": (
        'INSERT DATA { provider:news schema:name "x" ; rdfs:label "x" }',
        "exactly one schema:name",
    ),
    "organisation labelled otherwise": (
        'INSERT DATA { provider:news rdfs:label "x" }',
        "rdfs:label is its schema:name",
    ),
    "the name as its own alternative": (
        'INSERT DATA { provider:news schema:alternateName "News" }',
        "other than the organisation's schema:name",
    ),
    "organisation with two addresses": (
        "INSERT DATA { provider:news schema:url <https://other.example/> }",
        "at most one schema:url",
    ),
    "organisation with two domains": (
        'INSERT DATA { provider:news gk:domain "x.example" }',
        "at most one gk:domain",
    ),
    "platform that is an IRI": (
        "INSERT DATA { provider:news gk:platform provider:tube }",
        "at most one gk:platform, a string",
    ),
    "concept without a label": (
        'DELETE DATA { topic:computing skos:prefLabel "Computing" }',
        "exactly one skos:prefLabel",
    ),
    "concept with two labels": ('INSERT DATA { topic:ai skos:prefLabel "x" }', "exactly one skos:prefLabel"),
    "preferred label as alternative": (
        'INSERT DATA { topic:ai skos:altLabel "AI" }',
        "other than the concept's skos:prefLabel",
    ),
    "alternative label as hidden": (
        'INSERT DATA { topic:ai skos:hiddenLabel "ai" }',
        "other than the concept's skos:prefLabel and skos:altLabel",
    ),
    "concept in no scheme": (
        "DELETE DATA { topic:ai skos:inScheme :topics }",
        "skos:inScheme exactly one",
    ),
    "concept in a scheme nobody describes": (
        "INSERT DATA { topic:ai skos:inScheme :other }",
        "skos:inScheme exactly one",
    ),
    "broader than a concept": ("INSERT DATA { topic:ai skos:broader :topics }", "broader is a skos:Concept"),
    "broader than itself": ("INSERT DATA { topic:ai skos:broader topic:ai }", "not its own skos:broader"),
    "scheme without a label": (
        'DELETE DATA { :topics rdfs:label "Topics" }',
        "A concept scheme has exactly one rdfs:label",
    ),
    "image without its address": (
        "DELETE DATA { <https://news.example/a.jpg> schema:contentUrl <https://news.example/a.jpg> }",
        "exactly one schema:contentUrl",
    ),
    "image at another address": (
        (
            "DELETE DATA { <https://news.example/a.jpg> schema:contentUrl <https://news.example/a.jpg> } ;"
            " INSERT DATA { <https://news.example/a.jpg> schema:contentUrl <https://news.example/b.jpg> }"
        ),
        "the image's own IRI",
    ),
    "image of negative width": (
        (
            "DELETE DATA { <https://news.example/a.jpg> schema:width 1200 } ;"
            " INSERT DATA { <https://news.example/a.jpg> schema:width -1 }"
        ),
        "at most one schema:width",
    ),
    "image of two heights": (
        "INSERT DATA { <https://news.example/a.jpg> schema:height 1 }",
        "at most one schema:height",
    ),
    "source without a name": (
        'DELETE DATA { <https://w3id.org/graphkit/id/source/2021/a.md> rdfs:label "2021/a.md" }',
        "A source has exactly one rdfs:label",
    ),
    "source named by an absolute path": (
        (
            'DELETE DATA { <https://w3id.org/graphkit/id/source/2021/a.md> rdfs:label "2021/a.md" } ;'
            ' INSERT DATA { <https://w3id.org/graphkit/id/source/2021/a.md> rdfs:label "/home/x/2021/a.md" }'
        ),
        "its path below the folder that was read",
    ),
    "dataset that VoID does not know": ("DELETE DATA { :dataset a void:Dataset }", "a void:Dataset"),
    "dataset without a count": ("DELETE DATA { :dataset void:triples 70 }", "exactly one void:triples"),
    "dataset with a negative count": (
        "DELETE DATA { :dataset void:entities 10 } ; INSERT DATA { :dataset void:entities -10 }",
        "exactly one void:entities",
    ),
    "dataset without a policy": ('DELETE DATA { :dataset gk:policyVersion "1" }', "one gk:policyVersion"),
    "dataset with two titles": ('INSERT DATA { :dataset dcterms:title "x" }', "exactly one dcterms:title"),
    "dataset with two licences": (
        "INSERT DATA { :dataset dcterms:license <https://spdx.org/licenses/MIT> }",
        "at most one dcterms:license",
    ),
    "creator as a string": ('INSERT DATA { :dataset dcterms:creator "Desk" }', "A dcterms:creator is an IRI"),
    "creator without a name": (
        'DELETE DATA { <https://w3id.org/graphkit/id/dataset/creator/desk> rdfs:label "Desk" }',
        "exactly one rdfs:label",
    ),
    "dataset without a URI space": (
        'DELETE DATA { :dataset void:uriSpace "https://w3id.org/graphkit/id/" }',
        "exactly one void:uriSpace",
    ),
    "class partition without a count": (
        "DELETE DATA { <https://w3id.org/graphkit/id/dataset/class/NewsArticle> void:entities 1 }",
        "A void:classPartition has exactly one",
    ),
    "property partition of nothing": (
        "DELETE DATA { <https://w3id.org/graphkit/id/dataset/property/gk-heat> void:property gk:heat }",
        "A void:propertyPartition has exactly one",
    ),
}
