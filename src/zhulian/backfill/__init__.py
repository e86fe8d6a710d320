"""历史数据导入: files of past readings on their way into telemetry: whose, by whom, how they are read, how far.

Reading and sending are ``telemetry.backfill``; this room keeps the record, knows the rights, and is what pages show.
"""
