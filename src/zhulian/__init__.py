"""Zhulian 筑联: an open municipal industrial internet platform."""

__version__ = "0.1.0"
