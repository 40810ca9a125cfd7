"""Webhooks: what changes in a document, sent to an address of somebody's choice."""
