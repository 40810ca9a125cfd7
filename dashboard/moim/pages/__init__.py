"""The pages that a page worker serves, each a function that Panel calls once per session."""
