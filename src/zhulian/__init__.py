"""Zhulian 筑联: an open municipal industrial internet platform."""

__version__ = "0.2.0"
