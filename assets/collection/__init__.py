"""Know-how of council returns: forms, their keys, the inbox."""
