"""Messages with reasons and receipts."""
