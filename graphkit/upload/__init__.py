"""Stores: RDF taken to a triple store over HTTP, and a look at whether all of it arrived.

    source ─▶ survey ─▶ loading ─▶ graphs ─▶ connection ─▶ the store
    (parts)             (journal)  (kinds)   (digest)
                           └────▶ verification ◀── graphs

Nothing here is imported before it is asked for.
"""
