"""Shapes of documents: one file a kind, one table KINDS, typed views over what is shared."""
