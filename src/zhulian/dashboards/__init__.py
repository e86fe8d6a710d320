"""What people keep of their looking at readings: favourite points, saved views, marks on the time axis, dashboards.

Each belongs to a person or to an enterprise. Whoever sees the enterprise sees what is its own; its engineers and owners
change it. Readings themselves stay in telemetry, and are asked for anew with the rights of whoever looks.
"""
