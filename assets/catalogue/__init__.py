"""Know-how of indicators, areas, periods, groups and products, kept as checked YAML."""
