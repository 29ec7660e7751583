"""Choosing under limits: the cheapest way to a verdict, the best set of items, who gets what of a budget."""
