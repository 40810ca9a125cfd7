"""moim: a self-hosted, local-first team dashboard."""
