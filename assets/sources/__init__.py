"""Know-how of outside sources: one module per format or protocol, never per council."""
