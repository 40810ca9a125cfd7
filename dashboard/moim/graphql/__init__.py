"""The GraphQL door at `/graphql`: `docs/graphql.md` says it to programs."""
