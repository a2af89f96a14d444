"""Independent implementations that say what graphkit should answer; they share no code with it."""
