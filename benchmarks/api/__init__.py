"""How fast the API answers many at once: look-ups and searches before create, against a real `registry serve`."""
