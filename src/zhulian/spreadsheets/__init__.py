"""Tables from and to the spreadsheets that people work with, and A4 documents. Pure: no Django, no records.

``reading`` takes an uploaded file apart, ``headers`` finds its columns, ``cells`` says what a cell means, ``writing``
makes xlsx and csv files, ``document`` makes A4 pages. Called by every room above that imports or exports.
"""
