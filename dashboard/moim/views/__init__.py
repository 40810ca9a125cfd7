"""The public Panel components: what the browser draws, with params that sync both ways."""
