"""The steps; each is named by the schema that it makes, a number that counts up.

A step says what it does by itself, without the tables of `storage`: those move on. It runs in the
transaction of whoever asked, so what it does to SQLite must not need a second one.
"""
