"""Rules about figures, rows, returns and councils: pure functions, registered with examples."""
