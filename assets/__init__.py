"""The flow. Five files, read in order, are the stages; the folders below them are know-how."""
