"""Imports of the register from spreadsheets: upload, mapping, preview, correction, commit, undo.

A *kind* of import (``workflows/kinds.py``) says which columns there are and how a row becomes a record; everything else
is the same for all of them, on the pages and on the command line.
"""
