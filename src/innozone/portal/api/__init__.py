"""The API: the same services and the same gate as the pages, as JSON, under /api/v1/."""
