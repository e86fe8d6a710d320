"""Sparkplug B: machines that others connect, heard through an ordinary MQTT broker (Eclipse Sparkplug 3.0.0).

The gateway is a host application here: it listens, asks for births, and never reads a machine itself. ``payload`` turns
bytes into metrics, ``nodes`` keeps what each edge node has said (pure), ``host`` speaks MQTT.
"""
