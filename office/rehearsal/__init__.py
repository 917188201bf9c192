"""A whole call played with made-up people on a moved clock, in a database that is thrown away.

``judging`` looks at the rules and dates, ``playing`` acts through the services as people would,
``sandbox`` holds both in a process of their own, ``keeping`` keeps the report beside the call.
"""
