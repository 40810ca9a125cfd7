"""Who may come in, and what they may do: accounts, sign-ins, tokens, and the gate that asks."""
