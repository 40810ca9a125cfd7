"""Charts of documents: Bokeh figures whose data follows every edit."""
