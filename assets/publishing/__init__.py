"""Know-how of releases: difference, version, decision, package, store, verification."""
