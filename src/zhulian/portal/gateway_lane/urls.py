"""Addresses of the gateways' identity lane; they match ``zhulian.wire.lane``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
