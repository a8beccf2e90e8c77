"""Know-how of file formats: each module turns the bytes of one format into cells of text."""
