"""What `innozone up` and `innozone test` start and stop: database, browser packages, processes. No Django here."""
