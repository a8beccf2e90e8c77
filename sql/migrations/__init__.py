"""How the warehouse came to its present shape, one step a file; a step is never edited again."""
