"""Finding by name, code, pinyin, initials, and in spite of a slip; one index on both databases.

``queries.find`` is the one port; ``kinds`` says what can be found; ``workflows`` keep the index. ADR 0021.
"""
