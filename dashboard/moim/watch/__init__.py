"""`moim watch`: what changes in a document, on a terminal or through a pipe."""
