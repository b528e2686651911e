"""The same graph and the same queries in our server and in Oxigraph's own, and their answers compared."""
