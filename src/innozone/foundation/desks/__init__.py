"""The one way in which any record is listed, filtered, shown, exported and served by the API."""
