"""Backup and restore: database and stored files as one encrypted archive.

``making`` writes one, ``restoring`` reads one back into an empty place, which then is sealed
(``audit.restoring``). ``envelope`` is the cipher, ``archive`` what lies inside, ``databases`` the
two kinds of database, ``files`` the storage.
"""
