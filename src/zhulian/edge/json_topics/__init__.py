"""Machines heard over MQTT in plain JSON: topics and paths said in the gateway's file, no Sparkplug, no state.

``rules`` says which topic and which part of a message is what, ``heard`` keeps the machines, ``listener`` the line.
"""
