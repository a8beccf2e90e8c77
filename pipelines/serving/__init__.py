"""Reading over HTTP: the published site and files, and an API over the released databases."""
