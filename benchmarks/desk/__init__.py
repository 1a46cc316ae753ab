"""How quick the steward desk is: from the answer to a case to the next case, as a steward works through the queue."""
