"""Large files made on request: asked for by a person, built by a worker, fetched within days.

A package is a row. Apps above register a ``Builder`` for each kind in ``ready()``
(``registry.register``) and ask with ``services.request``; the pages at ``/packages/`` do the rest.
"""
