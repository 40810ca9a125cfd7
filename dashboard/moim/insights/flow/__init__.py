"""How work flows through a project, from its log of changes; for charts and notebooks."""
