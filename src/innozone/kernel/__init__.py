"""The kernel: terms, rules, reading, linkage, columns, packs. Plain Python, no web framework, no word of any zone."""
