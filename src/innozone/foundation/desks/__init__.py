"""The one way in which any record is listed, filtered, shown, exported and served by the API.

A desk is a declaration: a queryset, columns, filters. From it come the table page, the detail drawer, saved views,
the Excel and CSV files and, through `Desk.rows`, the same list as JSON. Parts: columns, filters, desk, export, views.
"""
