"""What moim keeps: documents, their updates and snapshots. No sockets, no event loop."""
