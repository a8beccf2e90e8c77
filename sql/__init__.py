"""Where things are kept and what shape they have: the data contract, frames, the warehouse."""
