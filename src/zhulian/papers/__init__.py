"""Papers that leave the platform: each has a number and a code by which anybody can verify that it was issued here.

The paper itself is made by ``spreadsheets.document`` and not kept; kept is who issued what, when, for whom.
"""
