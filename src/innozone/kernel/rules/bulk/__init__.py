"""All rows of a snapshot at once: rules compiled to packed bits, expressions to arrays."""
