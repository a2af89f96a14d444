"""Tables that the policy stands on; each entry names where it is documented."""
