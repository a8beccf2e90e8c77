"""Know-how of statistics: pure functions, frame in, frame out."""
